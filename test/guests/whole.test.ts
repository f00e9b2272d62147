import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { askMonitor } from '../../src/monitor/cli/ask.ts';
import type { MonitorStatus } from '../../src/monitor/status.ts';
import { startDev, type DevProcess } from '../clients/dev-process.ts';
import { novaClient, novaServer, type NovaClient, type NovaServer } from '../cloud/support/nova-client.ts';
import { freePort } from '../store/server.ts';
import { eventually } from '../support/eventually.ts';
import { startComputeHost, type ComputeHost } from './lab/compute-host.ts';
import { domainXml } from './lab/domain-xml.ts';
import { ensureGuestImage } from './lab/guest-image.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const HOST = 'compute-1';

/**
 * The whole way of a guest that dies alone: a real QEMU under a real libvirt, lifeboat-monitor and the engine as processes of
 * their own, and Nova as the emulator has it. What nova-compute does to libvirt when Nova has an instance started, the test does.
 */
describe('a guest whose QEMU is killed', () => {
  let folder: string;
  let dev: DevProcess;
  let host: ComputeHost;
  let nova: NovaClient;
  let instance: NovaServer;
  let monitor: ChildProcess;
  const monitorLog = (): string => readFileSync(join(folder, 'log'), 'utf8');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lifeboat-whole-'));
    dev = await startDev(await freePort(), ['--hosts', '2', '--instances', '1']);
    const { OS_AUTH_URL: authUrl = '', OS_PASSWORD: password = '', OS_USERNAME: username = '' } = dev.environment;
    nova = await novaClient({ authUrl, username, password, projectName: 'admin', domainName: 'Default' });
    const { servers = [] } = await nova.must('GET', '/servers/detail?all_tenants=1');
    instance = required(servers.map(novaServer).find((server) => server.host === HOST));
    host = await startComputeHost();
    await host.define(domainXml({ name: instance.name, uuid: instance.id }, await ensureGuestImage()));
    await host.virsh(['start', instance.name]);
    monitor = startMonitor();
    await eventually('the monitor sees the guest', async () => (await sight())?.includes('1 instances') === true, {
      withinMs: 60_000,
    });
  });
  afterAll(async () => {
    if (monitor !== undefined && monitor.exitCode === null) {
      const gone = once(monitor, 'exit');
      monitor.kill('SIGTERM');
      await gone;
    }
    await host?.remove();
    await dev?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function startMonitor(): ChildProcess {
    writeFileSync(join(folder, 'monitor.key'), 'lbk_of-nobody\n', { mode: 0o600 });
    const lines = [
      `host: ${HOST}`,
      `api: { addresses: ['${dev.url}'], key_file: ${folder}/monitor.key }`,
      `guests: { socket_directory: ${host.sockets} }`,
      'processes: { units: [] }',
      `state_directory: ${folder}/state`,
      `runtime_directory: ${folder}/run`,
    ];
    writeFileSync(join(folder, 'monitor.yaml'), lines.join('\n'));
    const words = ['src/lifeboat-monitor.ts', 'run', '--config', join(folder, 'monitor.yaml')];
    const child = spawn(process.execPath, words, { cwd: ROOT, env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    writeFileSync(join(folder, 'log'), '');
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => writeFileSync(join(folder, 'log'), chunk, { flag: 'a' }));
    return child;
  }

  async function sight(): Promise<string | undefined> {
    const asked = askMonitor(join(folder, 'run', 'monitor.sock'), 'status').catch(() => undefined);
    return ((await asked) as MonitorStatus | undefined)?.watches.find(({ name }) => name === 'guests')?.sentence;
  }

  async function reported(): Promise<{ readonly status: string; readonly message?: string } | undefined> {
    const answer = await fetch(`${dev.url}/v1/notifications`);
    const { notifications } = (await answer.json()) as {
      readonly notifications: readonly {
        readonly status: string;
        readonly payload: { readonly instance_uuid?: string };
      }[];
    };
    return notifications.find(({ payload }) => payload.instance_uuid === instance.id);
  }

  it('runs again, and its instance was never out of the sight of Nova', async () => {
    onTestFailed(() => {
      process.stderr.write(`${dev.output().slice(-6_000)}\n${monitorLog().slice(-6_000)}`);
    });
    const seen: NovaServer[] = [];
    let isOver = false;
    let hasStarted = false;
    const watch = async (): Promise<void> => {
      while (!isOver) {
        seen.push(required(await nova.server(instance.id)));
        const before = seen.at(-2);
        if (!hasStarted && before?.vmState === 'stopped' && seen.at(-1)?.vmState === 'active') {
          hasStarted = true;
          await host.virsh(['start', instance.name]);
        }
        await pause(20);
      }
    };
    const watching = watch();
    const began = performance.now();
    process.kill(host.qemuOf(instance.name), 'SIGKILL');
    await eventually('the report is stored', reported, { withinMs: 20_000, everyMs: 5 });
    const storedMs = Math.round(performance.now() - began);
    await eventually('it is answered', async () => (await reported())?.status === 'finished', {
      withinMs: 40_000,
      everyMs: 100,
    });
    const finishedMs = Math.round(performance.now() - began);
    isOver = true;
    await watching;
    expect((await host.virsh(['domstate', instance.name])).stdout.trim()).toBe('running');
    expect(new Set(seen.map(({ host: where }) => where))).toEqual(new Set([HOST]));
    expect([...new Set(seen.map(({ vmState }) => vmState))]).toEqual(['active', 'stopped']);
    expect(seen.at(-1)).toMatchObject({ vmState: 'active', status: 'ACTIVE' });
    expect(storedMs).toBeLessThan(2_000);
    console.log(
      `kill -9 of its QEMU → report stored ${storedMs} ms → running again, and the report finished ${finishedMs} ms`,
    );
  });
});

function required<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('Nova has no such instance');
  return found;
}
