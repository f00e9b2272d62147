import type { HostNotification, NotificationStatus } from '../notification.ts';
import type { Recovery } from '../recovery.ts';
import type { Move } from '../move.ts';
import type { Segment } from '../segments/segment.ts';
import type { Taking } from '../segments/taking.ts';
import type { Suspect } from '../suspect.ts';

/**
 * The engine's memory. What a call wrote is on disk when its promise resolves; several rows of one call are written all
 * or none. There is one writer.
 */
export interface Store {
  /** Writes the notification and its recovery, unless one with the same proof id is there already. */
  addRecovery(notification: HostNotification, recovery: Recovery): Promise<'added' | 'known'>;
  /** Writes a notification that needs no recovery of its own. */
  addNotification(notification: HostNotification): Promise<'added' | 'known'>;
  setNotificationStatus(id: string, status: NotificationStatus): Promise<void>;
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
  close(): Promise<void>;
}
