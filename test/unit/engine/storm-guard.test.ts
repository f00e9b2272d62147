import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/bridge/index.ts';
import type { StormLimits } from '../../../src/engine/storm.ts';
import { eventually } from '../../support/eventually.ts';
import { engineBench, proofOf, proven, untilRecovery, up, type EngineBench, type RunningEngine } from './bench.ts';

const ONE_AT_A_TIME: StormLimits = {
  windowMs: 3_600_000,
  coolDownMs: 3_600_000,
  cluster: { hosts: 1, percent: 100 },
  segment: { hosts: 1, percent: 100 },
};
const WHO = { by: 'root', reason: 'the rack is really down' };

type CleanUps = (cleanUp: () => Promise<void>) => void;

/** Three hosts without power, two instances on each; a fourth, and cmp5, to go to. */
async function threeDead(onTestFinished: CleanUps): Promise<EngineBench> {
  const bench = await engineBench(onTestFinished, { instances: 2 });
  for (const host of ['cmp2', 'cmp3']) await bench.emulator.addInstances(host, 2, host);
  for (const host of ['cmp1', 'cmp2', 'cmp3']) await bench.emulator.killHost(host);
  return bench;
}

function lost(node: string): Verdict {
  const hold = { kind: 'fencing-pending', reason: 'its fencing is under way', remedy: undefined } as const;
  return { state: 'lost', node, host: node, lostSinceMs: Date.now(), hold };
}

function recoveryOf({ engine }: RunningEngine, host: string): RunningEngine['engine']['recoveries'][number] {
  const run = engine.recoveries.find(({ recovery }) => recovery.host === host);
  if (run === undefined) throw new Error(`no recovery of ${host}`);
  return run;
}

function stateOf(running: RunningEngine, host: string): string | undefined {
  return running.engine.recoveries.find(({ recovery }) => recovery.host === host)?.recovery.state;
}

async function untilHeld(
  running: RunningEngine,
  hosts: readonly string[],
  verdicts: readonly Verdict[],
): Promise<void> {
  await eventually(`${hosts.join()} are held`, async () => {
    await running.see(verdicts);
    return hosts.every((host) =>
      running.engine.recoveries.some(({ recovery }) => recovery.host === host && recovery.hold?.kind === 'storm'),
    );
  });
}

describe('the storm guard', () => {
  it.concurrent(
    'holds every host of a storm, with the numbers, and lets them go when an operator says so (S7)',
    async ({ onTestFinished }) => {
      const bench = await threeDead(onTestFinished);
      const running = await bench.start({ guards: { storm: ONE_AT_A_TIME } });
      const verdicts = [...['cmp1', 'cmp2', 'cmp3'].map((host) => proven(host)), up('cmp4')];
      await untilHeld(running, ['cmp1', 'cmp2', 'cmp3'], verdicts);
      expect(await bench.emulator.evacuateCalls()).toEqual([]);
      expect(running.engine.holdOf(recoveryOf(running, 'cmp1'))).toEqual({
        kind: 'storm',
        reason: '3 of 4 hosts in the cluster were lost within 1 h, 1 may be; nothing new is begun',
        remedy: 'find out why; to begin before: lifeboat proceed cmp1 (all: lifeboat proceed)',
      });
      const { hosts } = await bench.emulator.state();
      expect(
        hosts.filter(({ forcedDown }) => forcedDown).map(({ name }) => name),
        'they are kept out all the same: no evacuation may be sent to them',
      ).toEqual(['cmp1', 'cmp2', 'cmp3']);

      expect(await running.engine.operator.proceed(['cmp2'], WHO)).toMatchObject({ outcome: 'done' });
      await untilRecovery(running, 'cmp2', 'recovered', verdicts);
      expect([stateOf(running, 'cmp1'), stateOf(running, 'cmp3')]).toEqual(['held', 'held']);
      expect((await running.engine.operator.proceed([], WHO)).lines).toHaveLength(2);
      await untilRecovery(running, 'cmp1', 'recovered', verdicts);
      await untilRecovery(running, 'cmp3', 'recovered', verdicts);
      expect(await bench.emulator.evacuateCalls()).toHaveLength(6);
      expect(await running.engine.operator.proceed([], WHO)).toMatchObject({ outcome: 'refused' });
      await running.stop();
    },
  );

  it.concurrent('does not hold what has begun: that goes on (S7)', async ({ onTestFinished }) => {
    const bench = await threeDead(onTestFinished);
    const running = await bench.start({ guards: { storm: ONE_AT_A_TIME }, limits: { parallel: 1 } });
    const first = proven('cmp1');
    await eventually('cmp1 is sent', async () => {
      await running.see([first, up('cmp2'), up('cmp3'), up('cmp4')]);
      return (await bench.emulator.evacuateCalls()).length > 0;
    });
    const verdicts = [first, proven('cmp2'), proven('cmp3'), up('cmp4')];
    await untilHeld(running, ['cmp2', 'cmp3'], verdicts);
    await untilRecovery(running, 'cmp1', 'recovered', verdicts);
    expect((await bench.emulator.evacuateCalls()).map(({ sourceHost }) => sourceHost)).toEqual(['cmp1', 'cmp1']);
    await running.stop();
  });

  it.concurrent(
    'counts what is lost and not yet proven down, so that the first of a rack does not slip through',
    async ({ onTestFinished }) => {
      const bench = await threeDead(onTestFinished);
      const running = await bench.start({ guards: { storm: ONE_AT_A_TIME } });
      await untilHeld(running, ['cmp1'], [proven('cmp1'), lost('cmp2'), lost('cmp3'), up('cmp4')]);
      expect(running.engine.holdOf(recoveryOf(running, 'cmp1'))?.reason).toContain('(2 not proven down yet)');
      expect(await bench.emulator.evacuateCalls()).toEqual([]);
      await running.stop();
    },
  );

  it.concurrent('ends by itself when the limit was kept for the cool-down', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished);
    await bench.emulator.killHost('cmp1');
    const storm = { ...ONE_AT_A_TIME, coolDownMs: 600 };
    const running = await bench.start({ guards: { storm } });
    const one = proven('cmp1');
    await untilHeld(running, ['cmp1'], [one, lost('cmp2'), lost('cmp3'), up('cmp4')]);
    const calm = [one, up('cmp2'), up('cmp3'), up('cmp4')];
    const calmAtMs = performance.now();
    await running.see(calm);
    expect(running.engine.holdOf(recoveryOf(running, 'cmp1'))?.reason).toContain('calm now, it begins by itself in');
    await untilRecovery(running, 'cmp1', 'recovered', calm);
    const [sent] = await bench.emulator.evacuateCalls();
    expect(sent).toBeDefined();
    expect(performance.now() - calmAtMs).toBeGreaterThanOrEqual(600);
    await running.stop();
  });

  it.concurrent(
    'outlives the engine: the next one counts what failed before, holds the same, and lets go what was let go (S4, S7)',
    async ({ onTestFinished }) => {
      const bench = await threeDead(onTestFinished);
      const guards = { storm: ONE_AT_A_TIME };
      const first = await bench.start({ guards });
      const verdicts = [...['cmp1', 'cmp2', 'cmp3'].map((host) => proven(host)), up('cmp4')];
      await untilHeld(first, ['cmp1', 'cmp2', 'cmp3'], verdicts);
      await first.engine.operator.proceed(['cmp3'], WHO);
      await untilRecovery(first, 'cmp3', 'recovered', verdicts);
      await first.stop();

      const second = await bench.start({ guards });
      await untilHeld(second, ['cmp1', 'cmp2'], verdicts);
      expect(await bench.emulator.evacuateCalls()).toHaveLength(2);
      await second.stop();

      const other = await bench.start({ guards, store: await bench.openStore('other-controller') });
      await untilHeld(other, ['cmp1', 'cmp2'], verdicts);
      expect(await bench.emulator.evacuateCalls(), 'also on another controller, by the marks in Nova').toHaveLength(2);
      await other.stop();
    },
  );

  it.concurrent(
    'follows what a former engine has sent, also when it holds the rest and knows nothing of its beginning',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 3, options: { spawnMs: 700 } });
      await bench.emulator.killHost('cmp1');
      const guards = { storm: ONE_AT_A_TIME };
      const limits = { parallel: 2 };
      const first = await bench.start({ guards, limits });
      const cmp1 = proven('cmp1');
      await eventually('two are sent', async () => {
        await first.see([cmp1, up('cmp4')]);
        return (await bench.emulator.evacuateCalls()).length === 2;
      });
      await first.stop();

      const other = await bench.start({ guards, limits, store: await bench.openStore('other-controller') });
      const verdicts = [cmp1, lost('cmp8'), lost('cmp9'), up('cmp4')];
      await eventually('both are seen to have moved, and the third waits', async () => {
        await other.see(verdicts);
        const [run] = other.engine.recoveries;
        const { instances } = await bench.emulator.state();
        const left = instances.filter(({ host }) => host === 'cmp1').length;
        return left === 1 && run?.moves.every(({ state }) => state === 'done' || state === 'waiting');
      });
      await untilHeld(other, ['cmp1'], verdicts);
      expect(await bench.emulator.evacuateCalls()).toHaveLength(2);
      await other.stop();
    },
  );

  it.concurrent('holds one segment and lets the others be', async ({ onTestFinished }) => {
    const bench = await threeDead(onTestFinished);
    const storm = { ...ONE_AT_A_TIME, cluster: { hosts: 10, percent: 100 } };
    const segmentOf = (host: string): string => (host === 'cmp3' || host === 'cmp4' ? 'b' : 'a');
    const running = await bench.start({ guards: { storm, segmentOf } });
    const verdicts = [...['cmp1', 'cmp2', 'cmp3'].map((host) => proven(host)), up('cmp4')];
    await untilRecovery(running, 'cmp3', 'recovered', verdicts);
    expect([stateOf(running, 'cmp1'), stateOf(running, 'cmp2')]).toEqual(['held', 'held']);
    expect(running.engine.holdOf(recoveryOf(running, 'cmp1'))?.reason).toContain('2 of 2 hosts in segment a');
    await running.stop();
  });
});

describe('a host that fails again and again', () => {
  it.concurrent(
    'is recovered, and given back only after an operator has acknowledged it',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 1 });
      const guards = { flapping: { failures: 2, windowMs: 3_600_000 } };
      const running = await bench.start({ guards });
      await bench.emulator.killHost('cmp1');
      await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
      const second = proven('cmp1', proofOf('cmp1', Date.now() + 10_000));
      await eventually('it has failed twice, and is recovered', async () => {
        await running.see([second]);
        const [newest, ...older] = running.engine.recoveries;
        return older.length === 1 && newest?.recovery.state === 'recovered';
      });
      await bench.emulator.returnHost('cmp1');

      const forcedDown = async (): Promise<boolean | undefined> =>
        (await bench.emulator.state()).hosts.find(({ name }) => name === 'cmp1')?.forcedDown;
      for (let look = 0; look < 20; look += 1) await running.see([up('cmp1')]);
      expect(await forcedDown()).toBe(true);
      const run = running.engine.recoveries[0];
      expect(run && running.engine.flappingHoldOf(run)?.reason).toBe(
        'cmp1 has failed 2 times within 1 h: it is kept out of Nova',
      );

      expect(await running.engine.operator.acknowledge('cmp1', WHO)).toMatchObject({ outcome: 'done' });
      await untilRecovery(running, 'cmp1', 'released', [up('cmp1')]);
      expect(await forcedDown()).toBe(false);
      await running.stop();
    },
  );

  it.concurrent(
    'is kept out also by an engine that comes later: what failed before is in the store',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 1 });
      const guards = { flapping: { failures: 2, windowMs: 3_600_000 } };
      const first = await bench.start({ guards });
      await bench.emulator.killHost('cmp1');
      await untilRecovery(first, 'cmp1', 'recovered', [proven('cmp1')]);
      await bench.emulator.returnHost('cmp1');
      await untilRecovery(first, 'cmp1', 'released', [up('cmp1')]);
      await first.stop();

      const second = await bench.start({ guards });
      await bench.emulator.killHost('cmp1');
      await untilRecovery(second, 'cmp1', 'recovered', [proven('cmp1', proofOf('cmp1', Date.now() + 10_000))]);
      const [run] = second.engine.recoveries;
      expect(run && second.engine.flappingHoldOf(run)?.kind).toBe('flapping');
      await second.stop();
    },
  );
});
