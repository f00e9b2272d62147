import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { heldFor, recoveryIn } from '../rig/expect.ts';
import { startRig, type Rig } from '../rig/rig.ts';

describe('what an operator says about a recovery', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({
      name: 'operator',
      computes: 4,
      cloud: { spawnMs: 1_000 },
      configuration: '  parallel: 1\n',
    });
    for (const host of ['cmp1', 'cmp2']) await rig.lab.bmc(host, 'norestart');
  });
  afterAll(() => rig?.down());

  const typed = async (...words: readonly string[]): Promise<string> => {
    const node = (await rig.engineNode()) ?? '';
    return (await rig.lab.exec(node, ['lifeboat', ...words])).stdout;
  };

  it('retry of one that has failed waits for a new fencing of the host, and then moves what was left (S1, S6)', async () => {
    const [first, second] = await rig.cloud.addInstances('cmp1', 2, 'retry');
    await rig.cloud.fault({ effect: { kind: 'no-valid-host' }, instanceId: second ?? '' });
    await rig.lab.kill('cmp1');
    const failed = await recoveryIn(rig, 'cmp1', ['failed'], { withinMs: 90_000 });
    expect(failed.moves.find(({ instance }) => instance === second)?.reason).toContain('No valid host');
    expect((await rig.status())?.failed).toBe(1);
    await rig.cloud.clearFaults();
    const sent = (await rig.cloud.evacuateCalls()).length;

    expect(await typed('retry', 'cmp1', '--reason', 'there is room now')).toContain('stonith_admin --reboot cmp1');
    await heldFor(rig, 'cmp1', 'gate-was-open');
    expect(await rig.cloud.evacuateCalls()).toHaveLength(sent);
    await rig.lab.exec((await rig.engineNode()) ?? '', ['stonith_admin', '--reboot', 'cmp1']);
    await recoveryIn(rig, 'cmp1', ['recovered'], { withinMs: 60_000 });
    const { instances } = await rig.cloud.state();
    const mine = instances.filter(({ id }) => id === first || id === second);
    expect(mine.map(({ vmState }) => vmState)).toEqual(['active', 'active']);
    expect(mine.filter(({ host }) => host === 'cmp1')).toEqual([]);
    expect(await rig.cloud.doubleRuns()).toEqual([]);
    expect((await rig.status())?.failed).toBe(0);
  });

  it('cancel leaves what was not sent, and acknowledge takes it off the list', async () => {
    const ids = await rig.cloud.addInstances('cmp2', 6, 'cancel');
    await rig.lab.kill('cmp2');
    await eventually(
      'the first is on its way',
      async () => (await rig.cloud.evacuateCalls()).some(({ sourceHost }) => sourceHost === 'cmp2'),
      { withinMs: 60_000 },
    );
    expect(await typed('cancel', 'cmp2', '--reason', 'the wrong host')).toContain('nothing more is sent for cmp2');
    const failed = await recoveryIn(rig, 'cmp2', ['failed']);
    expect(failed.reason).toContain('the wrong host');
    const { hosts, instances } = await rig.cloud.state();
    const left = instances.filter(({ id, host }) => ids.includes(id) && host === 'cmp2').length;
    expect(left).toBeGreaterThan(0);
    expect(hosts.find(({ name }) => name === 'cmp2')).toMatchObject({ forcedDown: true });
    expect(await typed('acknowledge', 'cmp2')).toContain('not moved, and yours to see to');
    expect((await rig.status())?.failed).toBe(0);
  });
});
