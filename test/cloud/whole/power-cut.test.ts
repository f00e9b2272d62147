import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecoveryStatus } from '../../../src/control/protocol.ts';
import { eventually } from '../../support/eventually.ts';
import { novaClient, novaServer, type NovaClient, type NovaServer } from '../support/nova-client.ts';
import { switchFetch } from './switch-fetch.ts';
import { startWhole, type Whole } from './whole.ts';

/** Real Pacemaker, real fencing, real Nova: nothing is emulated but the guests themselves (Nova's fake driver). */
describe('a compute host loses its power', () => {
  let whole: Whole;
  let nova: NovaClient;

  beforeAll(async () => {
    whole = await startWhole({ name: 'whole', computes: 3 });
    const { authUrl, account } = whole.cloud;
    nova = await novaClient({ authUrl, ...account }, switchFetch(whole.lab));
  }, 400_000);
  afterAll(() => whole?.down(), 120_000);

  const boot = async (host: string, name: string, count: number): Promise<readonly string[]> => {
    const body = {
      server: {
        name,
        imageRef: whole.cloud.imageId,
        flavorRef: whole.cloud.flavorId,
        networks: 'none',
        availability_zone: `nova:${host}`,
        min_count: count,
        max_count: count,
        return_reservation_id: false,
      },
    };
    await nova.must('POST', '/servers', body);
    const booted = await eventually(
      `${count} instances named ${name} run on ${host}`,
      async () => {
        const found = (await servers()).filter((server) => server.name.startsWith(name));
        return found.length === count && found.every(({ status }) => status === 'ACTIVE') ? found : undefined;
      },
      { withinMs: 120_000, everyMs: 500 },
    );
    return booted.map(({ id }) => id);
  };
  const servers = async (): Promise<readonly NovaServer[]> => {
    const { servers: rows = [] } = await nova.must('GET', '/servers/detail?all_tenants=1');
    return rows.map(novaServer);
  };
  const recoveryIn = (host: string, states: readonly RecoveryStatus['state'][]): Promise<RecoveryStatus> =>
    eventually(
      `the recovery of ${host} is ${states.join(' or ')}`,
      async () => {
        const recovery = (await whole.status())?.recoveries.find((each) => each.host === host);
        return recovery !== undefined && states.includes(recovery.state) ? recovery : undefined;
      },
      { withinMs: 300_000, everyMs: 300 },
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${(await whole.log()).slice(-8_000)}\n${await whole.hostLog(host)}`);
    });

  it('all its instances are ACTIVE on other hosts, and the host is given back when it has cleaned up', async () => {
    const ids = await boot('cmp1', 'web', 8);
    const [stopped = ''] = await boot('cmp1', 'off', 1);
    await nova.act(stopped, { 'os-stop': null });
    await eventually('the instance is stopped', async () => (await nova.server(stopped))?.vmState === 'stopped', {
      withinMs: 30_000,
      everyMs: 300,
    });

    await whole.lab.kill('cmp1');
    const recovery = await recoveryIn('cmp1', ['recovered', 'released']);
    expect(recovery.moves.map(({ state }) => state)).toEqual(Array.from({ length: 9 }, () => 'done'));
    const found = await servers();
    const moved = found.filter(({ id }) => ids.includes(id));
    expect(moved.map(({ status, taskState }) => [status, taskState])).toEqual(ids.map(() => ['ACTIVE', undefined]));
    expect(moved.filter(({ host }) => host === 'cmp1')).toEqual([]);
    expect(found.find(({ id }) => id === stopped)).toMatchObject({ vmState: 'stopped' });
    expect(found.find(({ id }) => id === stopped)?.host).not.toBe('cmp1');

    await recoveryIn('cmp1', ['released']);
    const { services = [] } = await nova.must('GET', '/os-services?binary=nova-compute&host=cmp1');
    expect(services[0]).toMatchObject({ status: 'enabled', forced_down: false, state: 'up' });
    const evacuations = await nova.must('GET', '/os-migrations?migration_type=evacuation&source_compute=cmp1');
    expect(evacuations.migrations?.map(({ status }) => status)).toEqual(recovery.moves.map(() => 'completed'));
    // What an operator sees.
    await whole.lab.waitOnline();
    const listed = await whole.openstack(['server', 'list', '--long', '--all-projects']);
    const crmMon = await whole.lab.crmMon();
    process.stdout.write(`${listed}\n${crmMon}\n`);
    expect(listed.match(/ACTIVE/g)).toHaveLength(8);
    expect(crmMon).toMatch(/lifeboat\s+: recovered 9\/9 in \d+s/);
    // The gate let nova-compute start only when every move had ended.
    const starts = [...(await whole.hostLog('cmp1')).matchAll(/nova-compute starts at ([\d.]+)/g)];
    expect(Number(starts.at(-1)?.[1]) * 1000).toBeGreaterThanOrEqual(recovery.finishedAtMs ?? Infinity);
  });

  it('the engine that was at work dies with its controller: the next one finishes, nothing is sent twice', async () => {
    await whole.lab.waitIdle();
    const ids = await boot('cmp2', 'hard', 6);
    for (const host of whole.computes) await whole.cloud.setSpawnDelay(host, 8_000);
    await whole.lab.kill('cmp2');
    const engine = await eventually(
      'evacuations are under way',
      async () => {
        const status = await whole.status();
        const recovery = status?.recoveries.find(({ host }) => host === 'cmp2');
        return recovery?.moves.some(({ state }) => state === 'accepted') === true ? status?.node : undefined;
      },
      { withinMs: 90_000, everyMs: 100 },
    );
    await whole.lab.kill(engine);
    await recoveryIn('cmp2', ['recovered', 'released']);
    for (const host of whole.computes) await whole.cloud.setSpawnDelay(host, 0);
    const moved = (await servers()).filter(({ id }) => ids.includes(id));
    expect(moved.map(({ status, host }) => [status, host === 'cmp2'])).toEqual(ids.map(() => ['ACTIVE', false]));
    for (const id of ids) {
      const { instanceActions = [] } = await nova.must('GET', `/servers/${id}/os-instance-actions`);
      expect(instanceActions.filter(({ action }) => action === 'evacuate')).toHaveLength(1);
    }
    await recoveryIn('cmp2', ['released']);
  });
});
