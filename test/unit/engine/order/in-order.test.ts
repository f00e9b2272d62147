import { describe, expect, it } from 'vitest';
import type { Emulator } from '../../../emulator/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { engineBench, proven, untilRecovery } from '../bench.ts';

async function namesInOrder(emulator: Emulator): Promise<readonly string[]> {
  const names = new Map((await emulator.state()).instances.map(({ id, name }) => [id, name]));
  return (await emulator.evacuateCalls()).map(({ instanceId }) => names.get(instanceId) ?? instanceId);
}

describe('a recovery', () => {
  it.concurrent('sends the most important instances first, and tells in which order', async ({ onTestFinished }) => {
    const { emulator, logger, start } = await engineBench(onTestFinished, { instances: 0 });
    const add = (name: string, metadata = {}, extraSpecs = {}): Promise<string> =>
      emulator.addInstance({ host: 'cmp1', name, metadata, extraSpecs });
    await add('batch', { 'lifeboat:priority': '10' });
    await add('web');
    await add('marked', { HA_Enabled: 'True' });
    await add('gold', {}, { 'lifeboat:priority': '700' });
    await add('db', { 'instanceha:restart_priority': '900' });
    await emulator.killHost('cmp1');
    const running = await start({ limits: { parallel: 1 } });
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    expect(await namesInOrder(emulator)).toEqual(['db', 'gold', 'marked', 'web', 'batch']);
    expect(logger.lines).toContain(
      'info: cmp1: in this order: db (900), gold (700), marked (500), web (500), batch (10)',
    );
    await running.stop();
  });

  it.concurrent('lets the more important instances of another host go first', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 4 });
    for (const name of ['db-1', 'db-2']) {
      await emulator.addInstance({ host: 'cmp2', name, metadata: { 'lifeboat:priority': '900' } });
    }
    await emulator.addInstance({ host: 'cmp2', name: 'batch', metadata: { 'lifeboat:priority': '1' } });
    await emulator.killHost('cmp1');
    await emulator.killHost('cmp2');
    const running = await start({ limits: { parallel: 2 } });
    const verdicts = [proven('cmp1'), proven('cmp2')];
    await untilRecovery(running, 'cmp1', 'recovered', verdicts);
    await untilRecovery(running, 'cmp2', 'recovered', verdicts);
    const names = await namesInOrder(emulator);
    expect(names.slice(0, 2).toSorted()).toEqual(['db-1', 'db-2']);
    expect(names).toHaveLength(7);
    // Two places: the last two are given out at one moment.
    expect(names.indexOf('batch')).toBeGreaterThanOrEqual(5);
    await running.stop();
  });

  it.concurrent(
    'sends what starts after a group when the group runs, on whatever host that was',
    async ({ onTestFinished }) => {
      const { emulator, start } = await engineBench(onTestFinished, { instances: 0 });
      const app = { 'lifeboat:start_after': 'db' };
      await emulator.addInstance({ host: 'cmp1', name: 'app', metadata: app });
      await emulator.addInstance({ host: 'cmp1', name: 'other' });
      await emulator.addInstance({ host: 'cmp2', name: 'db', metadata: { 'lifeboat:group': 'db' }, spawnMs: 400 });
      await emulator.killHost('cmp1');
      await emulator.killHost('cmp2');
      const running = await start();
      const verdicts = [proven('cmp1'), proven('cmp2')];
      await eventually('the app is sent', async () => {
        await running.see(verdicts);
        const names = await namesInOrder(emulator);
        const db = running.engine.recoveries.flatMap(({ moves }) => moves).find(({ name }) => name === 'db');
        if (names.includes('app')) expect(db?.state).toBe('done');
        return names.includes('app');
      });
      expect((await namesInOrder(emulator)).at(-1)).toBe('app');
      await untilRecovery(running, 'cmp1', 'recovered', verdicts);
      await running.stop();
    },
  );

  it.concurrent('keeps the order when the engine is replaced in the middle', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 0 });
    const app = { 'lifeboat:start_after': 'db' };
    await emulator.addInstance({ host: 'cmp1', name: 'app', metadata: app });
    await emulator.addInstance({ host: 'cmp1', name: 'db', metadata: { 'lifeboat:group': 'db' }, spawnMs: 600 });
    await emulator.killHost('cmp1');
    const first = await start();
    const verdict = proven('cmp1');
    await eventually('the db is under way', async () => {
      await first.see([verdict]);
      return (
        first.engine.recoveries[0]?.moves.some(({ name, state }) => name === 'db' && state === 'accepted') === true
      );
    });
    await first.stop();
    const second = await start();
    await untilRecovery(second, 'cmp1', 'recovered', [verdict]);
    expect(await namesInOrder(emulator)).toEqual(['db', 'app']);
    const moves = second.engine.recoveries[0]?.moves ?? [];
    const at = (name: string): (typeof moves)[number] | undefined => moves.find((move) => move.name === name);
    expect(at('app')?.sentAtMs).toBeGreaterThanOrEqual(at('db')?.endedAtMs ?? Number.POSITIVE_INFINITY);
    await second.stop();
  });
});
