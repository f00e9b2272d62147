import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backInService, expectRecoveredOnce, recoveryIn } from '../rig/expect.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { tellFailure } from '../rig/tell-failure.ts';
import { eventually } from '../../support/eventually.ts';

describe('controllers that fail during a recovery', () => {
  let rig: Rig;
  tellFailure(() => rig);

  beforeAll(async () => {
    rig = await startRig({
      name: 'takeover',
      computes: 3,
      // Pacemaker fences a dead controller when what it is at has returned, and a connection to a host that does not answer
      // yet is such a thing.
      cib: { reconnectInterval: '30s' },
      cloud: { spawnMs: 2_500 },
      configuration: '  parallel: 3\n',
    });
  });
  afterAll(() => rig?.down());

  const sentFrom = async (host: string): Promise<number> =>
    (await rig.cloud.evacuateCalls()).filter(({ sourceHost }) => sourceHost === host).length;

  it('the daemon is killed: Pacemaker starts it again and it goes on where it stopped', async () => {
    const ids = await rig.cloud.addInstances('cmp1', 9, 'kill');
    await rig.lab.kill('cmp1');
    await eventually('the first evacuations are sent', async () => (await sentFrom('cmp1')) > 0, { withinMs: 60_000 });
    const status = await rig.status();
    await rig.lab.exec(status?.node ?? '', ['kill', '-9', String(status?.pid)]);
    await recoveryIn(rig, 'cmp1', ['recovered', 'released'], { withinMs: 200_000 });
    await expectRecoveredOnce(rig, 'cmp1', ids);
    await backInService(rig, 'cmp1');
  });

  it('the controller with the engine loses power: another takes over, no instance twice, none forgotten', async () => {
    const ids = await rig.cloud.addInstances('cmp2', 9, 'takeover');
    const engine = (await rig.engineNode()) ?? '';
    await rig.lab.kill('cmp2');
    await eventually('the first evacuations are sent', async () => (await sentFrom('cmp2')) > 0, { withinMs: 60_000 });
    await rig.lab.kill(engine);
    await eventually(
      'the engine runs elsewhere',
      async () => {
        const node = await rig.engineNode();
        return node !== undefined && node !== engine;
      },
      { withinMs: 150_000, everyMs: 300 },
    );
    await recoveryIn(rig, 'cmp2', ['recovered', 'released'], { withinMs: 200_000 });
    await expectRecoveredOnce(rig, 'cmp2', ids);
    await rig.lab.waitOnline();
    await backInService(rig, 'cmp2');
  });

  it('quorum is lost: nothing more is sent, and what was owed goes on when quorum is back (S2)', async () => {
    const ids = await rig.cloud.addInstances('cmp3', 9, 'quorum');
    const engine = (await rig.engineNode()) ?? '';
    const others = ['ctl1', 'ctl2', 'ctl3'].filter((name) => name !== engine);
    await rig.lab.kill('cmp3');
    await eventually('the first evacuations are sent', async () => (await sentFrom('cmp3')) > 0, { withinMs: 60_000 });
    await Promise.all(others.map((name) => rig.lab.kill(name)));
    await eventually(
      'the survivor has no quorum',
      async () => {
        const shown = await rig.lab.exec(engine, ['crm_mon', '-1'], { allowFailure: true, timeoutMs: 20_000 });
        return shown.stdout.includes('WITHOUT quorum');
      },
      { withinMs: 40_000, everyMs: 300 },
    );
    const atLoss = await sentFrom('cmp3');
    expect(atLoss, 'quorum went in the middle of it').toBeLessThan(
      (await rig.cloud.state()).instances.filter(({ host }) => host === 'cmp3').length + atLoss,
    );
    await eventually(
      'what was in flight has ended',
      async () => (await rig.cloud.state()).instances.every(({ taskState }) => taskState === null),
      { withinMs: 20_000 },
    );
    expect(await sentFrom('cmp3')).toBe(atLoss);

    for (const name of others) await rig.lab.powerOn(name);
    await recoveryIn(rig, 'cmp3', ['recovered', 'released'], { withinMs: 200_000 });
    await expectRecoveredOnce(rig, 'cmp3', ids);
    // Losing all compute nodes' connections with the quorum was no failure of theirs.
    expect(new Set((await rig.cloud.evacuateCalls()).map(({ sourceHost }) => sourceHost))).toEqual(
      new Set(['cmp1', 'cmp2', 'cmp3']),
    );
  });
});
