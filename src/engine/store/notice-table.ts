import { sql, type Kysely } from 'kysely';
import type { HostNotification } from '../notification.ts';
import type { Recovery } from '../recovery.ts';
import { IMPLICIT_SEGMENT_UUID, implicitHostUuid } from '../registry/implicit-segment.ts';
import { UNFINISHED, type NewNotice, type NoticeChange } from '../registry/notice.ts';
import { ownNotice, type NoticeSource } from '../registry/own-notice.ts';
import { statusOfRecovery } from '../registry/recovery-status.ts';
import { nextNumber } from './counter-table.ts';
import type { SqlDialect } from './dialect.ts';
import { newNoticeRow } from './notice-rows.ts';
import type { NoticeRow, Tables } from './tables.ts';

/** Answers with the row that is there when a try before this one has written it. */
export async function insertNotice(
  trx: Kysely<Tables>,
  notice: NewNotice,
  { now }: SqlDialect,
  createdAtMs?: number,
): Promise<NoticeRow> {
  const there = await noticeBy(trx, notice.uuid);
  if (there !== undefined) return there;
  const number = await nextNumber(trx, 'notice');
  const createdAt = createdAtMs ?? now();
  await trx
    .insertInto('notice')
    .values({ ...newNoticeRow(notice), number, created_at: createdAt, updated_at: null })
    .execute();
  return (await noticeBy(trx, notice.uuid)) as NoticeRow;
}

function noticeBy(trx: Kysely<Tables>, uuid: string): Promise<NoticeRow | undefined> {
  return trx.selectFrom('notice').selectAll().where('uuid', '=', uuid).executeTakeFirst();
}

/** What the API shows of a proven loss, beside its notification. */
export async function insertOwnNotice(
  trx: Kysely<Tables>,
  notification: HostNotification,
  answer: Recovery | string | undefined,
  dialect: SqlDialect,
): Promise<void> {
  const source = await sourceOf(trx, notification.host);
  await insertNotice(trx, ownNotice(notification, answer, source), dialect, notification.createdAtMs);
}

/** The host in its segment; or what stands for it when it is in none. */
export async function sourceOf(db: Kysely<Tables>, host: string): Promise<NoticeSource> {
  const row = await db
    .selectFrom('segment_host')
    .select(['uuid', 'segment_uuid'])
    .where(sql<boolean>`lower(name) = ${host.toLowerCase()}`)
    .executeTakeFirst();
  if (row !== undefined) return { sourceHostUuid: row.uuid, segmentUuid: row.segment_uuid };
  const any = await db.selectFrom('segment').select('uuid').limit(1).executeTakeFirst();
  const segmentUuid = any === undefined ? IMPLICIT_SEGMENT_UUID : undefined;
  return { sourceHostUuid: implicitHostUuid(host), segmentUuid };
}

/** Every notification that the recovery answers stands as the recovery does. */
export async function followRecovery(trx: Kysely<Tables>, recovery: Recovery, { now }: SqlDialect): Promise<void> {
  const { message = null, over, status } = statusOfRecovery(recovery);
  const those = trx.updateTable('notice').where('recovery_id', '=', recovery.id);
  await (over === 'all' ? those : those.where('status', 'in', UNFINISHED))
    .set({ status, message, updated_at: now() })
    .execute();
}

/** From now on the notice stands as that recovery's own notification does, which tells also how a closed one ended. */
export async function joinNotice(
  trx: Kysely<Tables>,
  uuid: string,
  recovery: Recovery,
  { now }: SqlDialect,
): Promise<void> {
  const { message = null, status } = (await noticeBy(trx, recovery.notificationId)) ?? statusOfRecovery(recovery);
  await trx
    .updateTable('notice')
    .set({ recovery_id: recovery.id, status, message, updated_at: now() })
    .where('uuid', '=', uuid)
    .execute();
}

export async function updateNotice(trx: Kysely<Tables>, change: NoticeChange, { now }: SqlDialect): Promise<void> {
  const { message = null, status, uuid } = change;
  await trx
    .updateTable('notice')
    .set({ status, message, ...('work' in change && { work: change.work ?? null }), updated_at: now() })
    .where('uuid', '=', uuid)
    .execute();
}

/** Those of removed notifications and recoveries. */
export async function forgetNoticesOf(
  trx: Kysely<Tables>,
  notificationIds: readonly string[],
  recoveryIds: readonly string[],
): Promise<void> {
  await trx.deleteFrom('notice').where('uuid', 'in', notificationIds).execute();
  if (recoveryIds.length > 0) await trx.deleteFrom('notice').where('recovery_id', 'in', recoveryIds).execute();
}
