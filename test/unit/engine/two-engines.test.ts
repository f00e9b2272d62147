import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/edge/clock.ts';
import type { Lease } from '../../../src/engine/lease.ts';
import { eventually } from '../../support/eventually.ts';
import { leaseOf } from '../../support/lease.ts';
import { engineBench, proofOf, proven, untilRecovery, type RunningEngine } from './bench.ts';
import { freezer, inTurn } from './freezer.ts';

type CleanUps = (cleanUp: () => Promise<void>) => void;

/** More than the calls of one whole recovery of three instances. */
const FREEZE_POINTS = 61;
const GROUP = 12;
/** Every third one, another third each in the two moments: each takes as long as a lease. */
const STRIDE = 3;
const LEASE_MS = 500;

describe('two engines on one store (S5)', () => {
  for (const moment of ['before', 'after'] as const) {
    for (let first = moment === 'before' ? 2 : 1; first <= FREEZE_POINTS; first += GROUP) {
      it.concurrent(
        `the first frozen just ${moment} its calls ${first} to ${first + GROUP - 1}, and thawed when the second has finished: nothing of it lands`,
        async ({ onTestFinished }) => {
          for (let point = first; point < first + GROUP; point += STRIDE) await frozenAt(onTestFinished, point, moment);
        },
        60_000,
      );
    }
  }

  it.concurrent('the second does nothing while the first renews its lease', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 2 });
    const together = inTurn();
    const firstStore = together(await bench.openStore());
    const first = await bench.start({ store: firstStore, lease: shortLease(firstStore, 'ctl1 a', bench) });
    const secondStore = together(await bench.openStore());
    let second: RunningEngine | undefined;
    const starting = bench
      .start({ store: secondStore, lease: shortLease(secondStore, 'ctl2 b', bench) })
      .then((running) => (second = running));
    await bench.emulator.killHost('cmp1');
    await untilRecovery(first, 'cmp1', 'recovered', [proven('cmp1')]);
    expect(second, 'it waits for the lease').toBeUndefined();
    await first.stop();
    await starting;
    expect(second?.engine.phase).toBe('active');
    expect(second?.engine.recoveries[0]?.recovery.state).toBe('recovered');
    expect(await bench.emulator.evacuateCalls()).toHaveLength(2);
    await second?.stop();
  });
});

async function frozenAt(onTestFinished: CleanUps, point: number, moment: 'before' | 'after'): Promise<void> {
  const bench = await engineBench(onTestFinished, { instances: 3 });
  await bench.emulator.killHost('cmp1');
  const proof = proofOf('cmp1');
  const together = inTurn();
  const ice = freezer(systemClock, point, moment);
  const firstStore = ice.store(together(await bench.openStore()));
  const firstLease = leaseOf({
    store: firstStore,
    logger: bench.logger,
    clock: ice.clock,
    holder: 'ctl1 a',
    isGone: () => false,
    durationMs: LEASE_MS,
  });
  let first: RunningEngine | undefined;
  const cloud = ice.cloud(bench.cloud, () => firstLease);
  void bench.start({ store: firstStore, lease: firstLease, clock: ice.clock, cloud }).then(async (running) => {
    first = running;
    // Its daemon goes on looking, unless it is frozen too.
    while (!ice.isFrozen() && running.engine.recoveries[0]?.recovery.state !== 'recovered') {
      await running.see([proven('cmp1', proof)]);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  await eventually(
    `it is frozen at call ${point}, or has finished`,
    () => ice.isFrozen() || first?.engine.recoveries[0]?.recovery.state === 'recovered',
  );

  const secondStore = together(await bench.openStore());
  const second = await bench.start({
    store: secondStore,
    lease: shortLease(secondStore, 'ctl2 b', bench, !ice.isFrozen()),
  });
  await untilRecovery(second, 'cmp1', 'recovered', [proven('cmp1', proof)]);
  const before = await contents(second, secondStore);

  ice.thaw();
  await eventually('the first one has stepped down', async () => {
    await first?.see([proven('cmp1', proof)]);
    return first?.engine.phase === 'deposed';
  });
  expect(ice.changedAfterThaw, 'calls of the first one after its thaw').toEqual([]);
  expect(await contents(second, secondStore), 'the store').toEqual(before);
  const state = await bench.emulator.state();
  expect(state.instances.filter(({ host }) => host === 'cmp1')).toEqual([]);
  expect(await bench.emulator.evacuateCalls()).toHaveLength(3);
  expect(await bench.emulator.doubleRuns()).toEqual([]);
  await first?.stop();
  await second.stop();
}

function shortLease(
  store: Parameters<typeof leaseOf>[0]['store'],
  holder: string,
  { logger }: { readonly logger: Parameters<typeof leaseOf>[0]['logger'] },
  takesOver = false,
): Lease {
  return leaseOf({ store, logger, holder, isGone: () => takesOver, durationMs: LEASE_MS });
}

async function contents({ engine }: RunningEngine, store: Parameters<typeof leaseOf>[0]['store']): Promise<unknown> {
  const recoveries = await store.recoveries(10);
  const moves = await Promise.all(recoveries.map(({ id }) => store.movesOf(id)));
  return { recoveries, moves, suspects: await store.suspects(), shown: engine.recoveries.length };
}
