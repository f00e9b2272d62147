import type { Kysely } from 'kysely';
import { forgetNoticesOf } from './notice-table.ts';
import type { ClosedNotification } from './store.ts';
import type { Tables } from './tables.ts';

/** By id: whoever goes through all of them, page after page, comes to an end whatever is written meanwhile. */
export async function closedBefore(
  db: Kysely<Tables>,
  beforeMs: number,
  after: string,
  limit: number,
): Promise<readonly ClosedNotification[]> {
  const rows = await db
    .selectFrom('notification')
    .select(['id', 'proof_id'])
    .where('id', '>', after)
    .where('created_at', '<', beforeMs)
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('recovery')
            .select('recovery.id')
            .whereRef('recovery.notification_id', '=', 'notification.id')
            .where((its) =>
              its.or([
                its('recovery.state', 'not in', ['released', 'superseded']),
                its('recovery.created_at', '>=', beforeMs),
                its('recovery.ended_at', '>=', beforeMs),
                its('recovery.released_at', '>=', beforeMs),
              ]),
            ),
        ),
      ),
    )
    // One that nobody has answered yet is not closed.
    .where((is) =>
      is.or([
        is('status', 'in', ['finished', 'failed', 'ignored']),
        is.exists(
          is.selectFrom('recovery').select('recovery.id').whereRef('recovery.notification_id', '=', 'notification.id'),
        ),
      ]),
    )
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ id: row.id, proofId: row.proof_id }));
}

export async function forget(trx: Kysely<Tables>, notificationIds: readonly string[]): Promise<void> {
  if (notificationIds.length === 0) return;
  const recoveries = await trx
    .selectFrom('recovery')
    .select('id')
    .where('notification_id', 'in', notificationIds)
    .execute();
  const recoveryIds = recoveries.map(({ id }) => id);
  if (recoveryIds.length > 0) {
    await trx.deleteFrom('move').where('recovery_id', 'in', recoveryIds).execute();
    await trx.deleteFrom('recovery').where('id', 'in', recoveryIds).execute();
  }
  await forgetNoticesOf(trx, notificationIds, recoveryIds);
  await trx.deleteFrom('notification').where('id', 'in', notificationIds).execute();
}
