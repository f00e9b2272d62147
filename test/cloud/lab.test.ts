import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../cluster/lab/index.ts';
import { attachCloud, startCloud } from './lab/index.ts';
import type { CloudLab } from './lab/index.ts';
import { cloudLayout } from './lab/layout.ts';
import { remainsOf } from './lab/removal.ts';
import { listeningPorts } from './lab/probe.ts';

const NAME = 'lab-test';
const OPTIONS = { portOffset: 5000, hosts: ['compute-1', 'compute-2'], reportIntervalS: 1, serviceDownTimeS: 10 };

interface Server {
  readonly id: string;
  readonly status: string;
  readonly fault?: { readonly message: string };
  readonly 'OS-EXT-SRV-ATTR:host': string | null;
}

describe('a cloud of two hosts', () => {
  let cloud: CloudLab;
  let token = '';
  const steps: string[] = [];

  beforeAll(async () => {
    cloud = await startCloud({
      name: NAME,
      ...OPTIONS,
      onStep: (sentence, elapsedMs) => steps.push(`${(elapsedMs / 1000).toFixed(1)} s ${sentence}`),
    });
    token = await logIn(cloud);
    process.stdout.write(`${steps.join('\n')}\n`);
  });

  afterAll(async () => {
    await cloud?.down();
  });

  /** One call to Nova; throws on a status of 400 or more. */
  async function nova<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`http://${cloud.address}:${cloud.ports.nova}/v2.1${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'x-auth-token': token,
        'openstack-api-version': 'compute 2.90',
        connection: 'close',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async function stateOf(host: string): Promise<string> {
    const { services } = await nova<{
      services: readonly { state: string; status: string; forced_down: boolean }[];
    }>('GET', `/os-services?binary=nova-compute&host=${host}`);
    const [service] = services;
    if (service === undefined) return 'unknown';
    return `${service.state} ${service.status}${service.forced_down ? ' forced down' : ''}`;
  }

  async function boot(name: string, host: string): Promise<Server> {
    const { server } = await nova<{ server: { id: string } }>('POST', '/servers', {
      server: { name, imageRef: cloud.imageId, flavorRef: cloud.flavorId, networks: 'none', host },
    });
    return waitFor(
      `${name} to run`,
      async () => {
        const { server: seen } = await nova<{ server: Server }>('GET', `/servers/${server.id}`);
        if (seen.status === 'ERROR') throw new Error(`${name}: ${seen.fault?.message}`);
        return seen.status === 'ACTIVE' && seen;
      },
      { deadlineMs: 90_000, everyMs: 200 },
    );
  }

  const becomes = (host: string, state: string): Promise<unknown> =>
    waitFor(`${host} to be ${state}`, async () => (await stateOf(host)) === state, { deadlineMs: 60_000 });

  it('has every host up, and every port on its address alone', async () => {
    for (const host of OPTIONS.hosts) expect(await stateOf(host)).toBe('up enabled');
    expect(strangeSockets(cloud)).toEqual([]);
    const ports = await listeningPorts(null);
    const { masakari: _, ...started } = cloud.ports;
    for (const port of Object.values(started)) expect(ports).toContain(port);
  });

  it('starts an instance on the host that is asked for, as late as that host is told', async () => {
    const quick = await boot('quick', 'compute-1');
    expect(quick['OS-EXT-SRV-ATTR:host']).toBe('compute-1');
    await cloud.setSpawnDelay('compute-2', 6000);
    const startedAt = performance.now();
    await boot('slow', 'compute-2');
    expect(performance.now() - startedAt).toBeGreaterThan(6000);
    await cloud.setSpawnDelay('compute-2', 0);
  });

  it('loses one nova-compute alone and has it back', async () => {
    await cloud.killCompute('compute-1');
    expect(cloud.isComputeRunning('compute-1')).toBe(false);
    expect(cloud.isComputeRunning('compute-2')).toBe(true);
    await becomes('compute-1', 'down enabled');
    expect(await stateOf('compute-2')).toBe('up enabled');
    await expect(cloud.killCompute('compute-1')).rejects.toMatchObject({ kind: 'node-off' });
    await cloud.startCompute('compute-1');
    expect(await stateOf('compute-1')).toBe('up enabled');
  });

  it('lets a frozen nova-compute stand still and go on', async () => {
    await cloud.freezeCompute('compute-2');
    await becomes('compute-2', 'down enabled');
    await cloud.thawCompute('compute-2');
    await becomes('compute-2', 'up enabled');
  });

  it('takes a host that it did not have, and starts an instance there', async () => {
    await cloud.startCompute('edge-1');
    expect((await boot('edge', 'edge-1'))['OS-EXT-SRV-ATTR:host']).toBe('edge-1');
    await expect(cloud.startCompute('Edge 1')).rejects.toMatchObject({ kind: 'bad-argument' });
  });

  it('tells what runs one nova-compute elsewhere', async () => {
    const { argv, env, readyFile } = await cloud.computeCommand('remote-1');
    expect(argv.join(' ')).not.toContain(cloud.account.password);
    const child = spawn(argv[0] ?? '', argv.slice(1), { env: { ...env, PATH: '/usr/bin:/bin' }, stdio: 'ignore' });
    const ended = once(child, 'exit');
    await waitFor('nova-compute to take messages', () => existsSync(readyFile), { deadlineMs: 120_000 });
    await becomes('remote-1', 'up enabled');
    child.kill('SIGKILL');
    await ended;
  });

  it('is clean after a reset, whatever was done to it', async () => {
    await nova('POST', '/os-server-groups', { server_group: { name: 'apart', policy: 'anti-affinity' } });
    const { aggregate } = await nova<{ aggregate: { id: number } }>('POST', '/os-aggregates', {
      aggregate: { name: 'racks', availability_zone: null },
    });
    await nova('POST', `/os-aggregates/${aggregate.id}/action`, { add_host: { host: 'compute-2' } });
    const { services } = await nova<{ services: readonly { id: string }[] }>(
      'GET',
      '/os-services?binary=nova-compute&host=compute-1',
    );
    await nova('PUT', `/os-services/${services[0]?.id}`, { forced_down: true });
    await nova('PUT', `/os-services/${services[0]?.id}`, { status: 'disabled', disabled_reason: 'test' });
    await cloud.killCompute('compute-1');
    await cloud.freezeCompute('compute-2');
    await cloud.setSpawnDelay('compute-2', 60_000);

    const startedAt = performance.now();
    await cloud.reset();
    process.stdout.write(`reset took ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);

    for (const [path, key] of [
      ['/servers?all_tenants=1', 'servers'],
      ['/os-server-groups', 'server_groups'],
      ['/os-aggregates', 'aggregates'],
      ['/os-migrations', 'migrations'],
    ] as const) {
      expect((await nova<Record<string, unknown>>('GET', path))[key]).toEqual([]);
    }
    for (const host of OPTIONS.hosts) expect(await stateOf(host)).toBe('up enabled');
    expect(await stateOf('edge-1')).toBe('unknown');
    expect(await cloud.sql('placement', 'SELECT COUNT(*) FROM allocations')).toEqual([['0']]);
    expect(await cloud.sql('nova', 'SELECT COUNT(*) FROM instance_actions')).toEqual([['0']]);
    for (const host of OPTIONS.hosts) expect((await boot(`on-${host}`, host))['OS-EXT-SRV-ATTR:host']).toBe(host);
  });

  it('is one of its name, and says so to whoever wants its name or its ports', async () => {
    expect((await attachCloud(NAME)).imageId).toBe(cloud.imageId);
    await expect(attachCloud('lab-test-none')).rejects.toMatchObject({ kind: 'not-up' });
    await expect(startCloud({ name: 'lab-test-2', ...OPTIONS })).rejects.toMatchObject({
      kind: 'in-use',
      message: expect.stringMatching(/^port \d+ \(\w+\) is taken/) as string,
    });
  });

  it('goes down and leaves no process, folder, control group or socket', async () => {
    const layout = cloudLayout(NAME);
    expect(remainsOf(layout)).toHaveLength(2);
    expect(processesOf(cloud).length).toBeGreaterThan(5);
    await cloud.down();
    expect(remainsOf(layout)).toEqual([]);
    expect(processesOf(cloud)).toEqual([]);
    const ports = await listeningPorts(null);
    expect(Object.values(cloud.ports).filter((port: number) => ports.has(port))).toEqual([]);
  });
});

async function logIn(cloud: CloudLab): Promise<string> {
  const { username, password, projectName, domainName } = cloud.account;
  const domain = { name: domainName };
  const response = await fetch(`${cloud.authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: username, domain, password } } },
        scope: { project: { name: projectName, domain } },
      },
    }),
  });
  expect(response.status).toBe(201);
  return response.headers.get('x-subject-token') ?? '';
}

/** Every process of this machine whose command line or environment names the cloud's folder. */
function processesOf(cloud: CloudLab): readonly string[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid));
  return pids.filter((pid) =>
    ['cmdline', 'environ'].some((file) => readIfThere(`/proc/${pid}/${file}`).includes(cloud.dir)),
  );
}

/** Listening sockets of the cloud's processes on another address than its own or the loopback interface. */
function strangeSockets(cloud: CloudLab): readonly string[] {
  const own = new Set(processesOf(cloud).flatMap(socketsOf));
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readIfThere(file).split('\n').slice(1));
  return (
    rows
      .map((row) => row.trim().split(/\s+/))
      .filter((row) => row[3] === '0A' && own.has(row[9] ?? ''))
      .map((row) => row[1] ?? '')
      // Erlang's epmd takes ::1 as well, whatever it is told.
      .filter((address) => !address.startsWith('0100007F:') && !address.startsWith('00000000000000000000000001000000:'))
  );
}

function socketsOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return []; // it ended between the two looks
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
