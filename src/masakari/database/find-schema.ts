import { LifeboatError } from '../../errors.ts';
import type { MasakariDatabase } from './open.ts';
import { columnsOf, SCHEMA_OF_VERSION, SCHEMAS, tablesOf, type Schema } from './schema.ts';

/** Which release's schema it is, and whether it is all there. Throws MASAKARI_SCHEMA_UNKNOWN with what is missing. */
export async function findSchema(database: MasakariDatabase): Promise<Schema> {
  const rows = await database.rows(
    'select table_name as `table`, column_name as `column` from information_schema.columns where table_schema = database()',
  );
  const columns = new Map<string, Set<string>>();
  for (const { column, table } of rows) {
    const known = columns.get(String(table)) ?? new Set();
    columns.set(String(table), known.add(String(column)));
  }
  if (!columns.has('failover_segments')) {
    throw unknown(
      'it has no table failover_segments: it is no database of Masakari, or masakari-manage db sync never ran',
    );
  }
  const schema = SCHEMAS[await nameOf(database, columns)];
  const missing = tablesOf(schema).flatMap((table) =>
    columnsOf(table, schema)
      .filter((column) => columns.get(table)?.has(column) !== true)
      .map((column) => `${table}.${column}`),
  );
  if (missing.length > 0) throw unknown(`it says that it is of ${schema.releases}, and lacks ${missing.join(', ')}`);
  return schema;
}

async function nameOf(database: MasakariDatabase, columns: ReadonlyMap<string, unknown>): Promise<Schema['name']> {
  const versions: string[] = [];
  // Alembic first: a database that it took over keeps the number of sqlalchemy-migrate.
  for (const table of ['masakari_alembic_version', 'alembic_version']) {
    if (!columns.has(table)) continue;
    for (const { version_num } of await database.rows(`select version_num from ${table}`))
      versions.push(String(version_num));
  }
  if (columns.has('migrate_version')) {
    for (const { version } of await database.rows('select version from migrate_version'))
      versions.push(String(version));
  }
  const known = versions.find((version) => Object.hasOwn(SCHEMA_OF_VERSION, version));
  const name = known === undefined ? undefined : SCHEMA_OF_VERSION[known];
  if (name !== undefined) return name;
  throw unknown(`its version is ${versions.join(', ') || 'nowhere'}, and that is none that is known`);
}

function unknown(why: string): LifeboatError {
  return new LifeboatError('MASAKARI_SCHEMA_UNKNOWN', `the schema of Masakari's database: ${why}`);
}
