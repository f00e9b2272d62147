import { LifeboatError } from '../../errors.ts';
import type { Move } from '../move.ts';
import type { HostNotification } from '../notification.ts';
import { keepsOut, type Recovery } from '../recovery.ts';
import type { Taking } from '../segments/taking.ts';
import type { Suspect } from '../suspect.ts';
import { nameOf, type LeaseRecord } from './lease-record.ts';
import { memoryRegistry, registryDisk, type RegistryDisk } from './memory-registry.ts';
import type { Store } from './store.ts';

/** What outlives the process that wrote it. */
export interface MemoryDisk extends RegistryDisk {
  readonly notifications: Map<string, HostNotification>;
  readonly recoveries: Map<string, Recovery>;
  readonly moves: Map<string, Move>;
  readonly suspects: Map<string, Suspect>;
  readonly takings: Map<string, Taking>;
  lease: DiskLease | undefined;
}

type DiskLease = Omit<LeaseRecord, 'leftMs'> & { readonly expiresAtMs: number };

export function memoryDisk(): MemoryDisk {
  return {
    ...registryDisk(),
    notifications: new Map(),
    recoveries: new Map(),
    moves: new Map(),
    suspects: new Map(),
    takings: new Map(),
    lease: undefined,
  };
}

export interface MemoryStoreOptions {
  /** The clock of the lease. */
  readonly now: () => number;
  /**
   * Waited for before anything is written: while it does not resolve (the process was killed, or the disk does not answer)
   * nothing has happened, and when it rejects the call fails with its error. What is written afterwards is written whole.
   */
  readonly commit?: () => Promise<void>;
}

/** The store of a simulated engine, held to the same suite as the embedded one. */
export function memoryStore(disk: MemoryDisk, options: MemoryStoreOptions): Store {
  const { now, commit = async () => undefined } = options;
  let epoch: number | undefined;

  const ours = (): DiskLease => {
    const { lease } = disk;
    if (epoch === undefined) throw new LifeboatError('LEASE_LOST', 'this engine does not hold the lease of the store');
    if (lease?.epoch === epoch) return lease;
    const taker = lease === undefined ? 'nobody' : `the engine of ${nameOf(lease.holder)}`;
    throw new LifeboatError('LEASE_LOST', `the lease of epoch ${epoch} is lost: ${taker} has taken it`);
  };

  const write = async <T>(change: () => T): Promise<T> => {
    await commit();
    const lease = ours();
    disk.lease = { ...lease, sign: lease.sign + 1 };
    return change();
  };

  const registry = memoryRegistry({ disk, now, write });

  const addOnce = (notification: HostNotification, answer?: Recovery | string): 'added' | 'known' => {
    const { proof } = notification;
    for (const known of disk.notifications.values())
      if (known.proof.id === proof.id && known.id !== notification.id) return 'known';
    const isNew = !disk.notifications.has(notification.id);
    disk.notifications.set(notification.id, notification);
    if (isNew) registry.noteOwn(notification, answer);
    return 'added';
  };

  const recoveriesOf = ({ id }: HostNotification): Recovery[] =>
    [...disk.recoveries.values()].filter(({ notificationId }) => notificationId === id);

  return {
    ...registry.verbs,
    takeLease: async ({ holder, durationMs, evenIf }) => {
      await commit();
      const { lease } = disk;
      if (lease !== undefined) {
        const { expiresAtMs, ...record } = lease;
        const leftMs = Math.max(0, expiresAtMs - now());
        const isAsSeen = evenIf?.epoch === lease.epoch && evenIf.sign === lease.sign;
        if (leftMs > 0 && lease.holder !== holder && !isAsSeen) return { kind: 'held', record: { ...record, leftMs } };
      }
      epoch = lease?.holder === holder ? lease.epoch : (lease?.epoch ?? 0) + 1;
      disk.lease = { holder, epoch, sign: (lease?.sign ?? 0) + 1, durationMs, expiresAtMs: now() + durationMs };
      return { kind: 'taken', epoch };
    },
    renewLease: (durationMs) =>
      write(() => {
        disk.lease = { ...ours(), durationMs, expiresAtMs: now() + durationMs };
      }),
    releaseLease: async () => {
      await write(() => {
        disk.lease = { ...ours(), expiresAtMs: 0 };
      });
      epoch = undefined;
    },
    addRecovery: (notification, recovery) =>
      write(() => {
        if (addOnce(notification, recovery) === 'known') return 'known';
        disk.recoveries.set(recovery.id, recovery);
        return 'added';
      }),
    addNotification: (notification, reason) => write(() => addOnce(notification, reason)),
    isAnswered: async (proofId) => {
      const found = [...disk.notifications.values()].find(({ proof }) => proof.id === proofId);
      if (found === undefined || found.status !== 'failed') return found !== undefined;
      return [...disk.recoveries.values()].some(({ notificationId }) => notificationId === found.id);
    },
    setNotificationStatus: (id, status) =>
      write(() => {
        const known = disk.notifications.get(id);
        if (known !== undefined) disk.notifications.set(id, { ...known, status });
      }),
    saveRecovery: (recovery) =>
      write(() => {
        if (disk.recoveries.has(recovery.id)) disk.recoveries.set(recovery.id, recovery);
        registry.follow(recovery);
      }),
    saveMoves: (moves) =>
      write(() => {
        for (const move of moves) disk.moves.set(move.id, move);
      }),
    recoveries: async (limit) =>
      [...disk.recoveries.values()].sort((a, b) => b.createdAtMs - a.createdAtMs).slice(0, limit),
    openRecoveries: async () =>
      [...disk.recoveries.values()].filter(keepsOut).sort((a, b) => a.createdAtMs - b.createdAtMs),
    recoveryBy: async (id) => disk.recoveries.get(id),
    movesOf: async (recoveryId) =>
      [...disk.moves.values()].filter((move) => move.recoveryId === recoveryId).sort(byName),
    saveSuspect: (suspect) =>
      write(() => {
        disk.suspects.set(suspect.host, suspect);
      }),
    removeSuspect: (host) =>
      write(() => {
        disk.suspects.delete(host);
      }),
    suspects: async () => [...disk.suspects.values()],
    segments: async () => disk.segments,
    replaceSegments: (segments) =>
      write(() => {
        registry.replaceSegments(segments);
      }),
    saveTaking: (taking) =>
      write(() => {
        disk.takings.set(taking.host, taking);
      }),
    removeTaking: (host) =>
      write(() => {
        disk.takings.delete(host);
      }),
    takings: async () => [...disk.takings.values()].sort((a, b) => (a.host < b.host ? -1 : 1)),
    closedBefore: async (beforeMs, after, limit) =>
      [...disk.notifications.values()]
        .filter(({ id }) => id > after)
        .filter((notification) => isClosed(notification, recoveriesOf(notification), beforeMs))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map(({ id, proof }) => ({ id, proofId: proof.id })),
    forget: (ids) =>
      write(() => {
        const gone = new Set(ids);
        const recoveryIds = [...disk.recoveries.values()].filter(({ notificationId }) => gone.has(notificationId));
        registry.forgetOf(gone, new Set(recoveryIds.map(({ id }) => id)));
        for (const { id, notificationId } of [...disk.recoveries.values()]) {
          if (!gone.has(notificationId)) continue;
          disk.recoveries.delete(id);
          for (const move of [...disk.moves.values()]) if (move.recoveryId === id) disk.moves.delete(move.id);
        }
        for (const id of ids) disk.notifications.delete(id);
      }),
    close: async () => undefined,
  };
}

function isClosed(notification: HostNotification, recoveries: readonly Recovery[], beforeMs: number): boolean {
  if (notification.createdAtMs >= beforeMs) return false;
  if (recoveries.length === 0) return ['finished', 'failed', 'ignored'].includes(notification.status);
  return recoveries.every(
    ({ state, createdAtMs, endedAtMs, releasedAtMs }) =>
      (state === 'released' || state === 'superseded') &&
      [createdAtMs, endedAtMs, releasedAtMs].every((ms) => ms === undefined || ms < beforeMs),
  );
}

/** As SQLite compares: by bytes. */
function byName(a: Move, b: Move): number {
  return Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
}
