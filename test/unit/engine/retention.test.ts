import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fencing } from '../../../src/crm/snapshot.ts';
import { Retention } from '../../../src/engine/retention.ts';
import { openSqliteStore } from '../../../src/engine/store/sqlite-store.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { reported } from '../../store/registry-suite.ts';
import { owed } from '../../store/suite.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { SNAPSHOT } from './bench.ts';

const DAY_MS = 86_400_000;
const EVERY = { where: [], order: [{ column: 'number', direction: 'asc' }] } as const;

describe('old records', () => {
  let directory = '';
  let store: Store;
  const clock = virtualClock();
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'lifeboat-retention-'));
    store = await openSqliteStore(join(directory, 'engine.db'), recordingLogger());
    await store.takeLease({ holder: 'ctl1 test', durationMs: 60_000 });
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Released so long ago; its fencing was in the given second. */
  const released = async (daysAgo: number, second: number): Promise<string> => {
    const atMs = clock.now() - daysAgo * DAY_MS;
    const { notification, recovery } = owed(second * 1_000, atMs);
    await store.addRecovery({ ...notification, status: 'finished' }, recovery);
    await store.saveRecovery({ ...recovery, state: 'released', releasedAtMs: atMs });
    return notification.id;
  };
  const sweep = async (fencings: readonly Fencing[] = []): Promise<readonly string[]> => {
    const retention = new Retention({ store, clock, logger: recordingLogger(), retentionMs: 30 * DAY_MS });
    const swept = { gone: [] as readonly string[], hasEnded: false };
    void retention.sweep({ ...SNAPSHOT, fencings }, new AbortController().signal).then((gone) => {
      Object.assign(swept, { gone, hasEnded: true });
    });
    while (!swept.hasEnded) await clock.advance(1_000);
    return swept.gone;
  };
  const fencing = (second: number): Fencing => ({
    target: 'cmp1',
    action: 'reboot',
    status: 'success',
    client: 'pacemaker-controld.1',
    origin: 'ctl1',
    delegate: 'ctl2',
    completedAtMs: second * 1_000 + 400,
    exitReason: undefined,
  });

  it('are removed when they are older than the retention, however many they are', async () => {
    const old: string[] = [];
    for (let index = 0; index < 250; index += 1) old.push(await released(31 + index, 1_000 + index));
    await released(29, 5_000);
    expect((await sweep()).toSorted()).toEqual(old.toSorted());
    expect(await store.recoveries(10)).toHaveLength(1);
  });

  it('stay as long as Pacemaker still lists the fencing that they answered, for it must not be answered twice (S3)', async () => {
    const listed = await released(40, 1_000);
    const gone = await released(40, 2_000);
    expect(await sweep([fencing(1_000)])).toEqual([gone]);
    const again = owed(1_000_000);
    expect(await store.addRecovery(again.notification, again.recovery)).toBe('known');
    expect(await sweep()).toEqual([listed]);
  });

  it('of others are removed with them, when they have ended', async () => {
    for (let index = 0; index < 150; index += 1)
      await store.addNotice({ ...reported(`ended-${index}`), status: 'ignored' });
    await store.addNotice(reported('open'));
    await sweep();
    expect(await store.listNotices(EVERY), 'they are new').toHaveLength(151);
    // Their times are the store's own, which no test turns.
    const retention = new Retention({ store, clock, logger: recordingLogger(), retentionMs: -90_000 * DAY_MS });
    const sweeping = retention.sweep(SNAPSHOT, new AbortController().signal);
    for (let second = 0; second < 10; second += 1) await clock.advance(1_000);
    await sweeping;
    expect((await store.listNotices(EVERY)).map(({ uuid }) => uuid)).toEqual(['open']);
  });

  it('are looked for once an hour', async () => {
    let asked = 0;
    const counted: Store = {
      ...store,
      closedBefore: (beforeMs, after, limit) => {
        asked += 1;
        return store.closedBefore(beforeMs, after, limit);
      },
    };
    const retention = new Retention({
      store: counted,
      clock,
      logger: recordingLogger(),
      retentionMs: 30 * DAY_MS,
    });
    const { signal } = new AbortController();
    for (let minute = 0; minute < 121; minute += 1) {
      await retention.sweep(SNAPSHOT, signal);
      await clock.advance(60_000);
    }
    expect(asked).toBe(3);
  });
});
