import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineHasLooked, expectNothingHappened } from '../rig/expect.ts';
import { startRig, type Rig } from '../rig/rig.ts';

describe('what is no failure (S8)', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({ name: 'handsoff', computes: 2, instances: 3 });
  });
  afterAll(() => rig?.down());

  it('standby of a compute node: nothing happens', async () => {
    await rig.lab.exec('ctl1', ['pcs', 'node', 'standby', 'cmp1']);
    await engineHasLooked(rig);
    await expectNothingHappened(rig);
    expect((await rig.status())?.hosts.find(({ node }) => node === 'cmp1')?.state).toBe('hands-off');
    await rig.lab.exec('ctl1', ['pcs', 'node', 'unstandby', 'cmp1']);
    await engineHasLooked(rig);
  });

  it('maintenance of a compute node, even when its cluster daemon is stopped meanwhile: nothing happens', async () => {
    await rig.lab.exec('ctl1', ['pcs', 'node', 'maintenance', 'cmp1']);
    await engineHasLooked(rig);
    await rig.lab.crash('cmp1');
    await engineHasLooked(rig);
    await expectNothingHappened(rig);
    // Pacemaker fences the node all the same, and then they run already.
    await rig.lab.startDaemons('cmp1').catch(() => undefined);
    await rig.lab.exec('ctl1', ['pcs', 'node', 'unmaintenance', 'cmp1']);
    await rig.lab.exec('ctl1', ['pcs', 'resource', 'cleanup', 'cmp1'], { allowFailure: true });
    await rig.lab.waitOnline();
    await engineHasLooked(rig);
    await expectNothingHappened(rig);
  });

  it('a connection resource that is disabled: nothing happens', async () => {
    await rig.lab.exec('ctl1', ['pcs', 'resource', 'disable', 'cmp2']);
    await engineHasLooked(rig);
    await expectNothingHappened(rig);
    expect((await rig.status())?.hosts.find(({ node }) => node === 'cmp2')?.state).toBe('hands-off');
    await rig.lab.exec('ctl1', ['pcs', 'resource', 'enable', 'cmp2']);
    await rig.lab.waitOnline();
    await engineHasLooked(rig);
    await expectNothingHappened(rig);
  });

  it('the clean stop of the controller on which the engine runs: it goes on elsewhere, nothing happens', async () => {
    const before = (await rig.engineNode()) ?? 'ctl1';
    await rig.lab.stop(before);
    await expect.poll(() => rig.engineNode(), { timeout: 60_000, interval: 300 }).toMatch(/^ctl/);
    expect(await rig.engineNode()).not.toBe(before);
    await engineHasLooked(rig);
    await expectNothingHappened(rig);
    await rig.lab.powerOn(before);
    await rig.lab.waitOnline();
  });
});
