import { Kysely, MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler } from 'kysely';
import { messageOf } from '../../errors.ts';
import { connect } from './mariadb-connection.ts';
import { mariadbSql } from './mariadb-dialect.ts';
import { MariadbDriver, type Connect } from './mariadb-driver.ts';
import type { MariadbOptions } from './mariadb-options.ts';
import { retrying } from './mariadb-retry.ts';
import { checkVersion, createLease, migrate } from './migrations.ts';
import { sqlStore } from './sql-store.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';

export type { DatabaseTls, MariadbOptions } from './mariadb-options.ts';

/**
 * The store in a MariaDB or Galera that all controllers reach. Nothing is asked of it before the lease is: a database
 * that is away does not keep the engine from starting, and shows as a hold. Whoever takes the lease brings the tables to
 * this version, so two engines never do at one time, and a waiting one changes nothing under the one that is at work.
 */
export async function openMariadbStore(options: MariadbOptions): Promise<Store> {
  // Loaded only when it is used: the embedded store needs none of it.
  const { createConnection } = await import('mysql2/promise');
  const { hosts, logger } = options;
  const open: Connect = async (first) => {
    const failures: string[] = [];
    let last: unknown;
    for (let offset = 0; offset < hosts.length; offset += 1) {
      const server = (first + offset) % hosts.length;
      const place = hosts[server];
      if (place === undefined) continue;
      try {
        const connection = await connect((settings) => createConnection(settings), { ...options, ...place });
        if (failures.length > 0)
          logger.warn({ host: place.host, failures }, `the store is used through ${place.host} now`);
        return { connection, server };
      } catch (error) {
        failures.push(`${place.host}: ${messageOf(error)}`);
        last = error;
      }
    }
    const { code, errno, fatal } = (last ?? {}) as { code?: unknown; errno?: unknown; fatal?: unknown };
    throw Object.assign(new Error(failures.join('; ')), { code, errno, fatal });
  };
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new MysqlAdapter(),
      createDriver: () => new MariadbDriver(open, options.patienceMs),
      createIntrospector: (of) => new MysqlIntrospector(of),
      createQueryCompiler: () => new MysqlQueryCompiler(),
    },
  });
  return sqlStore({
    db,
    dialect: mariadbSql,
    retry: retrying(options),
    async beforeLease(connection) {
      if ((await checkVersion(connection, mariadbSql)) === 0) await createLease(connection, mariadbSql);
    },
    underLease: (connection) => migrate(connection, mariadbSql),
  });
}
