import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import { isLifeboatError, LifeboatError, messageOf } from '../../errors.ts';
import type { Logger } from '../../ports.ts';
import type { HostNotification } from '../notification.ts';
import { sqliteDialect } from './sqlite-database.ts';
import {
  moveOf,
  moveRow,
  notificationRow,
  recoveryOf,
  recoveryRow,
  segmentHostRow,
  segmentOf,
  segmentRow,
  suspectOf,
  suspectRow,
  takingOf,
  takingRow,
} from './rows.ts';
import { migrate, type Tables } from './tables.ts';
import type { Store } from './store.ts';

/** The embedded store: one SQLite file on the controller's disk, mode 0600. Throws STORE_UNUSABLE. */
export async function openSqliteStore(path: string, logger: Logger): Promise<Store> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  try {
    return await open(path);
  } catch (error) {
    if (!isDamaged(error))
      throw new LifeboatError('STORE_UNUSABLE', `cannot open ${path}: ${messageOf(error)}`, { cause: error });
    // What is owed can be read back from the fencing history, node_fenced and Nova (see rebuild.ts), so an engine with
    // an empty store is better than none. The damaged file is kept for whoever wants to look.
    const aside = freeName(`${path}.damaged`);
    renameSync(path, aside);
    for (const suffix of ['-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    logger.error({ path, aside }, `the store is damaged (${messageOf(error)}): put aside, starting with an empty one`);
    return open(path);
  }
}

async function open(path: string): Promise<Store> {
  const db = new Kysely<Tables>({ dialect: sqliteDialect(path) });
  try {
    await migrate(db);
    chmodSync(path, 0o600);
    const store = sqliteStore(db);
    await readEverythingOpen(store);
    return store;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** A row that cannot be read must not be found out in the middle of a recovery. */
async function readEverythingOpen(store: Store): Promise<void> {
  for (const recovery of await store.openRecoveries()) await store.movesOf(recovery.id);
  await store.suspects();
  await store.segments();
  await store.takings();
}

function sqliteStore(db: Kysely<Tables>): Store {
  return {
    addRecovery: (notification, recovery) =>
      db.transaction().execute(async (trx) => {
        if ((await insertNotification(trx, notification)) === 'known') return 'known';
        await trx.insertInto('recovery').values(recoveryRow(recovery)).execute();
        return 'added';
      }),

    addNotification: (notification) => insertNotification(db, notification),

    async setNotificationStatus(id, status) {
      await db.updateTable('notification').set({ status }).where('id', '=', id).execute();
    },

    async saveRecovery(recovery) {
      const row = recoveryRow(recovery);
      await db.updateTable('recovery').set(row).where('id', '=', row.id).execute();
    },

    async saveMoves(moves) {
      if (moves.length === 0) return;
      await db.transaction().execute(async (trx) => {
        for (const move of moves) {
          const row = moveRow(move);
          await trx
            .insertInto('move')
            .values(row)
            .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
            .execute();
        }
      });
    },

    async recoveries(limit) {
      const rows = await db.selectFrom('recovery').selectAll().orderBy('created_at', 'desc').limit(limit).execute();
      return rows.map(recoveryOf);
    },

    async openRecoveries() {
      const rows = await db
        .selectFrom('recovery')
        .selectAll()
        .where('state', 'not in', ['released', 'superseded'])
        .orderBy('created_at')
        .execute();
      return rows.map(recoveryOf);
    },

    async movesOf(recoveryId) {
      const rows = await db
        .selectFrom('move')
        .selectAll()
        .where('recovery_id', '=', recoveryId)
        .orderBy('name')
        .execute();
      return rows.map(moveOf);
    },

    async saveSuspect(suspect) {
      const row = suspectRow(suspect);
      await db
        .insertInto('suspect')
        .values(row)
        .onConflict((conflict) => conflict.column('host').doUpdateSet(row))
        .execute();
    },

    async removeSuspect(host) {
      await db.deleteFrom('suspect').where('host', '=', host).execute();
    },

    async suspects() {
      return (await db.selectFrom('suspect').selectAll().execute()).map(suspectOf);
    },

    async segments() {
      const rows = await db.selectFrom('segment').selectAll().orderBy('position').execute();
      const hosts = await db.selectFrom('segment_host').selectAll().orderBy('position').execute();
      return rows.map((row) =>
        segmentOf(
          row,
          hosts.filter(({ segment_uuid }) => segment_uuid === row.uuid),
        ),
      );
    },

    async replaceSegments(segments) {
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom('segment_host').execute();
        await trx.deleteFrom('segment').execute();
        for (const [position, segment] of segments.entries()) {
          await trx.insertInto('segment').values(segmentRow(segment, position)).execute();
          for (const [place, host] of segment.hosts.entries()) {
            await trx
              .insertInto('segment_host')
              .values(segmentHostRow(host, segment.uuid, place))
              .execute();
          }
        }
      });
    },

    async saveTaking(taking) {
      const row = takingRow(taking);
      await db
        .insertInto('taking')
        .values(row)
        .onConflict((conflict) => conflict.column('host').doUpdateSet(row))
        .execute();
    },

    async removeTaking(host) {
      await db.deleteFrom('taking').where('host', '=', host).execute();
    },

    async takings() {
      return (await db.selectFrom('taking').selectAll().orderBy('host').execute()).map(takingOf);
    },

    close: () => db.destroy(),
  };
}

async function insertNotification(db: Kysely<Tables>, notification: HostNotification): Promise<'added' | 'known'> {
  const inserted = await db
    .insertInto('notification')
    .values(notificationRow(notification))
    .onConflict((conflict) => conflict.column('proof_id').doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n ? 'added' : 'known';
}

/** SQLITE_CORRUPT (11), SQLITE_NOTADB (26), or a row that says what no Lifeboat writes. */
function isDamaged(error: unknown): boolean {
  if (isLifeboatError(error, 'STORE_UNUSABLE')) return true;
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return code === 11 || code === 26;
}

function freeName(path: string): string {
  let candidate = path;
  for (let n = 2; existsSync(candidate); n += 1) candidate = `${path}-${n}`;
  return candidate;
}
