import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { readFileSync } from 'node:fs';
import { LifeboatError, messageOf } from '../errors.ts';
import type { DatabasePlace } from './database-url.ts';

export interface MasakariHost {
  readonly uuid: string;
  readonly name: string;
  readonly type: string;
  readonly controlAttributes: string;
  readonly reserved: boolean;
  readonly onMaintenance: boolean;
}

export interface MasakariSegment {
  readonly uuid: string;
  readonly name: string;
  readonly serviceType: string;
  readonly description: string | undefined;
  readonly recoveryMethod: string;
  readonly enabled: boolean;
  /** In the order in which they were made. */
  readonly hosts: readonly MasakariHost[];
}

/** What stands in Masakari's database; nothing is changed in it. */
export interface MasakariRecords {
  /** Of alembic; undefined for what is older. */
  readonly schema: string | undefined;
  readonly segments: readonly MasakariSegment[];
  readonly removedSegments: number;
  readonly removedHosts: number;
  /** By status. */
  readonly notifications: Readonly<Record<string, number>>;
}

const ANSWER_MS = 30_000;

/** Throws CONFIG_INVALID when the database is not Masakari's, and STORE_UNUSABLE when it cannot be read. */
export async function readMasakari(place: DatabasePlace): Promise<MasakariRecords> {
  const { caFile, ...login } = place;
  let connection: Connection | undefined;
  try {
    connection = await createConnection({
      ...login,
      connectTimeout: 10_000,
      flags: ['-LOCAL_FILES'],
      ...(caFile === undefined ? {} : { ssl: { ca: readFileSync(caFile, 'utf8') } }),
    });
    await connection.query({ sql: 'START TRANSACTION READ ONLY', timeout: ANSWER_MS });
    return await readAll(connection);
  } catch (error) {
    if (error instanceof LifeboatError) throw error;
    if ((error as { readonly errno?: number }).errno === NO_SUCH_TABLE) {
      throw new LifeboatError('CONFIG_INVALID', `${place.database} on ${place.host} is not a database of Masakari`);
    }
    throw new LifeboatError(
      'STORE_UNUSABLE',
      `Masakari’s database on ${place.host} cannot be read: ${messageOf(error)}`,
    );
  } finally {
    connection?.destroy();
  }
}

const NO_SUCH_TABLE = 1_146;

async function readAll(connection: Connection): Promise<MasakariRecords> {
  const rows = async (sql: string): Promise<readonly RowDataPacket[]> => {
    const [found] = await connection.query<RowDataPacket[]>({ sql, timeout: ANSWER_MS });
    return found;
  };
  const segments = await rows('SELECT * FROM failover_segments WHERE deleted = 0 ORDER BY id');
  const hosts = await rows('SELECT * FROM hosts WHERE deleted = 0 ORDER BY id');
  const statuses = await rows('SELECT status, COUNT(*) AS n FROM notifications WHERE deleted = 0 GROUP BY status');
  const [removed] = await rows(
    'SELECT (SELECT COUNT(*) FROM failover_segments WHERE deleted <> 0) AS segments, ' +
      '(SELECT COUNT(*) FROM hosts WHERE deleted <> 0) AS hosts',
  );
  const version = await rows('SELECT version_num FROM masakari_alembic_version').catch(() => []);
  return {
    schema: version[0] === undefined ? undefined : String(version[0]['version_num']),
    segments: segments.map((segment) => readSegment(segment, hosts)),
    removedSegments: Number(removed?.['segments'] ?? 0),
    removedHosts: Number(removed?.['hosts'] ?? 0),
    notifications: Object.fromEntries(statuses.map((row) => [String(row['status']), Number(row['n'])])),
  };
}

function readSegment(row: RowDataPacket, hosts: readonly RowDataPacket[]): MasakariSegment {
  return {
    uuid: textIn(row, 'uuid'),
    name: textIn(row, 'name'),
    serviceType: textIn(row, 'service_type'),
    description: row['description'] === null ? undefined : textIn(row, 'description'),
    recoveryMethod: textIn(row, 'recovery_method'),
    // Older schemas have no such column, and NULL is what was there before it came.
    enabled: row['enabled'] === undefined || row['enabled'] === null || Boolean(row['enabled']),
    hosts: hosts.filter((host) => host['failover_segment_id'] === row['uuid']).map(readHost),
  };
}

function readHost(row: RowDataPacket): MasakariHost {
  return {
    uuid: textIn(row, 'uuid'),
    name: textIn(row, 'name'),
    type: row['type'] === null ? '' : textIn(row, 'type'),
    controlAttributes: row['control_attributes'] === null ? '' : textIn(row, 'control_attributes'),
    reserved: Boolean(row['reserved']),
    onMaintenance: Boolean(row['on_maintenance']),
  };
}

function textIn(row: RowDataPacket, column: string): string {
  const value: unknown = row[column];
  if (typeof value === 'string') return value;
  throw new LifeboatError(
    'CONFIG_INVALID',
    `Masakari’s database has a row whose ${column} is no text (id ${String(row['id'])})`,
  );
}
