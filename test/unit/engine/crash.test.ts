import { describe, expect, it } from 'vitest';
import { engineBench, proofOf, proven, untilRecovery, type EngineBench } from './bench.ts';
import type { Proof } from '../../../src/bridge/index.ts';
import { eventually } from '../../support/eventually.ts';
import { mortal } from './mortal.ts';

type CleanUps = (cleanUp: () => Promise<void>) => void;

/** More than the effects of one whole recovery of three instances: the last points kill an engine that has finished. */
const KILL_POINTS = 50;
/** One test each, side by side. */
const GROUP = 5;

describe('an engine that is killed', () => {
  for (const moment of ['before', 'after'] as const) {
    for (let first = 1; first <= KILL_POINTS; first += GROUP) {
      it.concurrent(
        `just ${moment} its effects ${first} to ${first + GROUP - 1}: the next one finishes, and evacuates no instance twice (S3, S4)`,
        async ({ onTestFinished }) => {
          for (let dieAt = first; dieAt < first + GROUP; dieAt += 1) {
            const killed = await killedAt(onTestFinished, dieAt, moment);
            await finishedBy(killed, 'engine', dieAt);
          }
        },
        60_000,
      );
    }
  }

  it.concurrent(
    'and replaced by one on another controller, without its store: that one finishes, and evacuates no instance twice',
    async ({ onTestFinished }) => {
      for (let dieAt = 3; dieAt <= KILL_POINTS; dieAt += 3) {
        const killed = await killedAt(onTestFinished, dieAt, 'after');
        await finishedBy(killed, 'other-controller', dieAt);
      }
    },
    60_000,
  );

  it.concurrent(
    'and replaced by one on another controller after the node came back: Nova’s mark tells what is owed',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 4, options: { spawnMs: 300 } });
      const proof = proofOf('cmp1');
      await bench.emulator.killHost('cmp1');
      const first = await bench.start({ limits: { parallel: 1 } });
      await eventually('one instance is moved and the host is marked', async () => {
        await first.see([proven('cmp1', proof)]);
        const services = await bench.cloud.computeServices();
        const moved = first.engine.recoveries[0]?.moves.some(({ state }) => state === 'done');
        return moved && services.some(({ disabledReason }) => disabledReason !== undefined);
      });
      await first.engine.stop();

      const second = await bench.start({ store: await bench.openStore('other-controller') });
      await untilRecovery(second, 'cmp1', 'recovered', [{ state: 'up', node: 'cmp1', host: 'cmp1' }]);
      await expectAllMovedOnce(bench, 4);
      await second.stop();
    },
  );

  it.concurrent(
    'before it wrote anything, with a host that is up again: the next one says what was cut off',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 2 });
      const fencedAtMs = Math.ceil(Date.now() / 1000 + 1) * 1000;
      const fencing = {
        target: 'cmp1',
        action: 'reboot',
        status: 'success',
        client: 'pacemaker-controld.1',
        origin: 'ctl1',
        delegate: 'ctl2',
        completedAtMs: fencedAtMs,
        exitReason: undefined,
      } as const;
      const second = await bench.start();
      await second.see([{ state: 'up', node: 'cmp1', host: 'cmp1' }], {
        fencings: [fencing],
        readAtMs: fencedAtMs + 1,
      });
      await eventually('it is told', () => second.missed.length === 1);
      expect(second.missed[0]?.reason).toContain('2 instances on it were cut off');
      expect(await bench.emulator.evacuateCalls()).toEqual([]);
      await second.stop();

      const third = await bench.start();
      await third.see([{ state: 'up', node: 'cmp1', host: 'cmp1' }], { fencings: [fencing], readAtMs: fencedAtMs + 1 });
      await eventually('it is told again: what the second has shown went with it', () => third.missed.length === 1);
      await third.stop();
    },
  );

  it.concurrent(
    'long ago: a recovery that somebody else finished since is not taken up from its old store',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 3, options: { spawnMs: 200, gate: false } });
      await bench.emulator.killHost('cmp1');
      const first = await bench.start({ limits: { parallel: 1 } });
      const old = proofOf('cmp1', Date.now() - 4_000);
      await eventually('one instance is sent', async () => {
        await first.see([proven('cmp1', old)]);
        return (await bench.emulator.evacuateCalls()).length > 0;
      });
      await first.stop();
      const service = (await bench.cloud.computeServices()).find(({ host }) => host === 'cmp1');
      await eventually('the one is moved', async () =>
        (await bench.emulator.state()).instances.every(({ taskState }) => taskState === null),
      );
      await eventually('five seconds have passed since the fencing', () => Date.now() > old.completedAtMs + 6_000);
      await bench.emulator.returnHost('cmp1');
      await bench.cloud.setForcedDown(service?.id ?? '', false);
      await bench.cloud.enableService(service?.id ?? '');
      const sent = (await bench.emulator.evacuateCalls()).length;

      const second = await bench.start({ limits: { parallel: 1 } });
      await second.see([{ state: 'up', node: 'cmp1', host: 'cmp1' }]);
      expect(second.engine.recoveries[0]?.recovery.state).toBe('superseded');
      expect(second.engine.recoveries[0]?.recovery.reason).toContain('back in service');
      expect(await bench.emulator.evacuateCalls()).toHaveLength(sent);
      // What it left in flight takes no place away from the next failure.
      await bench.emulator.addInstances('cmp2', 2, 'next');
      await bench.emulator.killHost('cmp2');
      await untilRecovery(second, 'cmp2', 'recovered', [proven('cmp2')]);
      await second.stop();
    },
  );
});

async function killedAt(onTestFinished: CleanUps, dieAt: number, moment: 'before' | 'after'): Promise<Killed> {
  const proof = proofOf('cmp1');
  const bench = await engineBench(onTestFinished, { instances: 3 });
  await bench.emulator.killHost('cmp1');
  const { cloud, store, isDead } = mortal(bench.cloud, await bench.openStore(), dieAt, moment);
  const doomed = bench.start({ cloud, store }).then(async (running) => {
    for (let look = 0; look < 100 && !isDead(); look += 1) {
      await running.see([proven('cmp1', proof)]);
      if (running.engine.recoveries[0]?.recovery.state === 'recovered') return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  let finished = false;
  void doomed.catch(() => undefined).then(() => (finished = true));
  await eventually('it is dead, or has finished', () => isDead() || finished);
  return { bench, proof };
}

interface Killed {
  readonly bench: EngineBench;
  readonly proof: Proof;
}

async function finishedBy({ bench, proof }: Killed, storeName: string, dieAt: number): Promise<void> {
  const successor = await bench.start({ store: await bench.openStore(storeName) });
  await eventually(`the successor finishes what was cut off at effect ${dieAt}`, async () => {
    await successor.see([proven('cmp1', proof)]);
    return successor.engine.recoveries.some(({ recovery }) => recovery.state === 'recovered');
  });
  await expectAllMovedOnce(bench, 3);
  await eventually('the API shows the failure once, and that it ended well', async () => {
    const shown = await successor.engine.registry.notifications({ limit: 10, marker: undefined, sort: [] });
    return shown.length === 1 && shown[0]?.status === 'finished';
  });
  await successor.stop();
}

async function expectAllMovedOnce(bench: EngineBench, count: number): Promise<void> {
  const state = await bench.emulator.state();
  expect(state.instances.map(({ vmState }) => vmState)).toEqual(Array(count).fill('active'));
  expect(state.instances.filter(({ host }) => host === 'cmp1')).toEqual([]);
  expect(await bench.emulator.evacuateCalls()).toHaveLength(count);
  expect(await bench.emulator.doubleRuns()).toEqual([]);
}
