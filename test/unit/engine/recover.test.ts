import { describe, expect, it } from 'vitest';
import { readMark } from '../../../src/engine/mark.ts';
import { eventually } from '../../support/eventually.ts';
import { engineBench, proofOf, proven, untilRecovery, up } from './bench.ts';

describe('the recovery of a proven host', () => {
  it.concurrent('brings every instance up elsewhere, once, and says so', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 8 });
    await emulator.killHost('cmp1');
    const running = await start();
    const verdict = proven('cmp1');
    await untilRecovery(running, 'cmp1', 'recovered', [verdict]);

    const state = await emulator.state();
    expect(state.instances.map((instance) => instance.vmState)).toEqual(Array(8).fill('active'));
    expect(state.instances.filter((instance) => instance.host === 'cmp1')).toEqual([]);
    expect(await emulator.evacuateCalls()).toHaveLength(8);
    expect(await emulator.doubleRuns()).toEqual([]);
    expect(running.engine.recoveries[0]?.recovery.reason).toBe('8 of 8 instances recovered');
    await running.stop();
  });

  it.concurrent(
    'forces the host down, then marks it, and evacuates only after that (S6)',
    async ({ onTestFinished }) => {
      const { emulator, cloud, start } = await engineBench(onTestFinished);
      await emulator.killHost('cmp1');
      const running = await start();
      const verdict = proven('cmp1');
      await untilRecovery(running, 'cmp1', 'recovered', [verdict]);

      const writes = (await emulator.requests()).filter(
        ({ method, path }) => method === 'PUT' || path.endsWith('/action'),
      );
      expect(writes.slice(0, 2).map(({ method }) => method)).toEqual(['PUT', 'PUT']);
      expect(writes[2]?.path).toMatch(/action$/);
      const service = (await cloud.computeServices()).find(({ host }) => host === 'cmp1');
      expect(service?.forcedDown).toBe(true);
      expect(service?.status).toBe('disabled');
      expect(readMark(service?.disabledReason)).toMatchObject({ kind: 'recovery', node: 'cmp1', wasDisabled: false });
      await running.stop();
    },
  );

  it.concurrent('is begun once, however often the same proof is shown (S3)', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished);
    await emulator.killHost('cmp1');
    const running = await start();
    const verdict = proven('cmp1');
    await Promise.all([running.see([verdict]), running.see([verdict]), running.see([verdict])]);
    await untilRecovery(running, 'cmp1', 'recovered', [verdict]);
    expect(running.engine.recoveries).toHaveLength(1);
    expect(await emulator.evacuateCalls()).toHaveLength(3);
    await running.stop();
  });

  it.concurrent('keeps no more evacuations in flight than the limit', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 12 });
    await emulator.killHost('cmp1');
    const running = await start({ limits: { parallel: 4 } });
    let most = 0;
    const verdict = proven('cmp1');
    await eventually('recovered', async () => {
      await running.see([verdict]);
      const rebuilding = (await emulator.state()).instances.filter((instance) => instance.taskState !== null).length;
      most = Math.max(most, rebuilding);
      return running.engine.recoveries[0]?.recovery.state === 'recovered';
    });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
    await running.stop();
  });

  it.concurrent(
    'forces every lost host down before it evacuates any, also those that are not proven yet',
    async ({ onTestFinished }) => {
      const { emulator, start } = await engineBench(onTestFinished);
      await emulator.killHost('cmp1');
      await emulator.killHost('cmp2');
      const running = await start();
      const lost = {
        state: 'lost',
        node: 'cmp2',
        host: 'cmp2',
        lostSinceMs: Date.now(),
        hold: { kind: 'fencing-pending', reason: 'the fencing of cmp2 is under way', remedy: undefined },
      } as const;
      const verdict = proven('cmp1');
      await untilRecovery(running, 'cmp1', 'recovered', [verdict, lost]);
      const requests = await emulator.requests();
      const firstEvacuation = requests.findIndex(({ path }) => path.endsWith('/action'));
      const forced = requests.slice(0, firstEvacuation).filter(({ method }) => method === 'PUT');
      expect(forced.length).toBeGreaterThanOrEqual(2);
      const state = await emulator.state();
      expect(state.hosts.filter(({ forcedDown }) => forcedDown).map(({ name }) => name)).toEqual(['cmp1', 'cmp2']);
      expect(state.instances.map(({ host }) => host)).not.toContain('cmp2');

      await running.see([up('cmp2')]);
      await eventually('cmp2 is given back', async () => {
        await running.see([up('cmp2')]);
        const cmp2 = (await emulator.state()).hosts.find(({ name }) => name === 'cmp2');
        return cmp2?.forcedDown === false && cmp2.status === 'enabled';
      });
      await running.stop();
    },
  );

  it.concurrent(
    'does not send an evacuation again that Nova took while the connection died',
    async ({ onTestFinished }) => {
      const { emulator, start } = await engineBench(onTestFinished);
      await emulator.killHost('cmp1');
      await emulator.fault({ route: 'evacuate', effect: { kind: 'drop', when: 'after-executing' }, times: 2 });
      const running = await start();
      await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
      expect(await emulator.evacuateCalls()).toHaveLength(3);
      await running.stop();
    },
  );

  it.concurrent(
    'sends an evacuation again that never came to Nova, after Nova has shown no trace of it',
    async ({ onTestFinished }) => {
      const { emulator, start } = await engineBench(onTestFinished);
      await emulator.killHost('cmp1');
      await emulator.fault({ route: 'evacuate', effect: { kind: 'drop', when: 'before-executing' }, times: 1 });
      const running = await start();
      await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
      const calls = await emulator.evacuateCalls();
      expect(new Set(calls.map(({ instanceId }) => instanceId)).size).toBe(3);
      expect((await emulator.state()).instances.every(({ vmState }) => vmState === 'active')).toBe(true);
      await running.stop();
    },
  );

  it.concurrent(
    'tries another target when Nova finds no valid host, and gives up after the configured attempts',
    async ({ onTestFinished }) => {
      const { emulator, start } = await engineBench(onTestFinished, { instances: 2 });
      await emulator.killHost('cmp1');
      const [first, second] = (await emulator.state()).instances;
      await emulator.fault({ effect: { kind: 'no-valid-host' }, instanceId: first?.id ?? '', times: 1 });
      await emulator.fault({ effect: { kind: 'no-valid-host' }, instanceId: second?.id ?? '' });
      const running = await start();
      await untilRecovery(running, 'cmp1', 'failed', [proven('cmp1')]);
      const moves = running.engine.recoveries[0]?.moves ?? [];
      expect(moves.find(({ instanceId }) => instanceId === first?.id)).toMatchObject({ state: 'done', failures: 1 });
      const given = moves.find(({ instanceId }) => instanceId === second?.id);
      expect(given).toMatchObject({ state: 'failed', failures: 3 });
      expect(given?.reason).toMatch(/no valid host/i);
      await running.stop();
    },
  );

  it.concurrent('leaves a stopped instance stopped on its new host', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 0 });
    await emulator.addInstance({ host: 'cmp1', name: 'batch', vmState: 'stopped' });
    await emulator.killHost('cmp1');
    const running = await start();
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    const [instance] = (await emulator.state()).instances;
    expect(instance).toMatchObject({ vmState: 'stopped' });
    expect(instance?.host).not.toBe('cmp1');
    await running.stop();
  });

  it.concurrent('skips an instance that its owner deletes during the move', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 2, options: { spawnMs: 500 } });
    await emulator.killHost('cmp1');
    const running = await start();
    const verdict = proven('cmp1');
    await eventually('both are accepted', async () => {
      await running.see([verdict]);
      const moves = running.engine.recoveries[0]?.moves ?? [];
      return moves.length === 2 && moves.every(({ state }) => state === 'accepted');
    });
    const [first] = (await emulator.state()).instances;
    await emulator.removeInstance(first?.id ?? '');
    await untilRecovery(running, 'cmp1', 'recovered', [verdict]);
    const move = running.engine.recoveries[0]?.moves.find(({ instanceId }) => instanceId === first?.id);
    expect(move).toMatchObject({ state: 'skipped', reason: 'it was deleted meanwhile' });
    await running.stop();
  });

  it.concurrent('goes on when Nova answers 503, and shows a hold when that lasts', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished);
    await emulator.killHost('cmp1');
    const running = await start();
    await emulator.fault({ effect: { kind: 'status', status: 503 } });
    const verdict = proven('cmp1');
    await untilRecovery(running, 'cmp1', 'held', [verdict]);
    expect(running.engine.recoveries[0]?.recovery.hold).toMatchObject({ kind: 'cloud-unavailable' });
    expect(await emulator.evacuateCalls()).toEqual([]);
    await emulator.clearFaults();
    await untilRecovery(running, 'cmp1', 'recovered', [verdict]);
    expect(await emulator.evacuateCalls()).toHaveLength(3);
    await running.stop();
  });

  it.concurrent('goes on when its tokens are revoked in the middle', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 10 });
    await emulator.killHost('cmp1');
    const running = await start({ limits: { parallel: 2 } });
    const verdict = proven('cmp1');
    await eventually('the first are moved', async () => {
      await running.see([verdict]);
      return (await emulator.evacuateCalls()).length > 2;
    });
    await emulator.revokeTokens();
    await untilRecovery(running, 'cmp1', 'recovered', [verdict]);
    expect(await emulator.evacuateCalls()).toHaveLength(10);
    await running.stop();
  });

  it.concurrent('pauses without quorum and goes on when it is back (S2)', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 10 });
    await emulator.killHost('cmp1');
    const running = await start({ limits: { parallel: 2 } });
    const verdict = proven('cmp1');
    await eventually('the first are sent', async () => {
      await running.see([verdict]);
      return (await emulator.evacuateCalls()).length > 0;
    });
    await running.see([verdict], { quorate: false });
    await eventually('held', () => running.engine.recoveries[0]?.recovery.state === 'held');
    const sent = (await emulator.evacuateCalls()).length;
    expect(running.engine.recoveries[0]?.recovery.hold?.kind).toBe('no-quorum');
    expect(sent).toBeLessThan(10);
    await eventually('those in flight have ended', async () =>
      (await emulator.state()).instances.every(({ taskState }) => taskState === null),
    );
    expect(await emulator.evacuateCalls()).toHaveLength(sent);
    await untilRecovery(running, 'cmp1', 'recovered', [verdict]);
    expect(await emulator.evacuateCalls()).toHaveLength(10);
    await running.stop();
  });

  it.concurrent(
    'stops sending when nova-compute of the fenced host reports again (S9), and goes on after a new fencing',
    async ({ onTestFinished }) => {
      const { emulator, start } = await engineBench(onTestFinished, {
        instances: 5,
        options: { reportIntervalMs: 200, spawnMs: 700 },
      });
      // The fencing lied: the host is not dead at all, and reports on.
      const running = await start({ limits: { parallel: 1 } });
      const lie = proven('cmp1', proofOf('cmp1', Date.now()));
      await untilRecovery(running, 'cmp1', 'held', [lie]);
      const held = running.engine.recoveries[0]?.recovery.hold;
      expect(held?.kind).toBe('heartbeat');
      expect(held?.remedy).toContain('stonith_admin --confirm cmp1');
      const sent = (await emulator.evacuateCalls()).length;
      expect(sent).toBeLessThan(5);

      await emulator.killHost('cmp1');
      const truth = proven('cmp1', { ...proofOf('cmp1', Date.now() + 6_000), kind: 'human', by: 'a human' });
      await untilRecovery(running, 'cmp1', 'recovered', [truth]);
      expect(await emulator.evacuateCalls()).toHaveLength(5);
      await running.stop();
    },
  );

  it.concurrent(
    'keeps a host out whose node is back while its instances are still on their way (S6)',
    async ({ onTestFinished }) => {
      const { emulator, start } = await engineBench(onTestFinished, { instances: 2, options: { spawnMs: 600 } });
      await emulator.killHost('cmp1');
      const running = await start();
      const verdict = proven('cmp1');
      await eventually('both are on their way', async () => {
        await running.see([verdict]);
        return (await emulator.evacuateCalls()).length === 2;
      });
      const until = Date.now() + 200;
      await eventually('the node was seen up for a while', async () => {
        await running.see([up('cmp1')]);
        return Date.now() > until;
      });
      expect(running.engine.recoveries[0]?.recovery.state).toBe('evacuating');
      const puts = (await emulator.requests()).filter(({ method }) => method === 'PUT');
      expect(puts, 'forced down, then disabled, and nothing else').toHaveLength(2);
      expect((await emulator.state()).hosts.find(({ name }) => name === 'cmp1')).toMatchObject({ forcedDown: true });
      await untilRecovery(running, 'cmp1', 'recovered', [up('cmp1')]);
      await running.stop();
    },
  );

  it.concurrent(
    'gives the host back only when every move has ended and the host is back and clean (S6)',
    async ({ onTestFinished }) => {
      const { emulator, cloud, start } = await engineBench(onTestFinished);
      await emulator.killHost('cmp1');
      const running = await start();
      await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
      // The node is back, nova-compute is not: its evacuated guests still lie there.
      await eventually('Nova was asked', async () => {
        await running.see([up('cmp1')]);
        return (await emulator.requests()).some(({ status }) => status === 400);
      });
      expect(running.engine.recoveries[0]?.recovery.state).toBe('recovered');
      expect((await cloud.computeServices()).find(({ host }) => host === 'cmp1')).toMatchObject({ forcedDown: true });

      expect(await emulator.returnHost('cmp1')).toBe('run');
      await untilRecovery(running, 'cmp1', 'released', [up('cmp1')]);
      expect((await cloud.computeServices()).find(({ host }) => host === 'cmp1')).toMatchObject({
        forcedDown: false,
        status: 'enabled',
      });
      await running.stop();
    },
  );

  it.concurrent('leaves a host disabled that an operator had disabled before it died', async ({ onTestFinished }) => {
    const { emulator, cloud, start } = await engineBench(onTestFinished);
    const service = (await cloud.computeServices()).find(({ host }) => host === 'cmp1');
    await cloud.disableService(service?.id ?? '', 'new disks on Monday');
    await emulator.killHost('cmp1');
    const running = await start();
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    await emulator.returnHost('cmp1');
    await untilRecovery(running, 'cmp1', 'released', [up('cmp1')]);
    expect((await cloud.computeServices()).find(({ host }) => host === 'cmp1')).toMatchObject({
      forcedDown: false,
      status: 'disabled',
    });
    await running.stop();
  });
});
