import { sql, type Kysely } from 'kysely';
import type { HostNotification } from '../notification.ts';
import { closedBefore, forget } from './closed.ts';
import type { SqlDialect } from './dialect.ts';
import { LeaseTable } from './lease-table.ts';
import { followRecovery, insertOwnNotice } from './notice-table.ts';
import { registryTables } from './registry-tables.ts';
import {
  moveOf,
  moveRow,
  notificationRow,
  recoveryOf,
  recoveryRow,
  segmentOf,
  suspectOf,
  suspectRow,
  takingOf,
  takingRow,
} from './rows.ts';
import { replaceSegments } from './segment-table.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';
import { Transactions, type Retry } from './transactions.ts';

export interface SqlStoreOptions {
  readonly db: Kysely<Tables>;
  readonly dialect: SqlDialect;
  readonly retry: Retry;
  /** Before the lease is asked for. */
  readonly beforeLease?: (db: Kysely<Tables>) => Promise<void>;
  /** When the lease was taken, before anything else is done under it. */
  readonly underLease?: (db: Kysely<Tables>) => Promise<void>;
}

/** Rows of one statement: SQLite takes some 32,000 values, MariaDB a packet of 16 MB. */
const ROWS_AT_ONCE = 500;

/** The store over either database. */
export function sqlStore({ db, dialect, retry, beforeLease, underLease }: SqlStoreOptions): Store {
  const transactions = new Transactions(db, retry);
  const lease = new LeaseTable(transactions, dialect);
  return {
    ...registryTables(transactions, dialect),
    async takeLease(claim) {
      if (beforeLease !== undefined) await transactions.read(beforeLease);
      const answer = await lease.take(claim);
      if (answer.kind === 'taken' && underLease !== undefined) await transactions.read(underLease);
      return answer;
    },
    renewLease: (durationMs) => lease.renew(durationMs),
    releaseLease: () => lease.release(),

    addRecovery: (notification, recovery) =>
      transactions.write(async (trx) => {
        const found = await insertNotification(trx, notification);
        if (found === 'inserted') {
          await trx.insertInto('recovery').values(recoveryRow(recovery)).execute();
          await insertOwnNotice(trx, notification, recovery, dialect);
        }
        return found === 'another' ? 'known' : 'added';
      }),

    addNotification: (notification, reason) =>
      transactions.write(async (trx) => {
        const found = await insertNotification(trx, notification);
        if (found === 'inserted') await insertOwnNotice(trx, notification, reason, dialect);
        return found === 'another' ? 'known' : 'added';
      }),

    isAnswered: (proofId) =>
      transactions.read(async (db) => {
        const found = await db
          .selectFrom('notification')
          .leftJoin('recovery', 'recovery.notification_id', 'notification.id')
          .select(['notification.status', 'recovery.id as recovery'])
          .where('notification.proof_id', '=', proofId)
          .executeTakeFirst();
        return found !== undefined && (found.recovery !== null || found.status !== 'failed');
      }),

    setNotificationStatus: (id, status) =>
      transactions.write(async (trx) => {
        await trx.updateTable('notification').set({ status }).where('id', '=', id).execute();
      }),

    saveRecovery: (recovery) =>
      transactions.write(async (trx) => {
        const row = recoveryRow(recovery);
        await trx.updateTable('recovery').set(row).where('id', '=', row.id).execute();
        await followRecovery(trx, recovery, dialect);
      }),

    async saveMoves(moves) {
      if (moves.length === 0) return;
      await transactions.write((trx) => saveAll(trx, dialect, 'move', 'id', moves.map(moveRow)));
    },

    recoveries: (limit) =>
      transactions.read(async () => {
        const rows = await db.selectFrom('recovery').selectAll().orderBy('created_at', 'desc').limit(limit).execute();
        return rows.map(recoveryOf);
      }),

    openRecoveries: () =>
      transactions.read(async () => {
        const rows = await db
          .selectFrom('recovery')
          .selectAll()
          .where('state', 'not in', ['released', 'superseded'])
          .orderBy('created_at')
          .execute();
        return rows.map(recoveryOf);
      }),

    movesOf: (recoveryId) =>
      transactions.read(async () => {
        const rows = await db
          .selectFrom('move')
          .selectAll()
          .where('recovery_id', '=', recoveryId)
          .orderBy('name')
          .execute();
        return rows.map(moveOf);
      }),

    saveSuspect: (suspect) =>
      transactions.write((trx) => saveAll(trx, dialect, 'suspect', 'host', [suspectRow(suspect)])),

    removeSuspect: (host) =>
      transactions.write(async (trx) => {
        await trx.deleteFrom('suspect').where('host', '=', host).execute();
      }),

    suspects: () =>
      transactions.read(async () => (await db.selectFrom('suspect').selectAll().execute()).map(suspectOf)),

    segments: () =>
      transactions.read(async () => {
        const rows = await db.selectFrom('segment').selectAll().orderBy('position').execute();
        const hosts = await db.selectFrom('segment_host').selectAll().orderBy('position').execute();
        const byUuid = Map.groupBy(hosts, ({ segment_uuid }) => segment_uuid);
        return rows.map((row) => segmentOf(row, byUuid.get(row.uuid) ?? []));
      }),

    replaceSegments: (segments) => transactions.write((trx) => replaceSegments(trx, segments, dialect)),

    saveTaking: (taking) => transactions.write((trx) => saveAll(trx, dialect, 'taking', 'host', [takingRow(taking)])),

    removeTaking: (host) =>
      transactions.write(async (trx) => {
        await trx.deleteFrom('taking').where('host', '=', host).execute();
      }),

    takings: () =>
      transactions.read(async () => {
        return (await db.selectFrom('taking').selectAll().orderBy('host').execute()).map(takingOf);
      }),

    closedBefore: (beforeMs, after, limit) => transactions.read(() => closedBefore(db, beforeMs, after, limit)),
    forget: (ids) => transactions.write((trx) => forget(trx, ids)),
    close: () => db.destroy(),
  };
}

/**
 * `ours`: it is there already, and this very one: a try before this one has written it, and its answer was lost. The
 * question and the writing stand in one transaction that has the lease's row, so nobody else writes between them.
 */
async function insertNotification(
  trx: Kysely<Tables>,
  notification: HostNotification,
): Promise<'inserted' | 'ours' | 'another'> {
  const row = notificationRow(notification);
  const known = await trx
    .selectFrom('notification')
    .select('id')
    .where('proof_id', '=', row.proof_id)
    .executeTakeFirst();
  if (known !== undefined) return known.id === row.id ? 'ours' : 'another';
  await trx.insertInto('notification').values(row).execute();
  return 'inserted';
}

async function saveAll<T extends 'move' | 'suspect' | 'taking'>(
  trx: Kysely<Tables>,
  { orUpdate }: SqlDialect,
  table: T,
  key: keyof Tables[T] & string,
  rows: readonly Tables[T][],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}) as (keyof Tables[T] & string)[];
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const valuesOf = (row: Tables[T]) => sql`(${sql.join(columns.map((column) => sql`${row[column]}`))})`;
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const values = sql.join(rows.slice(start, start + ROWS_AT_ONCE).map(valuesOf));
    await sql`insert into ${sql.table(table)} (${names}) values ${values} ${orUpdate(key, columns)}`.execute(trx);
  }
}
