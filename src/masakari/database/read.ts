import type { Holdings } from '../holdings.ts';
import type { MasakariDatabase, Row } from './open.ts';
import { columnsOf, tablesOf, type MasakariTable, type Schema } from './schema.ts';
import { RowProblem } from './row-problem.ts';
import { hostOf, isDeleted, notificationOf, segmentOf, vmoveOf } from './understand.ts';

/** A row that says what no Masakari writes. */
export interface BrokenRow {
  readonly table: MasakariTable;
  readonly id: number;
  readonly problem: string;
}

export interface ReadDatabase {
  readonly holdings: Holdings;
  readonly broken: readonly BrokenRow[];
  /** Soft-deleted rows, which stay behind. */
  readonly deleted: Readonly<Record<MasakariTable, number>>;
}

const TIMES = ['created_at', 'updated_at', 'generated_time', 'start_time', 'end_time'];

/** Everything that Masakari's API shows, and what cannot be understood of it. */
export async function readMasakari(database: MasakariDatabase, schema: Schema): Promise<ReadDatabase> {
  const raw: Record<MasakariTable, readonly Row[]> = {
    failover_segments: [],
    hosts: [],
    notifications: [],
    vmoves: [],
  };
  for (const table of tablesOf(schema)) raw[table] = await database.rows(selectOf(table, schema));
  const broken: BrokenRow[] = [];
  const understood = <T>(table: MasakariTable, understand: (row: Row) => T): readonly T[] =>
    raw[table].flatMap((row) => {
      if (isDeleted(row)) return [];
      try {
        return [understand(row)];
      } catch (error) {
        if (!(error instanceof RowProblem)) throw error;
        broken.push({ table, id: Number(row.id), problem: error.message });
        return [];
      }
    });
  // A notification names its host by uuid only, and that host may be deleted since.
  const everyHost = new Map(raw.hosts.map((row) => [String(row.uuid), row] as const));
  const holdings: Holdings = {
    segments: understood('failover_segments', segmentOf),
    hosts: understood('hosts', hostOf),
    notifications: understood('notifications', (row) => notificationOf(row, everyHost)),
    vmoves: understood('vmoves', vmoveOf),
  };
  const count = (table: MasakariTable): number => raw[table].filter(isDeleted).length;
  const deleted = {
    failover_segments: count('failover_segments'),
    hosts: count('hosts'),
    notifications: count('notifications'),
    vmoves: count('vmoves'),
  };
  return { holdings, broken, deleted };
}

/** Times as texts: they are UTC without saying so, and the driver would take them for its own time zone. */
function selectOf(table: MasakariTable, schema: Schema): string {
  const columns = columnsOf(table, schema).map((column) =>
    TIMES.includes(column) ? `date_format(\`${column}\`, '%Y-%m-%dT%H:%i:%s.%f') as \`${column}\`` : `\`${column}\``,
  );
  return `select ${columns.join(', ')} from \`${table}\` order by id`;
}
