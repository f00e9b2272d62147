import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/edge/clock.ts';
import { memoryDisk, memoryStore } from '../../../src/engine/store/memory-store.ts';
import { storeSuite } from '../../store/suite.ts';

describe('the store in memory', () => {
  const now = (): number => systemClock.now();
  const suspect = { host: 'c', node: 'c', serviceId: 's', wasDisabled: false, sinceMs: 1, isolated: true };
  const claim = { holder: 'ctl1 a', durationMs: 60_000 };

  storeSuite(() => {
    const disk = memoryDisk();
    return { open: async () => memoryStore(disk, { now }) };
  });

  it('holds nothing of a write that has not resolved', async () => {
    const disk = memoryDisk();
    let isDead = false;
    const commit = (): Promise<void> => (isDead ? new Promise(() => undefined) : Promise.resolve());
    const store = memoryStore(disk, { now, commit });
    await store.takeLease(claim);
    isDead = true;
    void store.saveSuspect(suspect);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await memoryStore(disk, { now }).suspects()).toEqual([]);
  });

  it('fails with the error of its disk, and holds nothing of that write', async () => {
    const disk = memoryDisk();
    let isFull = false;
    const commit = async (): Promise<void> => {
      if (isFull) throw new Error('disk full');
    };
    const store = memoryStore(disk, { now, commit });
    await store.takeLease(claim);
    isFull = true;
    await expect(store.saveSuspect(suspect)).rejects.toThrow('disk full');
    expect(await store.suspects()).toEqual([]);
  });
});
