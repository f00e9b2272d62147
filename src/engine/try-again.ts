import type { Cloud } from '../openstack/cloud.ts';
import type { Clock } from '../ports.ts';
import type { HostWitness } from './host-witness.ts';
import { recoveryMark } from './mark.ts';
import { triedAgain, type Move } from './move.ts';
import type { MoveBook } from './move-book.ts';
import { inWords, type Word } from './orders.ts';
import type { Recovery } from './recovery.ts';
import type { RecoveryRecord } from './recovery-record.ts';
import type { Store } from './store/store.ts';

export interface TryAgainPorts {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly store: Store;
}

/** Failed moves of a recovery that has not ended, as if for the first time. Nova is asked first, as ever (S3). */
export async function retryMoves(
  failed: readonly Move[],
  word: Word,
  record: RecoveryRecord,
  book: MoveBook,
): Promise<void> {
  await record.give({ cancelled: undefined });
  await book.write(failed.map((move) => triedAgain(move, `tried again ${inWords(word)}`)));
}

/**
 * The same for one that has ended. Since then the gate may have let nova-compute of the host start, on the engine's word
 * or on that of the mark in Nova, so the old proof is worth nothing any more (S6, S1). First the mark closes the gate, and
 * says to every engine that the host may be alive; then a fencing later than that is waited for (`awaitsFencing`). Throws
 * what Nova answers; then nothing has changed. While it runs the host must not be given back: the mark would disable it.
 */
export async function reopen(
  failed: readonly Move[],
  word: Word,
  { cloud, clock, store }: TryAgainPorts,
  record: RecoveryRecord,
  book: MoveBook,
  witness: HostWitness,
): Promise<void> {
  const { host, isolation, orders, notificationId, proof } = record.value;
  if (isolation === undefined) throw new Error(`${host} was never kept out by this engine`);
  await cloud.disableService(isolation.serviceId, recoveryMark(proof, isolation.wasDisabled, clock.now(), 'alive'));
  const now = clock.now();
  await record.change(
    { state: 'evacuating', reason: `tried again ${inWords(word)}` },
    {
      isolation: { ...isolation, baselineUpdatedAtMs: undefined, baselineReadAtMs: now, aliveSinceMs: now },
      orders: { ...orders, reopened: { ...word, atMs: now }, cancelled: undefined, acknowledged: undefined },
      endedAtMs: undefined,
    },
  );
  witness.believeIsolation();
  await book.write(failed.map((move) => triedAgain(move, `tried again ${inWords(word)}`)));
  await store.setNotificationStatus(notificationId, 'running');
}

/** It was tried again after its end, and no fencing since then has proven the host down anew. */
export function awaitsFencing({ orders, proof }: Recovery): boolean {
  return orders.reopened !== undefined && proof.completedAtMs <= orders.reopened.atMs;
}
