import type { Move } from '../move.ts';
import type { HostNotification } from '../notification.ts';
import { keepsOut, type Recovery } from '../recovery.ts';
import type { Segment } from '../segments/segment.ts';
import type { Taking } from '../segments/taking.ts';
import type { Suspect } from '../suspect.ts';
import type { Store } from './store.ts';

/** What outlives the process that wrote it. */
export interface MemoryDisk {
  readonly notifications: Map<string, HostNotification>;
  readonly recoveries: Map<string, Recovery>;
  readonly moves: Map<string, Move>;
  readonly suspects: Map<string, Suspect>;
  segments: readonly Segment[];
  readonly takings: Map<string, Taking>;
}

export function memoryDisk(): MemoryDisk {
  return {
    notifications: new Map(),
    recoveries: new Map(),
    moves: new Map(),
    suspects: new Map(),
    segments: [],
    takings: new Map(),
  };
}

/**
 * The store of a simulated engine, held to the same suite as the embedded one. `commit` is waited for before anything is
 * written: while it does not resolve (the process was killed, or the disk does not answer) nothing has happened, and when
 * it rejects the call fails with its error. What is written afterwards is written whole.
 */
export function memoryStore(disk: MemoryDisk, commit: () => Promise<void> = async () => undefined): Store {
  const write = async <T>(change: () => T): Promise<T> => {
    await commit();
    return change();
  };

  const addOnce = (notification: HostNotification): 'added' | 'known' => {
    const { proof } = notification;
    for (const known of disk.notifications.values()) if (known.proof.id === proof.id) return 'known';
    disk.notifications.set(notification.id, notification);
    return 'added';
  };

  return {
    addRecovery: (notification, recovery) =>
      write(() => {
        if (addOnce(notification) === 'known') return 'known';
        disk.recoveries.set(recovery.id, recovery);
        return 'added';
      }),
    addNotification: (notification) => write(() => addOnce(notification)),
    setNotificationStatus: (id, status) =>
      write(() => {
        const known = disk.notifications.get(id);
        if (known !== undefined) disk.notifications.set(id, { ...known, status });
      }),
    saveRecovery: (recovery) =>
      write(() => {
        if (disk.recoveries.has(recovery.id)) disk.recoveries.set(recovery.id, recovery);
      }),
    saveMoves: (moves) =>
      write(() => {
        for (const move of moves) disk.moves.set(move.id, move);
      }),
    recoveries: async (limit) =>
      [...disk.recoveries.values()].sort((a, b) => b.createdAtMs - a.createdAtMs).slice(0, limit),
    openRecoveries: async () =>
      [...disk.recoveries.values()].filter(keepsOut).sort((a, b) => a.createdAtMs - b.createdAtMs),
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
        disk.segments = [...segments];
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
    close: async () => undefined,
  };
}

/** As SQLite compares: by bytes. */
function byName(a: Move, b: Move): number {
  return Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
}
