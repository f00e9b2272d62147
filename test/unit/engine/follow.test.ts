import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import { sleep } from '../../../src/ports.ts';
import { virtualBench, type VirtualBench } from './virtual-bench.ts';

/** 1 to 3 s, and no two neighbours alike. */
const spread = (index: number): number => 1_000 + ((index * 617) % 2_001);

async function allElsewhere({ emulator }: VirtualBench): Promise<boolean> {
  const { instances } = await emulator.state();
  return instances.every(
    ({ host, taskState, vmState }) => host !== 'cmp1' && taskState === null && vmState === 'active',
  );
}

/** The truth, which no client can know without asking: so the floor is lower than any. */
async function isElsewhere({ emulator }: VirtualBench, wanted: string): Promise<boolean> {
  const instance = (await emulator.state()).instances.find(({ id }) => id === wanted);
  return instance?.host !== 'cmp1' && instance?.vmState === 'active' && instance.taskState === null;
}

/** The least that any client needs: so many at one time, and the next as soon as one runs elsewhere. */
async function bareLoop(cloud: Cloud, bench: VirtualBench, parallel: number): Promise<number> {
  const service = (await cloud.computeServices()).find(({ host }) => host === 'cmp1');
  await cloud.setForcedDown(service?.id ?? '', true);
  const waiting = (await cloud.instancesOn('cmp1')).map(({ id }) => id);
  let working = parallel;
  const worker = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      await cloud.evacuate(id, undefined);
      while (!(await isElsewhere(bench, id))) await sleep(bench.clock, 50);
    }
    working -= 1;
  };
  for (let each = 0; each < parallel; each++) void worker();
  const tookMs = await bench.until(() => allElsewhere(bench));
  await bench.until(() => working === 0);
  return tookMs;
}

async function recover(bench: VirtualBench): Promise<{ readonly tookMs: number; readonly calls: number }> {
  const { engine, stop } = await bench.startEngine();
  const tookMs = await bench.until(() => allElsewhere(bench));
  await bench.until(() => engine.recoveries.every(({ recovery }) => recovery.state === 'recovered'));
  const calls = (await bench.novaCalls()).length;
  // Calls under way have their answers first, which takes time if Nova is slow.
  let hasStopped = false;
  void stop().then(() => (hasStopped = true));
  await bench.until(() => hasStopped);
  return { tookMs, calls };
}

// Little work, but many turns of the event loop: on a busy machine they take their time.
describe('following the moves', { timeout: 60_000 }, () => {
  it.concurrent(
    'takes at most 2.8 calls of Nova for each of 50 instances, evacuate included, and one token',
    async ({ onTestFinished }) => {
      const bench = await virtualBench(onTestFinished, { instances: 50, spawnMs: spread, stepMs: 25 });
      const { calls } = await recover(bench);
      expect(calls / 50).toBeLessThanOrEqual(2.8);
      const tokens = (await bench.emulator.requests()).filter(({ path }) => path.endsWith('/auth/tokens'));
      expect(tokens).toHaveLength(1);
      expect(await bench.emulator.evacuateCalls()).toHaveLength(50);
      expect(await bench.emulator.doubleRuns()).toEqual([]);
    },
  );

  it.concurrent(
    'asks Nova as little for each instance when ten hosts die at one moment',
    async ({ onTestFinished }) => {
      const dead = Array.from({ length: 10 }, (_, index) => `dead${index}`);
      const bench = await virtualBench(onTestFinished, { dead, instances: 20, spawnMs: spread, stepMs: 40 });
      const { engine, stop } = await bench.startEngine();
      let most = 0;
      await bench.until(async () => {
        const { instances } = await bench.emulator.state();
        most = Math.max(most, instances.filter(({ taskState }) => taskState !== null).length);
        const { recoveries } = engine;
        return recoveries.length === dead.length && recoveries.every(({ recovery }) => recovery.state === 'recovered');
      });
      const calls = await bench.novaCalls();
      expect(most).toBe(20);
      expect(calls.length / 200).toBeLessThanOrEqual(2.8);
      expect(await bench.emulator.evacuateCalls()).toHaveLength(200);
      await stop();
    },
  );

  it.concurrent(
    'reads the host and hears the second witness within 2 s before each evacuation (S3, S9)',
    async ({ onTestFinished }) => {
      const bench = await virtualBench(onTestFinished, {
        instances: 30,
        spawnMs: spread,
        stepMs: 20,
        limits: { parallel: 4 },
      });
      await recover(bench);
      const calls = await bench.novaCalls();
      const newest = (atMs: number, path: RegExp): number =>
        Math.max(...calls.filter((call) => call.atMs <= atMs && path.test(call.path)).map((call) => call.atMs));
      const sent = calls.filter(({ path }) => path.endsWith('/action'));
      expect(sent).toHaveLength(30);
      for (const { atMs } of sent) {
        expect(atMs - newest(atMs, /servers\/detail.*host=cmp1/), 'the list').toBeLessThanOrEqual(2_000);
        expect(atMs - newest(atMs, /os-services/), 'the witness').toBeLessThanOrEqual(2_000);
      }
    },
  );

  it.concurrent('goes on, if slowly, when Nova takes 5 s for each answer', async ({ onTestFinished }) => {
    const bench = await virtualBench(onTestFinished, { instances: 6, spawnMs: spread, stepMs: 100, slownessMs: 5_000 });
    const { tookMs } = await recover(bench);
    expect(tookMs).toBeLessThanOrEqual(60_000);
    expect(await bench.emulator.evacuateCalls()).toHaveLength(6);
  });

  for (const [name, instances, spawnMs, stepMs] of [
    ['10 instances that take 1 to 3 s', 10, spread, 10],
    ['50 instances that take 1 to 3 s', 50, spread, 25],
    ['50 instances that take 2 s each', 50, () => 2_000, 25],
    ['50 instances that take 5 to 15 s', 50, (index: number) => spread(index) * 5, 100],
  ] as const) {
    it.concurrent(`ends at most 5 % later than a bare loop of evacuate calls: ${name}`, async ({ onTestFinished }) => {
      const spec = { instances, spawnMs, stepMs };
      const floor = await virtualBench(onTestFinished, spec);
      const floorMs = await bareLoop(floor.cloud, floor, 20);
      const bench = await virtualBench(onTestFinished, spec);
      const { tookMs, calls } = await recover(bench);
      expect(tookMs / floorMs, `${tookMs} ms, and ${floorMs} ms at the least`).toBeLessThanOrEqual(1.05);
      expect(calls / instances).toBeLessThanOrEqual(4);
    });
  }
});
