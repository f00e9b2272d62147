import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backInService, expectRecoveredOnce, heldFor, recoveryIn } from '../rig/expect.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { eventually } from '../../support/eventually.ts';

describe('a fencing that does not prove anything', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({ name: 'fencing', computes: 3, cloud: { spawnMs: 300 }, cib: { stonithTimeout: '6s' } });
  });
  afterAll(() => rig?.down());

  const evacuatedFrom = async (host: string): Promise<number> =>
    (await rig.cloud.evacuateCalls()).filter(({ sourceHost }) => sourceHost === host).length;

  it('because it fails: held with the reason, and recovered at once when a human confirms', async () => {
    const ids = await rig.cloud.addInstances('cmp1', 3, 'fails');
    await rig.lab.bmc('cmp1', 'fail');
    await rig.lab.kill('cmp1');
    const hold = await heldFor(rig, 'cmp1', 'fencing-failed');
    expect(hold.remedy).toContain('stonith_admin --confirm cmp1');
    expect(await evacuatedFrom('cmp1')).toBe(0);
    await eventually(
      'the engine’s resource is shown as degraded, with the reason',
      async () => /lifeboat .*(held|fencing).*cmp1|cmp1.*(held|fencing)/s.test(await rig.lab.crmMon()),
      { withinMs: 40_000, everyMs: 500 },
    );
    const confirmedAt = Date.now();
    const node = (await rig.engineNode()) ?? 'ctl1';
    await rig.lab.exec(node, ['stonith_admin', '--confirm', 'cmp1']);
    const recovery = await recoveryIn(rig, 'cmp1', ['recovered', 'released']);
    expect(recovery.proof.by).toBe('a human');
    const [first] = (await rig.cloud.evacuateCalls()).filter(({ sourceHost }) => sourceHost === 'cmp1');
    expect((first?.atMs ?? Infinity) - confirmedAt).toBeLessThan(10_000);
    await expectRecoveredOnce(rig, 'cmp1', ids);
    await rig.lab.bmc('cmp1', 'ok');
    await rig.lab.powerOn('cmp1');
    await backInService(rig, 'cmp1');
  });

  it('because it hangs: nothing is evacuated while it is under way, nor when it has timed out', async () => {
    const ids = await rig.cloud.addInstances('cmp2', 3, 'hangs');
    await rig.lab.bmc('cmp2', 'hang');
    await rig.lab.kill('cmp2');
    await heldFor(rig, 'cmp2', 'fencing-failed', { withinMs: 90_000 });
    expect(await evacuatedFrom('cmp2')).toBe(0);
    const node = (await rig.engineNode()) ?? 'ctl1';
    await rig.lab.exec(node, ['stonith_admin', '--confirm', 'cmp2']);
    await recoveryIn(rig, 'cmp2', ['recovered', 'released']);
    await expectRecoveredOnce(rig, 'cmp2', ids);
    await rig.lab.bmc('cmp2', 'ok');
    await rig.lab.powerOn('cmp2');
    await backInService(rig, 'cmp2');
  });

  it('because it is disabled: held with the command that enables it, and recovered when that was typed', async () => {
    const ids = await rig.cloud.addInstances('cmp3', 3, 'disabled');
    await rig.lab.exec('ctl1', ['pcs', 'property', 'set', 'stonith-enabled=false']);
    await rig.lab.waitIdle();
    await rig.lab.kill('cmp3');
    const hold = await heldFor(rig, 'cmp3', 'fencing-disabled');
    expect(hold.remedy).toContain('pcs property set stonith-enabled=true');
    expect(await evacuatedFrom('cmp3')).toBe(0);
    await rig.lab.exec('ctl1', ['pcs', 'property', 'set', 'stonith-enabled=true']);
    await recoveryIn(rig, 'cmp3', ['recovered', 'released'], { withinMs: 90_000 });
    await expectRecoveredOnce(rig, 'cmp3', ids);
    await backInService(rig, 'cmp3');
  });
});

describe('a fencing of two devices of which one is broken', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({ name: 'partial', computes: 2, cib: { fencing: 'broken-beside' }, cloud: { spawnMs: 300 } });
  });
  afterAll(() => rig?.down());

  it('is partial: held although the host is off, and recovered at once when a human confirms', async () => {
    const ids = await rig.cloud.addInstances('cmp1', 3, 'partial');
    await rig.lab.kill('cmp1');
    await heldFor(rig, 'cmp1', 'fencing-failed', { withinMs: 90_000 });
    expect(await rig.cloud.evacuateCalls()).toEqual([]);
    const node = (await rig.engineNode()) ?? 'ctl1';
    await rig.lab.exec(node, ['stonith_admin', '--confirm', 'cmp1']);
    const recovery = await recoveryIn(rig, 'cmp1', ['recovered', 'released']);
    expect(recovery.proof.by).toBe('a human');
    await expectRecoveredOnce(rig, 'cmp1', ids);
  });
});

describe('a fencing device that lies', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({
      name: 'lies',
      computes: 2,
      cloud: { spawnMs: 1_500 },
      configuration: '  parallel: 1\n',
    });
  });
  afterAll(() => rig?.down());

  it('is found out by the second witness: the living nova-compute holds what was not moved yet (S9)', async () => {
    await rig.cloud.addInstances('cmp1', 6, 'lies');
    await rig.lab.bmc('cmp1', 'lie');
    // The cluster daemon dies, the host and its nova-compute do not, and the fencing that follows does nothing.
    await rig.lab.crash('cmp1');
    const hold = await heldFor(rig, 'cmp1', 'heartbeat');
    expect(hold.remedy).toContain('stonith_admin --confirm cmp1');
    const sent = (await rig.cloud.evacuateCalls()).length;
    expect(sent).toBeLessThan(6);
    await eventually(
      'what was in flight has ended',
      async () => (await rig.cloud.state()).instances.every(({ taskState }) => taskState === null),
      { withinMs: 20_000 },
    );
    expect(await rig.cloud.evacuateCalls()).toHaveLength(sent);

    await rig.lab.kill('cmp1');
    const node = (await rig.engineNode()) ?? 'ctl1';
    await rig.lab.exec(node, ['stonith_admin', '--confirm', 'cmp1']);
    await recoveryIn(rig, 'cmp1', ['recovered', 'released'], { withinMs: 90_000 });
    expect((await rig.cloud.state()).instances.filter(({ host }) => host === 'cmp1')).toEqual([]);
  });
});
