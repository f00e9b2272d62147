import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askControl } from '../../../src/control/client.ts';
import type { Status } from '../../../src/control/protocol.ts';
import { startEmulator, type Emulator } from '../../emulator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeMasakari, type FakeMasakari } from '../../support/fake-masakari.ts';
import type { FileCluster } from '../../support/file-cluster.ts';

const repository = resolve(import.meta.dirname, '../../..');
let directory: string;
let emulator: Emulator;
let masakari: FakeMasakari;
let child: ChildProcess | undefined;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lifeboat-sink-'));
  emulator = await startEmulator();
  masakari = await fakeMasakari(['cmp1', 'cmp2', 'cmp3']);
  for (const name of ['cmp1', 'cmp2', 'cmp3']) await emulator.addHost({ name });
  setCluster({ cmp1: {}, cmp2: {}, cmp3: {} });
  const lines = [
    'sink: masakari',
    `masakari: { endpoint: '${masakari.url}' }`,
    `state_directory: ${directory}/state`,
    `runtime_directory: ${directory}/run`,
    'cluster: { poll_interval: 1s, lost_poll_interval: 200ms }',
  ];
  writeFileSync(join(directory, 'lifeboat.yaml'), lines.join('\n'));
});
afterEach(async () => {
  await kill();
  await masakari.close();
  await emulator.close();
  rmSync(directory, { recursive: true, force: true });
});

/** All of it or none: it is read at any moment. */
function setCluster(cluster: FileCluster): void {
  writeFileSync(join(directory, 'next.json'), JSON.stringify(cluster));
  renameSync(join(directory, 'next.json'), join(directory, 'cluster.json'));
}

function start(): void {
  const output = openSync(join(directory, 'log'), 'a');
  child = spawn(process.execPath, ['test/programs/daemon/bridge-only-process.ts', directory], {
    cwd: repository,
    env: emulator.environment,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
}

async function kill(): Promise<void> {
  const running = child;
  child = undefined;
  if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
  const ended = once(running, 'exit');
  running.kill('SIGKILL');
  await ended;
}

async function status(): Promise<Status | undefined> {
  const socket = join(directory, 'run', 'lifeboatd.sock');
  return askControl(socket, { op: 'status' }, { timeoutMs: 1_000 }).catch(() => undefined);
}

async function seen(hosts: number): Promise<void> {
  await eventually(
    'it has seen the cluster and Nova',
    async () => {
      const shown = await status();
      return shown?.cloud === 'ok' && shown.hosts.filter(({ host }) => host !== undefined).length === hosts;
    },
    { withinMs: 20_000 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${readFileSync(join(directory, 'log'), 'utf8').slice(-3_000)}`);
  });
}

describe('a daemon with sink: masakari', () => {
  it(
    'is killed at any moment of a failure, and the next one tells Masakari once; Nova is only read',
    { timeout: 120_000 },
    async () => {
      start();
      await seen(3);
      for (let round = 1; round <= 10; round += 1) {
        const fencedAtMs = Math.floor(Date.now() / 1000) * 1000;
        setCluster({ cmp1: { fencedAtMs }, cmp2: {}, cmp3: {} });
        const before = masakari.reports.length;
        await askControl(join(directory, 'run', 'lifeboatd.sock'), { op: 'wake', alert: {} }, { timeoutMs: 2_000 });
        // At the first, before it was read; at the last, long after it was told.
        const killAtMs = performance.now() + (round - 1) * 4;
        await eventually('the moment', () => performance.now() >= killAtMs, { everyMs: 1 });
        await kill();
        if (round % 2 === 0) masakari.work();
        start();
        await eventually('it is told', async () => (await status())?.masakariReports?.[0]?.state === 'told', {
          withinMs: 20_000,
        });
        expect(masakari.reports.slice(before).map(({ hostname }) => hostname)).toEqual(['cmp1']);
        setCluster({ cmp1: {}, cmp2: {}, cmp3: {} });
        for (const host of masakari.hosts.values()) host.onMaintenance = false;
        // The same failure only once, and the next one is none that Masakari would take for this.
        masakari.reports.splice(0);
        await kill();
        rmSync(join(directory, 'state'), { recursive: true });
        start();
        await seen(3);
      }
      const traffic = await emulator.requests();
      expect(traffic.filter(({ method, path }) => method !== 'GET' && !path.includes('/auth/tokens'))).toEqual([]);
    },
  );
});
