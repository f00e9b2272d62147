import { sql } from 'kysely';
import type { SqlDialect } from './dialect.ts';

/** `now`: the clock of the leases, for tests; default the machine's, as SQLite reads it. */
export function sqliteSql(now?: () => number): SqlDialect {
  return {
    now: () => (now === undefined ? sql<number>`cast(unixepoch('subsec') * 1000 as integer)` : sql<number>`${now()}`),
    types: { name: 'text', text: 'text', integer: 'integer' },
    tableOptions: sql``,
    references: 'enforced',
    orUpdate: (key, columns) =>
      sql`on conflict (${sql.ref(key)}) do update set ${sql.join(
        columns.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`),
      )}`,
    addColumn: (db, table, column, type) => db.schema.alterTable(table).addColumn(column, type).execute(),
    async readVersion(db) {
      const { rows } = await sql<{ user_version: number }>`PRAGMA user_version`.execute(db);
      return rows[0]?.user_version ?? 0;
    },
    async writeVersion(db, version) {
      await sql`PRAGMA user_version = ${sql.lit(version)}`.execute(db);
    },
  };
}
