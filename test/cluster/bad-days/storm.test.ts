import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Status } from '../../../src/control/protocol.ts';
import { eventually } from '../../support/eventually.ts';
import { backInService, expectRecoveredOnce, heldFor, recoveryIn } from '../rig/expect.ts';
import { startRig, type Rig } from '../rig/rig.ts';

const DEAD = ['cmp1', 'cmp2', 'cmp3'] as const;

/** What the operator types on the engine's node. */
async function typed(rig: Rig, ...words: readonly string[]): Promise<string> {
  const node = await eventually('the engine runs', () => rig.engineNode(), { withinMs: 60_000, everyMs: 200 });
  return (await rig.lab.exec(node, ['lifeboat', ...words])).stdout;
}

async function sentFrom(rig: Rig, host: string): Promise<number> {
  return (await rig.cloud.evacuateCalls()).filter(({ sourceHost }) => sourceHost === host).length;
}

describe('three hosts that lose power at one time, where one may', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({
      name: 'storm',
      computes: 4,
      cloud: { spawnMs: 400 },
      configuration: 'storm:\n  max_hosts: 1\n  cool_down: 1h\n',
    });
  });
  afterAll(() => rig?.down());

  it('are held, but for what has begun before the others were known, and recovered when the operator says so (S7)', async () => {
    const ids = new Map<string, readonly string[]>();
    for (const host of DEAD) ids.set(host, await rig.cloud.addInstances(host, 3, host));
    await Promise.all(DEAD.map((host) => rig.lab.kill(host)));

    const held = await eventually(
      'all three are known, and at least two of them held for the storm',
      async () => {
        const { recoveries = [], holds = [] } = (await rig.status()) ?? ({} as Partial<Status>);
        const isComplete = DEAD.every((host) => recoveries.some((recovery) => recovery.host === host));
        const storm = holds.filter(({ kind }) => kind === 'storm');
        return isComplete && storm.length >= 2 ? storm : undefined;
      },
      { withinMs: 120_000, everyMs: 300 },
    );
    expect(held[0]?.reason).toMatch(/of 4 hosts in the cluster were lost within 5 min.*, 1 may be/);
    for (const { host } of held) {
      expect(await sentFrom(rig, host), `nothing is sent for ${host}`).toBe(0);
      await expect.poll(() => rig.shown(host), { timeout: 20_000, interval: 500 }).toBe('held: too many hosts lost');
    }
    const { hosts } = await rig.cloud.state();
    expect(hosts.filter(({ forcedDown }) => forcedDown).map(({ name }) => name)).toEqual(
      expect.arrayContaining(held.map(({ host }) => host)),
    );

    expect(await typed(rig, 'proceed', '--reason', 'a fuse has blown')).toContain('begins: 3 instances were on it');
    for (const host of DEAD) {
      await recoveryIn(rig, host, ['recovered', 'released'], { withinMs: 120_000 });
      await expectRecoveredOnce(rig, host, ids.get(host) ?? []);
    }
    expect(await rig.log()).toContain('a fuse has blown');
    for (const host of DEAD) await backInService(rig, host);
  });
});

describe('a pause in the middle of a recovery', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({
      name: 'pause',
      computes: 3,
      cloud: { spawnMs: 3_000 },
      configuration: '  parallel: 3\n',
    });
  });
  afterAll(() => rig?.down());

  it('holds for the engine on another controller too, and the rest is moved after the resume (S8)', async () => {
    const ids = await rig.cloud.addInstances('cmp1', 9, 'pause');
    await rig.lab.kill('cmp1');
    await eventually('the first evacuations are sent', async () => (await sentFrom(rig, 'cmp1')) > 0, {
      withinMs: 60_000,
    });
    await typed(rig, 'pause', '--reason', 'a new switch');
    const sent = await sentFrom(rig, 'cmp1');
    expect(sent).toBeLessThan(9);
    await heldFor(rig, 'cmp1', 'paused');
    const first = (await rig.engineNode()) ?? '';
    await eventually(
      'what was in flight has landed',
      async () => {
        const { instances } = await rig.cloud.state();
        return instances.every(({ taskState }) => taskState === null);
      },
      { withinMs: 60_000, everyMs: 300 },
    );

    await rig.lab.exec(first, ['crm_resource', '--resource', 'lifeboat', '--ban', '--node', first]);
    const second = await eventually(
      'the engine runs elsewhere, and is paused there',
      async () => {
        const status = await rig.status();
        return status !== undefined && status.node !== first && status.state === 'paused' ? status : undefined;
      },
      { withinMs: 120_000, everyMs: 300 },
    );
    expect(second.paused).toContain('a new switch');
    await eventually(
      'it has followed what its predecessor sent',
      async () => {
        const recovery = (await rig.status())?.recoveries.find(({ host }) => host === 'cmp1');
        return recovery?.state === 'held';
      },
      { withinMs: 30_000, everyMs: 300 },
    );
    expect(await sentFrom(rig, 'cmp1'), 'nothing is sent while it is paused').toBe(sent);
    const shown = await rig.lab.crmMonXml();
    expect(shown).toContain('lifeboat-paused');

    await typed(rig, 'resume');
    await recoveryIn(rig, 'cmp1', ['recovered', 'released'], { withinMs: 120_000 });
    const { instances } = await rig.cloud.state();
    const mine = instances.filter(({ id }) => ids.includes(id));
    expect(mine.map(({ vmState }) => vmState)).toEqual(ids.map(() => 'active'));
    expect(mine.filter(({ host }) => host === 'cmp1')).toEqual([]);
    expect(await rig.cloud.doubleRuns()).toEqual([]);
    await rig.lab.exec(first, ['crm_resource', '--resource', 'lifeboat', '--clear']);
    await backInService(rig, 'cmp1');
    expect(await rig.lab.crmMonXml()).not.toContain('lifeboat-paused');
  });
});
