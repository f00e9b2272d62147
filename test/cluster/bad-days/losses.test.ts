import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backInService, expectRecoveredOnce, recoveryIn } from '../rig/expect.ts';
import { startRig, type Rig } from '../rig/rig.ts';

describe('a compute host that is lost and fenced', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({ name: 'losses', computes: 3, cloud: { spawnMs: 400 } });
  });
  afterAll(() => rig?.down());

  it('by a power cut: its instances run elsewhere, and crm_mon says so', async () => {
    const ids = await rig.cloud.addInstances('cmp1', 5, 'power');
    await rig.lab.kill('cmp1');
    const recovery = await recoveryIn(rig, 'cmp1', ['recovered', 'released']);
    expect(recovery.proof).toMatchObject({ action: 'reboot' });
    await expectRecoveredOnce(rig, 'cmp1', ids);
    await backInService(rig, 'cmp1');
    await expect.poll(() => rig.shown('cmp1'), { timeout: 20_000, interval: 500 }).toMatch(/^recovered 5\/5 in \d+s$/);
    expect((await rig.cloud.state()).hosts.find(({ name }) => name === 'cmp1')).toMatchObject({
      forcedDown: false,
      status: 'enabled',
    });
  });

  it('by a network cut: its instances run elsewhere, and not on both sides', async () => {
    const ids = await rig.cloud.addInstances('cmp2', 4, 'cut');
    await rig.lab.partition('cmp2');
    await recoveryIn(rig, 'cmp2', ['recovered', 'released']);
    await expectRecoveredOnce(rig, 'cmp2', ids);
    await rig.lab.heal('cmp2');
    await backInService(rig, 'cmp2');
  });

  it('because it froze: its instances run elsewhere', async () => {
    const ids = await rig.cloud.addInstances('cmp3', 4, 'frozen');
    rig.lab.freeze('cmp3');
    await recoveryIn(rig, 'cmp3', ['recovered', 'released']);
    await expectRecoveredOnce(rig, 'cmp3', ids);
    await backInService(rig, 'cmp3');
  });

  it('because its cluster daemon crashed: Pacemaker fences the living host, and its instances run elsewhere', async () => {
    const ids = await rig.cloud.addInstances('cmp1', 4, 'crash');
    await rig.lab.crash('cmp1');
    await expect
      .poll(async () => (await rig.cloud.evacuateCalls()).filter((c) => ids.includes(c.instanceId)).length, {
        timeout: 60_000,
        interval: 200,
      })
      .toBe(4);
    await recoveryIn(rig, 'cmp1', ['recovered', 'released']);
    await backInService(rig, 'cmp1');
    const { instances } = await rig.cloud.state();
    expect(instances.filter(({ id, host }) => ids.includes(id) && host === 'cmp1')).toEqual([]);
    expect(await rig.cloud.doubleRuns()).toEqual([]);
  });
});
