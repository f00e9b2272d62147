import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ComputeService } from '../../../src/openstack/cloud.ts';
import { connectEmulator, startEmulator } from '../../emulator/index.ts';
import type { EmulatedInstance, Emulator } from '../../emulator/index.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { openStage } from './stage.ts';
import type { Stage } from './stage.ts';

const instanceOf = async (emulator: Emulator, id: string): Promise<EmulatedInstance | undefined> =>
  (await emulator.state()).instances.find((instance) => instance.id === id);

/** Cuts c1's power and forces its service down. */
async function lose(stage: Stage, host = 'c1'): Promise<string> {
  await stage.emulator.killHost(host);
  const service = (await stage.cloud.computeServices()).find((candidate) => candidate.host === host);
  await stage.cloud.setForcedDown(service?.id ?? '', true);
  return service?.id ?? '';
}

describe('the traps of Nova, as the emulator sets them', () => {
  it('a second evacuate during the rebuild is accepted and wrecks the instance for good', async () => {
    await using stage = await openStage({ options: { schedulerMs: 50 } });
    const id = await stage.emulator.addInstance({ host: 'c1' });
    await lose(stage);
    await stage.cloud.evacuate(id, undefined);
    await stage.cloud.evacuate(id, undefined);
    await expect
      .poll(async () => (await stage.emulator.state()).migrations.map((migration) => migration.status))
      .toEqual(['done', 'accepted']);
    expect(await stage.cloud.instance(id)).toMatchObject({
      status: 'REBUILD',
      vmState: 'error',
      taskState: 'rebuilding',
      powerState: 0,
    });
    expect((await stage.emulator.evacuateCalls()).map((call) => call.outcome)).toEqual(['accepted', 'wrecks']);
  });

  it('a target that died a moment ago is still chosen, and the evacuation hangs', async () => {
    await using stage = await openStage();
    const id = await stage.emulator.addInstance({ host: 'c1' });
    await stage.emulator.killHost('c2');
    await stage.emulator.killHost('c3');
    await lose(stage);
    await stage.cloud.evacuate(id, undefined);
    await expect.poll(async () => (await stage.emulator.state()).migrations[0]?.targetHost).toBe('c2');
    expect(await stage.cloud.instance(id)).toMatchObject({ status: 'REBUILD', taskState: 'rebuilding', host: 'c1' });
  });

  it('a forced target that is known to be down puts the instance into ERROR on its source', async () => {
    await using stage = await openStage();
    const id = await stage.emulator.addInstance({ host: 'c1' });
    await lose(stage);
    await lose(stage, 'c2');
    await stage.cloud.evacuate(id, 'c2');
    await expect.poll(() => instanceOf(stage.emulator, id)).toMatchObject({ status: 'ERROR', host: 'c1' });
  });

  it('disabling a dead host that still looks up holds an API worker, and all others wait for it', async () => {
    await using stage = await openStage({ options: { apiWorkers: 1, rpcTimeoutMs: 300 } });
    const [service] = await stage.cloud.computeServices();
    await stage.emulator.killHost('c1');
    const order: string[] = [];
    const disabling = stage.cloud.disableService(service?.id ?? '', 'dead').then(() => order.push('disabled'));
    await expect.poll(async () => (await stage.emulator.state()).hosts[0]?.status).toBe('disabled');
    await stage.cloud.computeServices().then(() => order.push('listed'));
    await disabling;
    expect(order).toEqual(['disabled', 'listed']);
  });

  it('disabling a host that is forced down holds nothing', async () => {
    await using stage = await openStage({ options: { rpcTimeoutMs: 600_000 } });
    const id = await lose(stage);
    expect(await stage.cloud.disableService(id, 'dead')).toMatchObject({ status: 'disabled' });
  });

  it('an instance is ACTIVE for a moment before Nova says where', async () => {
    await using stage = await openStage({ options: { settleMs: 300 } });
    const id = await stage.emulator.addInstance({ host: 'c1' });
    await lose(stage);
    await stage.cloud.evacuate(id, undefined);
    await expect.poll(() => stage.cloud.instance(id)).toMatchObject({ taskState: undefined, host: 'c1' });
    expect((await stage.cloud.evacuationsFrom('c1'))[0]?.status).toBe('pre-migrating');
    await expect.poll(() => stage.cloud.instance(id)).toMatchObject({ host: 'c2' });
  });

  it.each([
    ['no-valid-host', { status: 'ERROR', host: 'c1' }],
    ['never-finishes', { status: 'REBUILD', host: 'c1' }],
  ] as const)('the fate %s strikes only the instance it was laid on', async (kind, fate) => {
    await using stage = await openStage();
    const [struck, spared] = await stage.emulator.addInstances('c1', 2, 'vm');
    await lose(stage);
    await stage.emulator.fault({ effect: { kind }, instanceId: struck ?? '' });
    await Promise.all([struck, spared].map((id) => stage.cloud.evacuate(id ?? '', undefined)));
    await expect.poll(() => instanceOf(stage.emulator, spared ?? '')).toMatchObject({ status: 'ACTIVE' });
    await expect.poll(() => instanceOf(stage.emulator, struck ?? '')).toMatchObject(fate);
  });

  it('a target starts so many at a time', async () => {
    await using stage = await openStage({ options: { spawnConcurrency: 2, spawnMs: 50 } });
    const ids = await stage.emulator.addInstances('c1', 6, 'vm');
    await lose(stage);
    await Promise.all(ids.map((id) => stage.cloud.evacuate(id, 'c2')));
    let most = 0;
    await expect
      .poll(
        async () => {
          const { instances } = await stage.emulator.state();
          most = Math.max(most, instances.filter((instance) => instance.taskState === 'rebuild_spawning').length);
          return instances.every((instance) => instance.host === 'c2');
        },
        { interval: 5 },
      )
      .toBe(true);
    expect(most).toBe(2);
  });
});

describe('the ground truth', () => {
  it('an evacuation from a host whose power is off runs nothing twice', async () => {
    await using stage = await openStage();
    const id = await stage.emulator.addInstance({ host: 'c1' });
    expect(await instanceOf(stage.emulator, id)).toMatchObject({ runsOn: ['c1'] });
    await lose(stage);
    expect(await instanceOf(stage.emulator, id)).toMatchObject({ runsOn: [], status: 'ACTIVE' });
    await stage.cloud.evacuate(id, 'c2');
    await expect.poll(() => instanceOf(stage.emulator, id)).toMatchObject({ runsOn: ['c2'] });
    expect(await stage.emulator.doubleRuns()).toEqual([]);
  });

  it('an evacuation from a host that is only cut off runs the instance twice, until the source cleans up', async () => {
    await using stage = await openStage();
    const id = await stage.emulator.addInstance({ host: 'c1' });
    await stage.emulator.silenceHost('c1');
    const [service] = await stage.cloud.computeServices();
    await stage.cloud.setForcedDown(service?.id ?? '', true);
    await stage.cloud.evacuate(id, 'c2');
    await expect.poll(() => instanceOf(stage.emulator, id)).toMatchObject({ runsOn: ['c1', 'c2'] });
    const doubled = await stage.emulator.doubleRuns();
    expect(doubled).toMatchObject([{ instanceId: id, hosts: ['c1', 'c2'], toMs: undefined }]);
    // What begins and ends within one millisecond is none.
    await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(doubled[0]?.fromMs ?? 0);
    expect(await stage.emulator.returnHost('c1')).toBe('run');
    expect(await instanceOf(stage.emulator, id)).toMatchObject({ runsOn: ['c2'] });
    expect(await stage.emulator.doubleRuns()).toHaveLength(1);
  });

  it('a lab host whose old boot beats again was alive all along', async () => {
    const clock = virtualClock();
    const emulator = await startEmulator({ clock, options: { schedulerMs: 10, spawnMs: 10 } });
    try {
      await emulator.addHost({ name: 'lab', beats: 'lab' });
      await emulator.addHost({ name: 'c2' });
      await emulator.beat('lab', 'boot-1');
      const id = await emulator.addInstance({ host: 'lab' });
      await clock.advance(70_000);
      expect((await emulator.state()).hosts[0]).toMatchObject({ state: 'down' });
      await evacuateByHand(emulator, id);
      await clock.advance(1_000);
      expect(await instanceOf(emulator, id)).toMatchObject({ host: 'c2', runsOn: ['c2'] });
      expect(await emulator.doubleRuns()).toEqual([]);
      expect(await emulator.beat('lab', 'boot-1')).toBe('run');
      expect(await emulator.doubleRuns()).toMatchObject([{ instanceId: id, hosts: ['lab', 'c2'] }]);
    } finally {
      await emulator.close();
    }
  });
});

/** Without the client, whose timers would stand still with the virtual clock. */
async function evacuateByHand(emulator: Emulator, id: string): Promise<void> {
  const domain = { id: 'default' };
  const identity = { methods: ['password'], password: { user: { name: 'admin', domain, password: 'secret' } } };
  const scope = { project: { name: 'admin', domain } };
  const body = JSON.stringify({ auth: { identity, scope } });
  const login = await fetch(`${emulator.authUrl}/auth/tokens`, { method: 'POST', body });
  const answer = await fetch(`${emulator.novaUrl}/servers/${id}/action`, {
    method: 'POST',
    headers: {
      'x-auth-token': login.headers.get('x-subject-token') ?? '',
      'openstack-api-version': 'compute 2.93',
    },
    body: '{"evacuate": {}}',
  });
  expect(answer.status).toBe(200);
}

describe('beats of a lab', () => {
  const post = async (emulator: Emulator, path: string): Promise<readonly [number, unknown]> => {
    const answer = await fetch(`${emulator.authUrl.replace('/v3', '')}${path}`, { method: 'POST' });
    return [answer.status, ((await answer.json()) as { readonly answer?: string }).answer];
  };

  it('bring a host up, and unknown hosts and missing boot ids are refused', async () => {
    await using stage = await openStage();
    await stage.emulator.addHost({ name: 'lab', beats: 'lab' });
    const state = async (): Promise<string | undefined> =>
      (await stage.cloud.computeServices()).find((service) => service.host === 'lab')?.state;
    expect(await state()).toBe('down');
    expect(await post(stage.emulator, '/lab/beat/lab?boot=a')).toEqual([200, 'run']);
    expect(await state()).toBe('up');
    expect(await post(stage.emulator, '/lab/beat/nobody?boot=a')).toEqual([404, undefined]);
    expect(await post(stage.emulator, '/lab/beat/lab')).toEqual([400, undefined]);
  });

  it('of a new boot wait while the forced-down host has instances, and then clean up', async () => {
    await using stage = await openStage();
    const { emulator, cloud } = stage;
    await emulator.addHost({ name: 'lab', beats: 'lab' });
    await emulator.beat('lab', 'a');
    const id = await emulator.addInstance({ host: 'lab' });
    const [service] = (await cloud.computeServices()).filter((found) => found.host === 'lab');
    const serviceId = service?.id ?? '';
    await cloud.setForcedDown(serviceId, true);
    expect(await post(emulator, '/lab/beat/lab?boot=b')).toEqual([200, 'wait']);
    await cloud.evacuate(id, 'c2');
    await expect.poll(() => instanceOf(emulator, id)).toMatchObject({ host: 'c2' });
    await expect(cloud.setForcedDown(serviceId, false)).rejects.toMatchObject({ code: 'CLOUD_BAD_REQUEST' });
    expect(await post(emulator, '/lab/beat/lab?boot=b')).toEqual([200, 'run']);
    expect((await cloud.evacuationsFrom('lab'))[0]?.status).toBe('completed');
    expect(await cloud.setForcedDown(serviceId, false)).toMatchObject({ state: 'up' });
    expect(await emulator.doubleRuns()).toEqual([]);
  });

  it('move updated_at of a host that is forced down too: the witness of a fencing that lied', async () => {
    await using stage = await openStage();
    await stage.emulator.addHost({ name: 'lab', beats: 'lab' });
    await stage.emulator.beat('lab', 'a');
    const show = async (): Promise<ComputeService | undefined> =>
      (await stage.cloud.computeServices()).find((found) => found.host === 'lab');
    const put = await stage.cloud.setForcedDown((await show())?.id ?? '', true);
    await expect
      .poll(
        async () => {
          await stage.emulator.beat('lab', 'a');
          return (await show())?.updatedAtMs;
        },
        { timeout: 4_000 },
      )
      .toBeGreaterThan((put.updatedAtMs ?? 0) + 1_000);
    expect(await show()).toMatchObject({ forcedDown: true, state: 'down' });
  });
});

describe('the emulator as a process of its own', () => {
  it('serves the same verbs over its control socket', { timeout: 20_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lifeboat-emulator-'));
    const [control, config] = [join(folder, 'control'), join(folder, 'config.json')];
    await writeFile(config, JSON.stringify({ options: { spawnMs: 1 }, hosts: [{ name: 'c1' }, { name: 'c2' }] }));
    const cli = new URL('../../emulator/cli.ts', import.meta.url).pathname;
    const args = [cli, '--listen', '127.0.0.1:0', '--control', control, '--config', config];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      const emulator = await connectEmulator(control);
      const id = await emulator.addInstance({ host: 'c1', name: 'vm' });
      await emulator.killHost('c1');
      expect(await emulator.state()).toMatchObject({
        hosts: [
          { name: 'c1', power: 'off' },
          { name: 'c2', power: 'on' },
        ],
        instances: [{ id, host: 'c1', runsOn: [] }],
      });
      await expect(emulator.addInstance({ host: 'nobody' })).rejects.toThrow('unknown host nobody');
      child.kill('SIGTERM');
      await once(child, 'exit');
      await expect(emulator.state()).rejects.toThrow('the emulator is gone');
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('says how it is used when it is called wrongly', async () => {
    const cli = new URL('../../emulator/cli.ts', import.meta.url).pathname;
    const code = await new Promise((resolve) => {
      execFile(process.execPath, [cli], (error, _, stderr) => {
        expect(stderr).toMatch(/^usage: /);
        resolve(error?.code);
      });
    });
    expect(code).toBe(2);
  });
});
