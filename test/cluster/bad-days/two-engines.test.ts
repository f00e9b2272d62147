import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseServer } from '../../store/server.ts';
import { eventually } from '../../support/eventually.ts';
import { backInService, expectRecoveredOnce, recoveryIn } from '../rig/expect.ts';
import { startRig, type Rig } from '../rig/rig.ts';
import { tellFailure } from '../rig/tell-failure.ts';
import { SHARED_STORE_CONFIGURATION, SHARED_STORE_FILES, startSharedStore } from '../rig/shared-store.ts';

describe('two engines on the shared store (S5)', () => {
  let rig: Rig;
  let database: DatabaseServer | undefined;
  tellFailure(() => rig);

  beforeAll(async () => {
    rig = await startRig({
      name: 'engines',
      computes: 3,
      cloud: { spawnMs: 2_500 },
      // Pacemaker fences the frozen controller when what it is at has returned, and a connection to a host that does not
      // answer yet is such a thing.
      cib: { reconnectInterval: '30s' },
      configuration: `  parallel: 3\n${SHARED_STORE_CONFIGURATION}`,
      files: SHARED_STORE_FILES,
      beforeLifeboat: async (lab) => {
        database = await startSharedStore(lab);
      },
    });
  });
  afterAll(async () => {
    await rig?.down();
    await database?.remove();
  });

  const sentFrom = async (host: string): Promise<number> =>
    (await rig.cloud.evacuateCalls()).filter(({ sourceHost }) => sourceHost === host).length;

  it('a controller freezes in the middle, its fencing lies, and it thaws after the takeover: nothing of it lands', async () => {
    const ids = await rig.cloud.addInstances('cmp1', 9, 'frozen');
    const first = (await rig.engineNode()) ?? '';
    await rig.lab.bmc(first, 'lie');
    await rig.lab.kill('cmp1');
    await eventually('the first evacuations are sent', async () => (await sentFrom('cmp1')) > 0, { withinMs: 60_000 });
    rig.lab.freeze(first);
    const second = await eventually(
      'another engine has taken over',
      async () => {
        const status = await rig.status();
        return status?.node !== first && status?.state === 'active' && status;
      },
      { withinMs: 240_000, everyMs: 300 },
    );
    await recoveryIn(rig, 'cmp1', ['recovered', 'released'], { withinMs: 120_000 });
    const sent = await sentFrom('cmp1');
    expect(sent).toBe(9);

    rig.lab.thaw(first);
    // Pacemaker on it learns that it was fenced, and ends without ending what it ran: the daemon is on its own.
    await eventually(
      'the first engine has stepped down, or is gone',
      async () => {
        const status = await rig.statusOn(first);
        return (
          status === undefined || status.state === 'deposed' || status.holds.some(({ kind }) => kind === 'no-lease')
        );
      },
      { withinMs: 60_000, everyMs: 300 },
    );
    expect(await sentFrom('cmp1'), 'evacuations after the thaw').toBe(sent);
    await expectRecoveredOnce(rig, 'cmp1', ids);
    const log = (await rig.lab.exec(first, ['cat', '/var/log/lifeboat/lifeboatd.log'])).stdout;
    expect(log).toMatch(/this engine steps down, and does nothing more: .*the engine of \w+ has taken it/);
    expect((await rig.statusOn(second.node))?.state).toBe('active');

    await rig.lab.bmc(first, 'ok');
    await rig.lab.kill(first);
    await rig.lab.powerOn(first);
    await backInService(rig, 'cmp1');
  }, 600_000);

  it('the database is away in the middle of a recovery: held, and done when it is back', async () => {
    const ids = await rig.cloud.addInstances('cmp2', 9, 'away');
    await rig.lab.kill('cmp2');
    await eventually('the first evacuations are sent', async () => (await sentFrom('cmp2')) > 0, { withinMs: 60_000 });
    await database?.stop('kill');
    const hold = await eventually(
      'the engine says so',
      async () => (await rig.status())?.holds.find(({ kind }) => kind === 'store-unusable'),
      { withinMs: 30_000, everyMs: 200 },
    );
    expect(hold.remedy).toContain('store.hosts');
    const sent = await sentFrom('cmp2');
    await database?.start();
    await recoveryIn(rig, 'cmp2', ['recovered', 'released'], { withinMs: 120_000 });
    expect(sent).toBeLessThan(9);
    await expectRecoveredOnce(rig, 'cmp2', ids);
    expect((await rig.status())?.holds).toEqual([]);
    await backInService(rig, 'cmp2');
  });
});
