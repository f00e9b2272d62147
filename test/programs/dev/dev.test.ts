import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startDev, type DevProcess } from '../../clients/dev-process.ts';
import { freePort } from '../../store/server.ts';
import { startEmulator } from '../../emulator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/parse-exposition.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('npm run dev', () => {
  let dev: DevProcess | undefined;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lifeboat-of-dev-'));
  });
  afterEach(async () => {
    await dev?.stop();
    dev = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async <T>(path: string): Promise<T> => (await (await fetch(`${dev?.url}${path}`)).json()) as T;

  it('answers who brings no token, and shows a recovery of a host that is killed', async () => {
    dev = await startDev(await freePort(), ['--hosts', '3', '--instances', '1']);
    const { segments } = await ask<{ segments: { uuid: string; name: string }[] }>('/v1/segments');
    expect(segments.map(({ name }) => name)).toEqual(['lifeboat']);
    const { hosts } = await ask<{ hosts: { name: string }[] }>(`/v1/segments/${segments[0]?.uuid}/hosts`);
    expect(hosts.map(({ name }) => name).toSorted()).toEqual(['compute-1', 'compute-2', 'compute-3']);
    dev.say('kill compute-2');
    dev.say('kill compute-2');
    dev.say('kill nobody');
    await eventually(
      'its recovery is shown as finished',
      async () => {
        const { notifications } = await ask<{ notifications: { status: string }[] }>('/v1/notifications');
        return notifications.some(({ status }) => status === 'finished');
      },
      { withinMs: 25_000, everyMs: 100 },
    );
    const metrics = parseExposition(await (await fetch(`${dev.url}/metrics`)).text());
    const valueOf = (name: string, label: string): number | undefined =>
      metrics
        .find((family) => family.name === name)
        ?.samples.find(({ labels }) => Object.values(labels).join(' ') === label)?.value;
    expect(valueOf('lifeboat_moves', 'done')).toBe(1);
    expect(valueOf('lifeboat_hosts', 'up')).toBe(2);
    expect(valueOf('lifeboat_lease_held', '')).toBe(1);
    expect(valueOf('lifeboat_cloud_calls_total', 'nova POST 200')).toBeGreaterThan(0);
    expect(valueOf('lifeboat_process_resident_memory_bytes', '')).toBeGreaterThan(1e6);
    expect(valueOf('lifeboat_api_requests_total', 'GET /v1/notifications 200')).toBeGreaterThan(0);
    expect(dev.output()).toContain('compute-2 is down already');
    expect(dev.output()).toContain('there is no host nobody; there are compute-1 to compute-3');
  });

  it('ends with "quit", and leaves nothing behind', async () => {
    const child = start(['--port', String(await freePort()), '--hosts', '1']);
    await eventually('it has introduced itself', () => child.output().includes('"quit" to end'));
    expect(readdirSync(folder)).toHaveLength(1);
    child.process.stdin?.write('quit\n');
    expect(await once(child.process, 'exit')).toEqual([0, null]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps its store in a folder that is given, and shows it again', async () => {
    const words = ['--hosts', '2', '--folder', join(folder, 'kept')];
    dev = await startDev(await freePort(), words);
    const headers = { 'content-type': 'application/json' };
    const segment = { name: 'kept', recovery_method: 'auto', service_type: 'COMPUTE' };
    const made = await fetch(`${dev.url}/v1/segments`, { method: 'POST', headers, body: JSON.stringify({ segment }) });
    expect(made.status).toBe(201);
    await dev.stop();
    dev = await startDev(await freePort(), words);
    const { segments } = await ask<{ segments: { name: string }[] }>('/v1/segments');
    expect(segments.map(({ name }) => name)).toEqual(['kept']);
  });

  it('over a real cloud reads it, kills nothing, and changes nothing whatever is reported', async () => {
    const cloud = await startEmulator();
    onTestFinished(() => cloud.close());
    for (const name of ['cmp1', 'cmp2']) await cloud.addHost({ name });
    const marked = await cloud.addInstance({ host: 'cmp1', name: 'vm', metadata: { HA_Enabled: 'True' } });
    const { environment: known } = cloud;
    const file = join(folder, 'clouds.yaml');
    writeFileSync(
      file,
      `clouds:
  lab:
    auth: { auth_url: '${known['OS_AUTH_URL']}', username: ${known['OS_USERNAME']}, password: ${known['OS_PASSWORD']},
            project_name: ${known['OS_PROJECT_NAME']}, user_domain_id: default, project_domain_id: default }
    region_name: ${known['OS_REGION_NAME']}
`,
      { mode: 0o600 },
    );
    dev = await startDev(await freePort(), ['--cloud', 'lab', '--clouds-file', file, '--auth', 'noauth']);
    const { hosts } = await ask<{ hosts: { host: string; state: string }[] }>('/lifeboat/v1/hosts');
    expect(hosts.flatMap(({ host, state }) => (state === 'up' ? [host] : [])).toSorted()).toEqual(['cmp1', 'cmp2']);
    dev.say('kill cmp1');
    await eventually('it says why not', () => dev?.output().includes('cmp1 is a machine of the cloud lab') === true);
    await cloud.crashInstance(marked);
    const reports = [
      { type: 'COMPUTE_HOST', payload: { event: 'STOPPED', host_status: 'NORMAL', cluster_status: 'OFFLINE' } },
      { type: 'PROCESS', payload: { event: 'STOPPED', process_name: 'nova-compute' } },
      {
        type: 'VM',
        payload: { event: 'LIFECYCLE', vir_domain_event: 'STOPPED_FAILED', instance_uuid: marked },
      },
    ];
    for (const report of reports) {
      const notification = { ...report, hostname: 'cmp1', generated_time: new Date().toISOString().slice(0, 23) };
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ notification });
      expect((await fetch(`${dev.url}/v1/notifications`, { method: 'POST', headers, body })).status).toBe(202);
    }
    // What would be done for the instance was tried, and was refused before it left.
    await eventually('the refusal is told', async () => {
      const { notifications } = await ask<{ notifications: { type: string; message: string | null }[] }>(
        '/v1/notifications',
      );
      const told = notifications.find(({ type }) => type === 'VM')?.message;
      return told?.includes('dev mode changes nothing in a real cloud, and lab is one');
    });
    const changes = (await cloud.requests()).filter(
      ({ method, path }) => method !== 'GET' && !path.endsWith('/tokens'),
    );
    expect(changes).toEqual([]);
  });

  it('does not begin where somebody else listens, and says so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    try {
      const child = start(['--port', String(port)]);
      expect(await once(child.process, 'exit')).toEqual([2, null]);
      expect(child.output()).toContain(`port ${port} of 127.0.0.1 cannot be had; take another with --port`);
      expect(child.output()).not.toContain('is at http');
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      other.close();
    }
  });

  it('ends when its store is not one', async () => {
    const child = start(['--port', String(await freePort()), '--store', '{ kind: nosuch }']);
    expect(await once(child.process, 'exit')).toEqual([2, null]);
    expect(child.output()).toContain('store.kind');
    expect(readdirSync(folder)).toEqual([]);
  });

  /** Its temporary folders are in `folder`. */
  function start(args: readonly string[]): { readonly process: ChildProcess; output(): string } {
    const child = spawn(process.execPath, ['scripts/dev.ts', ...args], {
      cwd: ROOT,
      env: { ...process.env, TMPDIR: folder },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    return { process: child, output: () => output };
  }
});
