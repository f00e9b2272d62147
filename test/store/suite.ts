import { beforeEach, describe, expect, it } from 'vitest';
import { systemRandomness } from '../../src/edge/randomness.ts';
import type { Move } from '../../src/engine/move.ts';
import { newRecovery, type OwedRecovery } from '../../src/engine/rebuild.ts';
import type { Store } from '../../src/engine/store/store.ts';
import type { Segment } from '../../src/engine/segments/segment.ts';
import type { Taking } from '../../src/engine/segments/taking.ts';
import type { Suspect } from '../../src/engine/suspect.ts';
import { eventually } from '../support/eventually.ts';
import { proofOf } from '../unit/engine/bench.ts';
import { registrySuite } from './registry-suite.ts';

/** One empty database. Each `open` is what another process would have of it; whoever opens closes. */
export interface StoreStage {
  readonly open: () => Promise<Store>;
}

const LONG = { durationMs: 60_000 };
const DAY_MS = 86_400_000;

/** What must be true of any store, wherever it keeps its rows. */
export function storeSuite(stageOf: () => Promise<StoreStage> | StoreStage): void {
  let stage: StoreStage;
  beforeEach(async () => {
    stage = await stageOf();
  });

  const withStore = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const store = await stage.open();
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };
  const asEngine = <T>(work: (store: Store) => Promise<T>): Promise<T> =>
    withStore(async (store) => {
      await store.takeLease({ holder: `ctl1 ${systemRandomness.uuid()}`, ...LONG });
      try {
        return await work(store);
      } finally {
        await store.releaseLease();
      }
    });

  registrySuite(asEngine);

  describe('what was written', () => {
    it('is there when it was closed and opened again', async () => {
      const { notification, recovery } = owed();
      await asEngine(async (store) => {
        expect(await store.addRecovery(notification, recovery)).toBe('added');
        await store.saveMoves([moveOf(recovery.id, 'a')]);
      });
      await withStore(async (store) => {
        expect(await store.openRecoveries()).toEqual([recovery]);
        expect(await store.recoveries(10)).toEqual([recovery]);
        expect(await store.movesOf(recovery.id)).toEqual([moveOf(recovery.id, 'a')]);
      });
    });

    it('takes one proof once: the second notification of it changes nothing', async () => {
      const [first, second] = [owed(), owed()];
      await asEngine(async (store) => {
        expect(await store.addRecovery(first.notification, first.recovery)).toBe('added');
        expect(await store.addRecovery(second.notification, second.recovery)).toBe('known');
        expect(await store.addNotification(owed().notification)).toBe('known');
        expect(await store.openRecoveries()).toEqual([first.recovery]);
        expect(await store.isAnswered(first.notification.proof.id)).toBe(true);
        expect(await store.isAnswered('cmp1:1')).toBe(false);
      });
    });

    it('a missed failure is not an answered one, until it has a recovery or was left alone', async () => {
      const [missed, left, failed] = [owed(), owed(2_000_000), owed(3_000_000)];
      await asEngine(async (store) => {
        await store.addNotification({ ...missed.notification, status: 'failed' }, 'it was missed');
        await store.addNotification({ ...left.notification, status: 'ignored' }, 'it is left alone');
        await store.addRecovery({ ...failed.notification, status: 'failed' }, failed.recovery);
        const proofs = [missed, left, failed].map(({ notification }) => notification.proof.id);
        expect(await Promise.all(proofs.map((id) => store.isAnswered(id)))).toEqual([false, true, true]);
      });
    });

    it('is the same when it is written again, for the answer to the first try may be lost', async () => {
      const { notification, recovery } = owed();
      await asEngine(async (store) => {
        await store.addRecovery(notification, recovery);
        expect(await store.addRecovery(notification, recovery)).toBe('added');
        expect(await store.openRecoveries()).toEqual([recovery]);
        const alone = owed(9_000_000).notification;
        expect(await store.addNotification(alone)).toBe('added');
        expect(await store.addNotification(alone)).toBe('added');
        await store.removeSuspect('nobody');
      });
    });

    it('has every move of a big host, and the newest state of each', async () => {
      const { notification, recovery } = owed();
      const moves = Array.from({ length: 1_201 }, (_, index) => moveOf(recovery.id, String(index).padStart(5, '0')));
      await asEngine(async (store) => {
        await store.addRecovery(notification, recovery);
        await store.saveMoves([]);
        await store.saveMoves(moves);
        const done = moves.slice(600).map((move): Move => ({ ...move, state: 'done', targetHost: 'cmp2' }));
        await store.saveMoves(done);
        expect(await store.movesOf(recovery.id)).toEqual([...moves.slice(0, 600), ...done]);
      });
    });

    it('keeps every character of a text, and long ones whole', async () => {
      const { notification, recovery } = owed();
      const name = `it's "web" \\ 100% \n\t ünïcödé 🛟 ; DROP TABLE move; --`;
      const move = { ...moveOf(recovery.id, 'a'), name, reason: `${'x'.repeat(70_000)}🛟` };
      await asEngine(async (store) => {
        await store.addRecovery(notification, recovery);
        await store.saveMoves([move]);
        expect(await store.movesOf(recovery.id)).toEqual([move]);
      });
    });

    it('tells names apart that differ in upper and lower case', async () => {
      await asEngine(async (store) => {
        for (const host of ['cmp1', 'CMP1', 'cmp1.']) await store.saveSuspect(suspectOf(host));
        await store.removeSuspect('cmp1');
        expect((await store.suspects()).map(({ host }) => host).toSorted()).toEqual(['CMP1', 'cmp1.']);
      });
    });

    it('has a suspect once, as it was saved last', async () => {
      await asEngine(async (store) => {
        await store.saveSuspect(suspectOf('cmp3'));
        await store.saveSuspect({ ...suspectOf('cmp3'), isolated: true });
        expect(await store.suspects()).toEqual([{ ...suspectOf('cmp3'), isolated: true }]);
      });
    });

    it('has what an operator said of a recovery, and an order of its moves', async () => {
      const { notification, recovery } = owed();
      const orders = { cancelled: { by: 'root', atMs: 1_780_000_000_123, reason: 'the wrong "rack"' } };
      await asEngine(async (store) => {
        await store.addRecovery(notification, recovery);
        await store.saveRecovery({ ...recovery, orders });
        expect(await store.openRecoveries()).toEqual([{ ...recovery, orders }]);
      });
    });

    it('has the segments as they were written last, in their order, and the reserved hosts that are taken', async () => {
      const segment = (name: string, hosts: readonly string[]): Segment => ({
        uuid: `segment-${name}`,
        name,
        description: undefined,
        serviceType: 'compute',
        recoveryMethod: 'auto',
        enabled: true,
        declared: true,
        hosts: hosts.map((host) => ({
          uuid: `host-${host}`,
          name: host,
          type: 'COMPUTE',
          controlAttributes: '',
          reserved: host.endsWith('9'),
          onMaintenance: false,
        })),
      });
      const taking: Taking = {
        host: 'cmp9',
        serviceId: 's-9',
        failedHost: 'cmp1',
        state: 'taking',
        wasEnabled: false,
        formerReason: undefined,
        aggregates: ['1', '2'],
        sinceMs: 1_780_000_000_123,
      };
      await asEngine(async (store) => {
        await store.replaceSegments([segment('z', ['cmp2', 'cmp1', 'cmp9']), segment('a', [])]);
        expect(await store.segments()).toEqual([segment('z', ['cmp2', 'cmp1', 'cmp9']), segment('a', [])]);
        await store.replaceSegments([segment('a', ['cmp1'])]);
        expect(await store.segments()).toEqual([segment('a', ['cmp1'])]);
        await store.saveTaking(taking);
        await store.saveTaking({ ...taking, state: 'taken' });
        expect(await store.takings()).toEqual([{ ...taking, state: 'taken' }]);
        await store.removeTaking('cmp9');
        expect(await store.takings()).toEqual([]);
      });
    });

    it('lists as open what is neither released nor superseded, oldest first', async () => {
      await asEngine(async (store) => {
        const all = [1, 2, 3, 4].map((second) => owed(second * 1_000_000, second));
        for (const each of all.toReversed()) await store.addRecovery(each.notification, each.recovery);
        const [first, second, third, fourth] = all.map(({ recovery }) => recovery);
        await store.saveRecovery({ ...required(second), state: 'released', releasedAtMs: 7 });
        await store.saveRecovery({ ...required(third), state: 'superseded' });
        expect(await store.openRecoveries()).toEqual([first, fourth]);
        expect((await store.recoveries(2)).map(({ id }) => id)).toEqual([fourth?.id, third?.id]);
      });
    });
  });

  describe('the lease (S5)', () => {
    const take = (store: Store, holder: string, durationMs = 60_000) => store.takeLease({ holder, durationMs });

    it('is needed for every write', async () => {
      const { notification, recovery } = owed();
      await withStore(async (store) => {
        await expect(store.addRecovery(notification, recovery)).rejects.toMatchObject({ code: 'LEASE_LOST' });
        await expect(store.renewLease(1_000)).rejects.toMatchObject({ code: 'LEASE_LOST' });
        await take(store, 'ctl1 a');
        expect(await store.addRecovery(notification, recovery)).toBe('added');
      });
    });

    it('is not given to a second one while the first has it, and tells who that is', async () => {
      await withStore((first) =>
        withStore(async (second) => {
          expect(await take(first, 'ctl1 a')).toEqual({ kind: 'taken', epoch: 1 });
          const answer = await take(second, 'ctl2 b');
          expect(answer).toMatchObject({ kind: 'held', record: { holder: 'ctl1 a', epoch: 1, durationMs: 60_000 } });
          if (answer.kind === 'taken') return;
          expect(answer.record.leftMs).toBeGreaterThan(50_000);
          expect(answer.record.leftMs).toBeLessThanOrEqual(60_000);
        }),
      );
    });

    it('goes to the next one when it has expired by the clock of the store, with a new epoch', async () => {
      await withStore((first) =>
        withStore(async (second) => {
          await take(first, 'ctl1 a', 300);
          expect((await take(second, 'ctl2 b')).kind).toBe('held');
          const taken = await eventually('it is taken', async () => {
            const answer = await take(second, 'ctl2 b');
            return answer.kind === 'taken' && answer;
          });
          expect(taken).toEqual({ kind: 'taken', epoch: 2 });
        }),
      );
    });

    it('refuses every write of an engine that was deposed, and writes nothing of it', async () => {
      const before = owed();
      await withStore((old) =>
        withStore(async (next) => {
          await take(old, 'ctl1 a', 1);
          await old.addRecovery(before.notification, before.recovery);
          await old.saveSuspect(suspectOf('cmp3'));
          await eventually('the next one has it', async () => (await take(next, 'ctl2 b')).kind === 'taken');
          const another = owed(9_000_000);
          const writes: readonly (() => Promise<unknown>)[] = [
            () => old.addRecovery(another.notification, another.recovery),
            () => old.addNotification(another.notification),
            () => old.setNotificationStatus(before.notification.id, 'finished'),
            () => old.saveRecovery({ ...before.recovery, state: 'released' }),
            () => old.saveMoves([moveOf(before.recovery.id, 'a')]),
            () => old.saveSuspect(suspectOf('cmp4')),
            () => old.removeSuspect('cmp3'),
            () => old.replaceSegments([]),
            () => old.removeTaking('cmp9'),
            () => old.forget([before.notification.id]),
            () => old.renewLease(60_000),
            () => old.releaseLease(),
          ];
          for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'LEASE_LOST' });
          await expect(old.renewLease(1)).rejects.toThrow(/the engine of ctl2 has taken it/);
          expect(await next.openRecoveries()).toEqual([before.recovery]);
          expect(await next.movesOf(before.recovery.id)).toEqual([]);
          expect(await next.suspects()).toEqual([suspectOf('cmp3')]);
          expect(await next.addRecovery(another.notification, another.recovery)).toBe('added');
        }),
      );
    });

    it('is renewed also when it has expired, as long as nobody has taken it', async () => {
      await withStore((first) =>
        withStore(async (second) => {
          await take(first, 'ctl1 a', 1);
          const takenAtMs = performance.now();
          await eventually('it has expired', () => performance.now() > takenAtMs + 20);
          await first.renewLease(60_000);
          expect((await take(second, 'ctl2 b')).kind).toBe('held');
        }),
      );
    });

    it('that was given back is there for the next one at once, and its former holder writes no more', async () => {
      await withStore((first) =>
        withStore(async (second) => {
          await take(first, 'ctl1 a');
          await first.releaseLease();
          await expect(first.saveSuspect(suspectOf('cmp3'))).rejects.toMatchObject({ code: 'LEASE_LOST' });
          expect(await take(second, 'ctl2 b')).toEqual({ kind: 'taken', epoch: 2 });
        }),
      );
    });

    it('of a holder that gave no other sign since it was looked at may be taken before its time, else not', async () => {
      await withStore((first) =>
        withStore(async (second) => {
          await take(first, 'ctl1 a');
          const seen = await take(second, 'ctl2 b');
          if (seen.kind === 'taken') throw new Error('it was free');
          await first.saveSuspect(suspectOf('cmp3'));
          const claim = { holder: 'ctl2 b', durationMs: 60_000 };
          const again = await second.takeLease({ ...claim, evenIf: seen.record });
          if (again.kind === 'taken') throw new Error('it was taken from a living holder');
          expect(await second.takeLease({ ...claim, evenIf: again.record })).toEqual({ kind: 'taken', epoch: 2 });
          await expect(first.saveSuspect(suspectOf('cmp4'))).rejects.toMatchObject({ code: 'LEASE_LOST' });
        }),
      );
    });

    it('is the same epoch for a holder that asks again, for the first answer may be lost', async () => {
      await withStore(async (store) => {
        expect(await take(store, 'ctl1 a')).toEqual({ kind: 'taken', epoch: 1 });
        expect(await take(store, 'ctl1 a')).toEqual({ kind: 'taken', epoch: 1 });
      });
    });
  });

  describe('what is closed', () => {
    it('can be forgotten when it is old enough: never what is open, nor anything of it', async () => {
      await asEngine(async (store) => {
        const names = ['released', 'superseded', 'recovered', 'evacuating', 'late'] as const;
        const all = names.map((name, index) => ({ name, ...owed((index + 1) * 1_000_000, index + 1) }));
        for (const { notification, recovery } of all) {
          await store.addRecovery(notification, recovery);
          await store.saveMoves([moveOf(recovery.id, recovery.id)]);
        }
        const [released, superseded, recovered, , late] = all;
        await store.saveRecovery({ ...required(released).recovery, state: 'released', releasedAtMs: 100 });
        await store.saveRecovery({ ...required(superseded).recovery, state: 'superseded' });
        await store.saveRecovery({ ...required(recovered).recovery, state: 'recovered', endedAtMs: 100 });
        await store.saveRecovery({ ...required(late).recovery, state: 'released', releasedAtMs: 2 * DAY_MS });
        const told = owed(8_000_000, 3).notification;
        await store.addNotification({ ...told, status: 'failed' });
        await store.addNotification({ ...owed(9_000_000, 4).notification, status: 'new' });

        const found = await everyPage(store, DAY_MS);
        expect(found.map(({ id }) => id).toSorted()).toEqual(
          [required(released).notification.id, required(superseded).notification.id, told.id].toSorted(),
        );
        expect(found.find(({ id }) => id === told.id)?.proofId).toBe(told.proof.id);
        await store.forget(found.map(({ id }) => id));
        expect(await everyPage(store, DAY_MS)).toEqual([]);
        const left = (await store.recoveries(10)).map(({ id }) => id);
        expect(left).toHaveLength(3);
        expect(await store.movesOf(required(released).recovery.id)).toEqual([]);
        expect(await store.movesOf(required(recovered).recovery.id)).toHaveLength(1);
      });
    });
  });
}

/** In pages of one, so that the pages are tried. */
async function everyPage(store: Store, beforeMs: number): ReturnType<Store['closedBefore']> {
  const found: Awaited<ReturnType<Store['closedBefore']>>[number][] = [];
  for (;;) {
    const [next] = await store.closedBefore(beforeMs, found.at(-1)?.id ?? '', 1);
    if (next === undefined) return found;
    found.push(next);
  }
}

export function owed(completedAtMs = 1_000_000, now = 2): OwedRecovery {
  const proof = proofOf('cmp1', completedAtMs);
  return newRecovery({ host: 'cmp1', node: 'cmp1', proof, lostSinceMs: 1, now }, systemRandomness);
}

export function moveOf(recoveryId: string, id: string): Move {
  return {
    id,
    recoveryId,
    instanceId: `i-${id}`,
    name: `web-${id}`,
    state: 'waiting',
    reason: undefined,
    sourceHost: 'cmp1',
    targetHost: undefined,
    formerVmState: 'active',
    wantedState: 'active',
    failures: 0,
    pastEvacuationId: 0,
    sentAtMs: 1_780_000_002_345,
    acceptedAtMs: undefined,
    endedAtMs: undefined,
    rank: undefined,
    way: undefined,
  };
}

function suspectOf(host: string): Suspect {
  return { host, node: 'cmp3', serviceId: 's-3', wasDisabled: false, sinceMs: 1_780_000_002_345, isolated: false };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test made it');
  return value;
}
