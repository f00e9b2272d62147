import { existsSync } from 'node:fs';
import { isLifeboatError, LifeboatError, messageOf } from '../../errors.ts';
import { Kysely } from 'kysely';
import { openMariadbStore } from './mariadb-store.ts';
import type { MariadbOptions } from './mariadb-options.ts';
import { VERSION } from './migrations.ts';
import { sqlStore } from './sql-store.ts';
import { sqliteReadingDialect } from './sqlite-database.ts';
import { sqliteSql } from './sqlite-dialect.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';
import { onlyOnce } from './transactions.ts';

/** The store of an engine that may be at work: nothing is written, made or brought to another version. */
export type StoreReading = Pick<
  Store,
  'listSegments' | 'listHosts' | 'listNotices' | 'recoveryBy' | 'movesOf' | 'close'
>;

const NO_SUCH_TABLE = 1146;
const NO_SUCH_COLUMN = 1054;

/** Undefined: there is nothing of ours yet. Throws STORE_UNUSABLE, also for a store of another version. */
export async function readSqliteStore(path: string): Promise<StoreReading | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    const db = new Kysely<Tables>({ dialect: sqliteReadingDialect(path) });
    const dialect = sqliteSql();
    const version = await dialect.readVersion(db);
    if (version === VERSION) return sqlStore({ db, dialect, retry: onlyOnce });
    await db.destroy();
    if (version === 0) return undefined;
    throw otherVersion(path, version);
  } catch (error) {
    if (isLifeboatError(error)) throw error;
    throw new LifeboatError('STORE_UNUSABLE', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** The same for the shared store. */
export async function readMariadbStore(options: MariadbOptions): Promise<StoreReading | undefined> {
  const store = await openMariadbStore(options);
  try {
    await store.listNotices({ where: [], order: [{ column: 'number', direction: 'asc' }], limit: 1 });
    return store;
  } catch (error) {
    await store.close();
    const { errno } = (isLifeboatError(error) ? error.cause : error) as { readonly errno?: unknown };
    if (errno === NO_SUCH_TABLE) return undefined;
    if (errno === NO_SUCH_COLUMN) throw otherVersion(`the database ${options.database}`, 'another');
    throw error;
  }
}

function otherVersion(place: string, version: number | 'another'): LifeboatError {
  const which = version === 'another' ? 'another version' : `version ${version}`;
  return new LifeboatError(
    'STORE_UNUSABLE',
    `${place} has ${which}, and this Lifeboat knows ${VERSION}: start its engine once, which brings the store there`,
  );
}
