import { describe, expect, it } from 'vitest';
import { PAUSE_ATTRIBUTE } from '../../../src/bridge/pause.ts';
import type { ClusterNode, ClusterSnapshot } from '../../../src/crm/snapshot.ts';
import { eventually } from '../../support/eventually.ts';
import { engineBench, proven, untilRecovery, up, type RunningEngine } from './bench.ts';

const PAUSED: Partial<ClusterSnapshot> = {
  nodes: new Map([
    [
      'ctl1',
      {
        name: 'ctl1',
        attributes: new Map([[PAUSE_ATTRIBUTE, 'by root since 2026-11-25T15:03:10Z: a new switch']]),
      } as unknown as ClusterNode,
    ],
  ]),
};

async function look(running: RunningEngine, verdicts: Parameters<RunningEngine['see']>[0], times = 20): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    await running.see(verdicts, PAUSED);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a paused engine', () => {
  it.concurrent(
    'follows what is in flight and sends nothing new, until it is resumed (S8)',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 4, options: { spawnMs: 200 } });
      await bench.emulator.killHost('cmp1');
      const running = await bench.start({ limits: { parallel: 2 } });
      const verdicts = [proven('cmp1')];
      await eventually('two are sent', async () => {
        await running.see(verdicts);
        return (await bench.emulator.evacuateCalls()).length === 2;
      });
      await running.see(verdicts, PAUSED);
      await eventually('what was in flight is seen to its end', async () => {
        await running.see(verdicts, PAUSED);
        return running.engine.recoveries[0]?.moves.filter(({ state }) => state === 'done').length === 2;
      });
      await look(running, verdicts);
      expect(await bench.emulator.evacuateCalls()).toHaveLength(2);
      expect(running.engine.recoveries[0]?.recovery.hold).toEqual({
        kind: 'paused',
        reason: 'Lifeboat is paused by root since 2026-11-25T15:03:10Z: a new switch',
        remedy: 'lifeboat resume',
      });
      await untilRecovery(running, 'cmp1', 'recovered', verdicts);
      expect(await bench.emulator.evacuateCalls()).toHaveLength(4);
      await running.stop();
    },
  );

  it.concurrent(
    'that has just started finds out what became of what its predecessor had in flight, and changes nothing in Nova',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 4, options: { spawnMs: 300 } });
      await bench.emulator.killHost('cmp1');
      const first = await bench.start({ limits: { parallel: 2 } });
      const verdicts = [proven('cmp1')];
      await eventually('two are sent', async () => {
        await first.see(verdicts);
        return (await bench.emulator.evacuateCalls()).length === 2;
      });
      await first.stop();
      const writes = async (): Promise<number> =>
        (await bench.emulator.requests()).filter(({ method, path }) => method === 'PUT' || path.endsWith('/action'))
          .length;
      const before = await writes();

      const second = await bench.start({ limits: { parallel: 2 } });
      await eventually('both have arrived', async () => {
        await second.see(verdicts, PAUSED);
        return second.engine.recoveries[0]?.moves.filter(({ state }) => state === 'done').length === 2;
      });
      await look(second, verdicts);
      expect(await writes()).toBe(before);
      await untilRecovery(second, 'cmp1', 'recovered', verdicts);
      await second.stop();
    },
  );

  it.concurrent('gives no host back (S8)', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1 });
    await bench.emulator.killHost('cmp1');
    const running = await bench.start();
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    await running.see([up('cmp1')], PAUSED);
    await bench.emulator.returnHost('cmp1');
    await look(running, [up('cmp1')]);
    expect((await bench.emulator.state()).hosts.find(({ name }) => name === 'cmp1')?.forcedDown).toBe(true);
    await untilRecovery(running, 'cmp1', 'released', [up('cmp1')]);
    await running.stop();
  });

  it.concurrent(
    'knows what it knows: the gate of a host that is not being recovered is open',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 1 });
      const running = await bench.start();
      await running.see([up('cmp2')], PAUSED);
      expect(running.engine.gateOf('cmp2', 'nova-compute').gate).toBe('open');
      await running.see([up('cmp2')], { ...PAUSED, quorate: false });
      expect(running.engine.gateOf('cmp2', 'nova-compute').gate).toBe('unknown');
      await running.stop();
    },
  );

  it.concurrent(
    'heeds a word that was given here before a snapshot that was read earlier, and later ones before that word',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 1 });
      const running = await bench.start();
      await running.see([up('cmp1')]);
      running.engine.notePause({ by: 'root', sinceMs: Date.now(), reason: 'x' });
      await running.see([up('cmp1')], { readAtMs: Date.now() - 1_000 });
      expect(running.engine.permission()?.kind).toBe('paused');
      await running.see([up('cmp1')], { readAtMs: Date.now() + 1 });
      expect(running.engine.permission()).toBeUndefined();
      await running.stop();
    },
  );
});
