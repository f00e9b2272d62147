import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, sql } from 'kysely';
import { isLifeboatError, LifeboatError, messageOf } from '../../errors.ts';
import type { Logger } from '../../ports.ts';
import type { SqlDialect } from './dialect.ts';
import { migrate } from './migrations.ts';
import { sqlStore } from './sql-store.ts';
import { sqliteDialect } from './sqlite-database.ts';
import { sqliteSql } from './sqlite-dialect.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';
import { onlyOnce } from './transactions.ts';

/**
 * The embedded store: one SQLite file on the controller's disk, mode 0600. Throws STORE_UNUSABLE. `now`: the clock of
 * the lease; default the machine's own.
 */
export async function openSqliteStore(path: string, logger: Logger, now?: () => number): Promise<Store> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  const dialect = sqliteSql(now);
  try {
    return await open(path, dialect);
  } catch (error) {
    if (!isDamaged(error))
      throw new LifeboatError('STORE_UNUSABLE', `cannot open ${path}: ${messageOf(error)}`, { cause: error });
    // What is owed can be read back from the fencing history, node_fenced and Nova (see rebuild.ts), so an engine with
    // an empty store is better than none. The damaged file is kept for whoever wants to look.
    const aside = freeName(`${path}.damaged`);
    renameSync(path, aside);
    for (const suffix of ['-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    logger.error({ path, aside }, `the store is damaged (${messageOf(error)}): put aside, starting with an empty one`);
    return open(path, dialect);
  }
}

async function open(path: string, dialect: SqlDialect): Promise<Store> {
  const db = new Kysely<Tables>({ dialect: sqliteDialect(path) });
  try {
    await migrateAlone(db, dialect);
    chmodSync(path, 0o600);
    const store = sqlStore({ db, dialect, retry: onlyOnce });
    await readEverythingOpen(store);
    return store;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** Immediate: the version is read when no other process can change it any more. */
async function migrateAlone(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  await db.connection().execute(async (connection) => {
    await sql`begin immediate`.execute(connection);
    try {
      await migrate(connection, dialect);
      await sql`commit`.execute(connection);
    } catch (error) {
      await sql`rollback`.execute(connection);
      throw error;
    }
  });
}

/** A row that cannot be read must not be found out in the middle of a recovery. */
async function readEverythingOpen(store: Store): Promise<void> {
  for (const recovery of await store.openRecoveries()) await store.movesOf(recovery.id);
  await store.suspects();
  await store.segments();
  await store.takings();
}

/** SQLITE_CORRUPT (11), SQLITE_NOTADB (26), or a row that says what no Lifeboat writes. */
function isDamaged(error: unknown): boolean {
  if (isLifeboatError(error, 'STORE_DAMAGED')) return true;
  const cause = isLifeboatError(error, 'STORE_UNUSABLE') ? error.cause : error;
  const code = (cause as { errcode?: unknown } | undefined)?.errcode;
  return code === 11 || code === 26;
}

function freeName(path: string): string {
  let candidate = path;
  for (let n = 2; existsSync(candidate); n += 1) candidate = `${path}-${n}`;
  return candidate;
}
