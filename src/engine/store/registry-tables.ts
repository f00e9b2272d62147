import type { Kysely } from 'kysely';
import { ENDED } from '../registry/notice.ts';
import type { SqlDialect } from './dialect.ts';
import { listRows } from './list-rows.ts';
import { moveIn } from './move-in.ts';
import { noticeOf } from './notice-rows.ts';
import { insertNotice, joinNotice, updateNotice } from './notice-table.ts';
import type { RegistryStore } from './registry-store.ts';
import { recoveryOf } from './rows.ts';
import {
  deleteSegment,
  insertHost,
  insertSegment,
  storedHost,
  storedSegment,
  updateHost,
  updateSegment,
} from './segment-table.ts';
import type { Tables } from './tables.ts';
import type { Transactions } from './transactions.ts';

/** The part of the store that the API shows, over either database. */
export function registryTables(transactions: Transactions, dialect: SqlDialect): RegistryStore {
  return {
    listSegments: (query) => transactions.read(async (db) => (await listRows(db, 'segment', query)).map(storedSegment)),
    listHosts: (query) => transactions.read(async (db) => (await listRows(db, 'segment_host', query)).map(storedHost)),
    listNotices: (query) => transactions.read(async (db) => (await listRows(db, 'notice', query)).map(noticeOf)),

    recoveryBy: (id) =>
      transactions.read(async (db) => {
        const row = await db.selectFrom('recovery').selectAll().where('id', '=', id).executeTakeFirst();
        return row && recoveryOf(row);
      }),

    addSegment: (segment) => transactions.write((trx) => insertSegment(trx, segment, dialect)),
    saveSegment: (segment) => transactions.write((trx) => updateSegment(trx, segment, dialect)),
    removeSegment: (uuid) => transactions.write((trx) => deleteSegment(trx, uuid)),
    addHost: (segmentUuid, host) => transactions.write((trx) => insertHost(trx, segmentUuid, host, dialect)),
    saveHost: (host) => transactions.write((trx) => updateHost(trx, host, dialect)),
    removeHost: (uuid) =>
      transactions.write(async (trx) => {
        await trx.deleteFrom('segment_host').where('uuid', '=', uuid).execute();
      }),

    moveIn: (moved) => transactions.write((trx) => moveIn(trx, moved, dialect)),

    addNotice: (notice) => transactions.write(async (trx) => noticeOf(await insertNotice(trx, notice, dialect))),
    saveNotice: (change) => transactions.write((trx) => updateNotice(trx, change, dialect)),
    joinNotice: (uuid, recovery) => transactions.write((trx) => joinNotice(trx, uuid, recovery, dialect)),
    forgetNotices: (beforeMs, limit) => transactions.write((trx) => forgetNotices(trx, beforeMs, limit)),
  };
}

/** What the bridge has proven, and what was joined to a recovery, goes with the recovery. */
async function forgetNotices(trx: Kysely<Tables>, beforeMs: number, limit: number): Promise<number> {
  const old = await trx
    .selectFrom('notice')
    .select('uuid')
    .where('origin', 'in', ['report', 'imported'])
    .where('recovery_id', 'is', null)
    .where('status', 'in', ENDED)
    .where('created_at', '<', beforeMs)
    .where((is) => is.or([is('updated_at', 'is', null), is('updated_at', '<', beforeMs)]))
    .orderBy('number')
    .limit(limit)
    .execute();
  const uuids = old.map(({ uuid }) => uuid);
  if (uuids.length > 0) await trx.deleteFrom('notice').where('uuid', 'in', uuids).execute();
  return uuids.length;
}
