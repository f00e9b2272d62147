import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { memoryDisk, memoryStore } from '../../../src/engine/store/memory-store.ts';
import { openSqliteStore } from '../../../src/engine/store/sqlite-store.ts';
import { storeContract } from '../../contract/store.ts';
import { recordingLogger } from '../../support/recording-logger.ts';

const directory = mkdtempSync(join(tmpdir(), 'lifeboat-store-contract-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

let files = 0;
storeContract('embedded', async () => {
  const path = join(directory, `${++files}.db`);
  return () => openSqliteStore(path, recordingLogger());
});

storeContract('in memory', async () => {
  const disk = memoryDisk();
  return async () => memoryStore(disk);
});

describe('the store in memory', () => {
  const suspect = { host: 'c', node: 'c', serviceId: 's', wasDisabled: false, sinceMs: 1, isolated: true };

  it('holds nothing of a write that has not resolved', async () => {
    const disk = memoryDisk();
    void memoryStore(disk, () => new Promise(() => undefined)).saveSuspect(suspect);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await memoryStore(disk).suspects()).toEqual([]);
  });

  it('fails with the error of its disk, and holds nothing of that write', async () => {
    const disk = memoryDisk();
    const full = memoryStore(disk, async () => {
      throw new Error('disk full');
    });
    await expect(full.saveSuspect(suspect)).rejects.toThrow('disk full');
    expect(await full.suspects()).toEqual([]);
  });
});
