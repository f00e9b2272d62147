import type { Proof } from '../bridge/proof.ts';

/** Masakari's states of a notification. */
export const NOTIFICATION_STATUSES = {
  new: 'is on disk and waits for its recovery',
  running: 'its recovery is under way',
  finished: 'its recovery ended well',
  failed: 'its recovery ended with at least one failed move',
  ignored: 'another notification already covers it',
} as const;

export type NotificationStatus = keyof typeof NOTIFICATION_STATUSES;

/** How the notification stands when its recovery has ended. */
export const STATUS_AFTER = { recovered: 'finished', failed: 'failed' } as const;

/** The durable record that a host failed, with the proof. Times are milliseconds since the epoch. */
export interface HostNotification {
  readonly id: string;
  readonly host: string;
  readonly node: string;
  readonly proof: Proof;
  readonly lostSinceMs: number;
  readonly status: NotificationStatus;
  readonly createdAtMs: number;
}
