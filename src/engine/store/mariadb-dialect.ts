import { sql } from 'kysely';
import type { SqlDialect } from './dialect.ts';

const NO_SUCH_TABLE = 1146;

/**
 * MariaDB as the store needs it. No foreign keys: one writer and whole transactions keep the rows together, and Galera
 * applies on its other nodes in parallel, where foreign keys have been a source of conflicts of their own. No
 * AUTO_INCREMENT: each Galera node counts in steps of its own.
 */
export const mariadbSql: SqlDialect = {
  // NOW() would be in the session's time zone, and ambiguous for an hour each autumn.
  now: () => sql<number>`(timestampdiff(microsecond, '1970-01-01 00:00:00', utc_timestamp(6)) div 1000)`,
  types: { name: 'varchar(300)', text: sql`mediumtext`, integer: 'bigint' },
  tableOptions: sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`,
  references: 'not enforced',
  orUpdate: (_key, columns) =>
    sql`on duplicate key update ${sql.join(
      columns.map((column) => sql`${sql.ref(column)} = values(${sql.ref(column)})`),
    )}`,
  async addColumn(db, table, column, type) {
    const definition = typeof type === 'string' ? sql.raw(type) : type;
    await sql`alter table ${sql.table(table)} add column if not exists ${sql.ref(column)} ${definition}`.execute(db);
  },
  async readVersion(db) {
    try {
      const { rows } = await sql<{ version: number }>`select version from schema_version where name = 'store'`.execute(
        db,
      );
      return rows[0]?.version ?? 0;
    } catch (error) {
      // Asked before it is made: DDL stops all of Galera for a moment, also when there is nothing to do.
      if ((error as { errno?: unknown }).errno !== NO_SUCH_TABLE) throw error;
      await sql`create table if not exists schema_version (
        name varchar(300) not null primary key, version bigint not null
      ) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`.execute(db);
      return 0;
    }
  },
  async writeVersion(db, version) {
    await sql`insert into schema_version (name, version) values ('store', ${version})
      on duplicate key update version = values(version)`.execute(db);
  },
};
