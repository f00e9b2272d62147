import type { HostNotification, NotificationStatus } from '../notification.ts';
import type { Recovery } from '../recovery.ts';
import type { Move } from '../move.ts';
import type { Segment } from '../segments/segment.ts';
import type { Taking } from '../segments/taking.ts';
import type { Suspect } from '../suspect.ts';
import type { LeaseAnswer, LeaseClaim } from './lease-record.ts';
import type { RegistryStore } from './registry-store.ts';

/**
 * The engine's memory. What a call wrote is on disk when its promise resolves; several rows of one call are written all
 * or none. A call that was cut off may be made again: with the same values it ends the same.
 *
 * There is one writer (S5). Every write is conditional on the epoch of the lease that was taken through this object, in
 * the same transaction; without it, or when somebody has taken the lease since, the write throws LEASE_LOST and nothing
 * of it is written. Everything throws STORE_UNUSABLE when the store does not do what it is asked for; a write may have
 * happened then.
 */
export interface Store extends RegistryStore {
  /** Takes the lease if it is free, expired, this holder's already, or as `claim.evenIf` says. */
  takeLease(claim: LeaseClaim): Promise<LeaseAnswer>;
  /** Also one that has expired, as long as nobody else has taken it. */
  renewLease(durationMs: number): Promise<void>;
  /** The next one need not wait. Nothing can be written through this object any more. */
  releaseLease(): Promise<void>;

  /** Writes the notification, what the API shows of it, and its recovery, unless another one with the same proof id is there already. */
  addRecovery(notification: HostNotification, recovery: Recovery): Promise<'added' | 'known'>;
  /** Writes a notification that needs no recovery of its own, and why. */
  addNotification(notification: HostNotification, reason?: string): Promise<'added' | 'known'>;
  /** Whether the failure of this proof has a recovery, or a notification that says why it needs none; one that was missed has neither. */
  isAnswered(proofId: string): Promise<boolean>;
  setNotificationStatus(id: string, status: NotificationStatus): Promise<void>;
  /** What the API shows of it follows in the same write. */
  saveRecovery(recovery: Recovery): Promise<void>;
  saveMoves(moves: readonly Move[]): Promise<void>;
  /** Newest first. */
  recoveries(limit: number): Promise<readonly Recovery[]>;
  /** All that still keep a host out or have work to do. */
  openRecoveries(): Promise<readonly Recovery[]>;
  movesOf(recoveryId: string): Promise<readonly Move[]>;
  saveSuspect(suspect: Suspect): Promise<void>;
  removeSuspect(host: string): Promise<void>;
  suspects(): Promise<readonly Suspect[]>;
  /** In the order in which they were written. */
  segments(): Promise<readonly Segment[]>;
  /** These and no others from now on. */
  replaceSegments(segments: readonly Segment[]): Promise<void>;
  saveTaking(taking: Taking): Promise<void>;
  removeTaking(host: string): Promise<void>;
  takings(): Promise<readonly Taking[]>;

  /**
   * Notifications that nothing is open of, and was not since `beforeMs`: by id, those after `after`, `limit` at the most.
   */
  closedBefore(beforeMs: number, after: string, limit: number): Promise<readonly ClosedNotification[]>;
  /** Removes the notifications with their recoveries and moves, and what the API shows of them. */
  forget(notificationIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface ClosedNotification {
  readonly id: string;
  readonly proofId: string;
}
