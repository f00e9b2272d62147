import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backInService, expectRecoveredOnce, heldFor, recoveryIn } from '../rig/expect.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { eventually } from '../../support/eventually.ts';

describe('a host that dies while the cloud is not well', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({ name: 'cloud', computes: 3, cloud: { spawnMs: 300 } });
  });
  afterAll(() => rig?.down());

  it('Nova answers 503 for a while: held with the reason, then recovered', async () => {
    const ids = await rig.cloud.addInstances('cmp1', 4, 'down');
    // While Nova is away nothing can keep nova-compute of a returning host out; that is the gate's work.
    await rig.lab.bmc('cmp1', 'norestart');
    await rig.cloud.fault({ effect: { kind: 'status', status: 503 } });
    await rig.lab.kill('cmp1');
    const hold = await heldFor(rig, 'cmp1', 'cloud-unavailable', { withinMs: 60_000 });
    expect(hold.reason).toContain('503');
    expect(await rig.cloud.evacuateCalls()).toEqual([]);
    await rig.cloud.clearFaults();
    await recoveryIn(rig, 'cmp1', ['recovered', 'released']);
    await expectRecoveredOnce(rig, 'cmp1', ids);
    await rig.lab.bmc('cmp1', 'ok');
    await rig.lab.powerOn('cmp1');
    await backInService(rig, 'cmp1');
  });

  it('single calls fail with 500, are cut off or time out, and the token expires: recovered, none sent twice', async () => {
    const ids = await rig.cloud.addInstances('cmp2', 6, 'mixed');
    const [first, second, third] = ids;
    await rig.cloud.fault({ route: 'services.update', effect: { kind: 'status', status: 500 }, times: 1 });
    await rig.cloud.fault({
      route: 'evacuate',
      instanceId: first ?? '',
      effect: { kind: 'drop', when: 'after-executing' },
      times: 1,
    });
    await rig.cloud.fault({
      route: 'evacuate',
      instanceId: second ?? '',
      effect: { kind: 'delay', ms: 7_000 },
      times: 1,
    });
    await rig.cloud.fault({ route: 'migrations.list', effect: { kind: 'html', status: 502 }, times: 2 });
    await rig.cloud.fault({ route: 'evacuate', instanceId: third ?? '', effect: { kind: 'expire-tokens' }, times: 1 });
    await rig.lab.kill('cmp2');
    await recoveryIn(rig, 'cmp2', ['recovered', 'released'], { withinMs: 90_000 });
    const { instances } = await rig.cloud.state();
    expect(
      instances.filter(({ id, vmState, host }) => ids.includes(id) && vmState === 'active' && host !== 'cmp2'),
    ).toHaveLength(6);
    expect(await rig.cloud.doubleRuns()).toEqual([]);
    await rig.cloud.clearFaults();
    await backInService(rig, 'cmp2');
  });

  it('the node returns two seconds after its fencing: it is kept out until the recovery has ended (S6)', async () => {
    await rig.cloud.setOptions({ spawnMs: 6_000 });
    const ids = await rig.cloud.addInstances('cmp3', 4, 'returns');
    await rig.lab.kill('cmp3');
    await eventually(
      'the recovery has begun',
      async () => (await rig.cloud.evacuateCalls()).some(({ sourceHost }) => sourceHost === 'cmp3'),
      {
        withinMs: 60_000,
      },
    );
    await rig.lab.waitOnline({ nodes: ['cmp3'] });
    const during = (await rig.status())?.recoveries.find(({ host }) => host === 'cmp3');
    expect(during?.state).toBe('evacuating');
    expect((await rig.cloud.state()).hosts.find(({ name }) => name === 'cmp3')).toMatchObject({ forcedDown: true });
    await recoveryIn(rig, 'cmp3', ['recovered', 'released']);
    await expectRecoveredOnce(rig, 'cmp3', ids);
    await backInService(rig, 'cmp3');
    expect((await rig.cloud.state()).hosts.find(({ name }) => name === 'cmp3')).toMatchObject({
      forcedDown: false,
      status: 'enabled',
    });
  });
});

describe('a cluster without the alert agent', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({ name: 'noalert', computes: 2, alerts: 'missing', cloud: { spawnMs: 300 } });
  });
  afterAll(() => rig?.down());

  it('is polled: the loss is found and recovered all the same', async () => {
    const ids = await rig.cloud.addInstances('cmp1', 3, 'polled');
    await rig.lab.bmc('cmp1', 'norestart');
    await rig.lab.kill('cmp1');
    await recoveryIn(rig, 'cmp1', ['recovered'], { withinMs: 60_000 });
    await expectRecoveredOnce(rig, 'cmp1', ids);
  });
});
