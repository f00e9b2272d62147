import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../../src/bridge/verdict.ts';
import { IMPLICIT_SEGMENT_UUID } from '../../../../src/engine/registry/implicit-segment.ts';
import { eventually } from '../../../support/eventually.ts';
import { engineBench, proofOf, proven, untilRecovery, up } from '../bench.ts';
import { ALL, hostOf, OLDEST_FIRST, reportOf, segmentOf } from './bench.ts';

const lost = (node: string): Verdict => ({
  state: 'lost',
  node,
  host: node,
  lostSinceMs: Date.now() - 1_000,
  hold: { kind: 'not-fenced', reason: 'nothing has fenced it yet', remedy: undefined },
});

const report = (host: string) => reportOf(host, { generatedAtMs: Date.now() });

describe('an engine with a registry', () => {
  it('evacuates nothing on a monitor’s word, and joins that to the recovery that a proof begins (S1)', async ({
    onTestFinished,
  }) => {
    const bench = await engineBench(onTestFinished, { instances: 2 });
    await bench.emulator.killHost('cmp1');
    const running = await bench.start();
    const { registry } = running.engine;
    await running.see([up('cmp1'), up('cmp2')]);
    const { uuid } = await registry.notify(report('cmp1'));
    for (let look = 0; look < 5; look += 1) await running.see([lost('cmp1'), up('cmp2')]);
    expect(running.engine.recoveries).toEqual([]);
    expect(await bench.emulator.evacuateCalls()).toEqual([]);
    expect(await registry.notification(uuid)).toMatchObject({
      status: 'running',
      message: 'cmp1 is reported down by a monitor; waits for Pacemaker to fence it: nothing has fenced it yet',
    });

    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1', proofOf('cmp1')), up('cmp2')]);
    await eventually('both have ended', async () =>
      (await registry.notifications(ALL)).every(({ status }) => status === 'finished'),
    );
    const both = await registry.notifications(OLDEST_FIRST);
    expect(both.map(({ message }) => message)).toEqual(['2 of 2 instances recovered', '2 of 2 instances recovered']);
    expect(running.engine.recoveries).toHaveLength(1);
    expect(await bench.emulator.evacuateCalls()).toHaveLength(2);
    for (const each of both) {
      const vmoves = await registry.vmoves(each.uuid, ALL);
      expect(vmoves.map(({ status, sourceHost }) => [status, sourceHost])).toEqual([
        ['succeeded', 'cmp1'],
        ['succeeded', 'cmp1'],
      ]);
      expect((await registry.progress(each.uuid)).map(({ state }) => state)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    }
    await running.stop();
  });

  it('goes by a segment from the moment when it was changed, and sets no host on maintenance itself (W9, W10)', async ({
    onTestFinished,
  }) => {
    const bench = await engineBench(onTestFinished, { instances: 1 });
    const running = await bench.start();
    const { registry } = running.engine;
    const { uuid } = await registry.addSegment(segmentOf('rack'));
    await registry.addHost(uuid, hostOf('cmp1'));
    await registry.updateSegment(uuid, { enabled: false });
    await bench.emulator.killHost('cmp1');
    const proof = proofOf('cmp1');
    await running.see([proven('cmp1', proof)]);
    expect(running.engine.leftAlone.get('cmp1')?.kind).toBe('segment-disabled');
    expect(running.engine.recoveries).toEqual([]);
    await registry.updateSegment(uuid, { enabled: true });
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1', proof)]);
    const [host] = await registry.hosts(uuid, ALL);
    expect(host).toMatchObject({ name: 'cmp1', onMaintenance: false });
    const [own] = await registry.notifications(ALL);
    expect(own).toMatchObject({ sourceHostUuid: host?.uuid, segmentUuid: uuid, status: 'finished' });
    await running.stop();

    const next = await bench.start();
    await next.see([proven('cmp1', proof)]);
    expect((await next.engine.registry.segments(ALL)).map(({ name }) => name)).toEqual(['rack']);
    await next.stop();
  });

  it('shows the nodes that are compute hosts of Nova as the implicit segment', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 0 });
    const running = await bench.start();
    const { registry } = running.engine;
    await expect(registry.hosts(IMPLICIT_SEGMENT_UUID, ALL), 'before the first look').rejects.toMatchObject({
      code: 'NOT_ALLOWED',
    });
    await running.see([
      up('cmp2'),
      {
        state: 'lost',
        node: 'r1',
        host: 'cmp1',
        lostSinceMs: 0,
        hold: { kind: 'not-fenced', reason: 'x', remedy: undefined },
      },
      up('ctl1'),
      { state: 'up', node: 'x', host: undefined },
    ]);
    const hosts = await registry.hosts(IMPLICIT_SEGMENT_UUID, { ...ALL, sort: [{ key: 'name', direction: 'asc' }] });
    expect(hosts.map(({ name }) => name)).toEqual(['cmp1', 'cmp2']);
    await running.stop();
    await expect(registry.addSegment(segmentOf('late')), 'the lease is given back').rejects.toMatchObject({
      code: 'LEASE_LOST',
    });
  });
});
