import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askMonitor } from '../../../src/monitor/cli/ask.ts';
import type { MonitorStatus } from '../../../src/monitor/status.ts';
import { startDev, type DevProcess } from '../../clients/dev-process.ts';
import { freePort } from '../../store/server.ts';
import { eventually } from '../../support/eventually.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** The ten minutes of an API that is away: real ones with LIFEBOAT_AWAY_MS=600000. */
const AWAY_MS = Number(process.env.LIFEBOAT_AWAY_MS ?? 4_000);
const EVENTS = 100;

let folder: string;
let port: number;
let dev: DevProcess | undefined;
let monitor: ChildProcess | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-away-'));
  port = await freePort();
  writeFileSync(join(folder, 'events'), '');
  writeFileSync(join(folder, 'monitor.key'), 'lbk_of-nobody\n', { mode: 0o600 });
  const lines = [
    'host: compute-1',
    `api: { addresses: ['http://127.0.0.1:1', 'http://127.0.0.1:${port}'], key_file: ${folder}/monitor.key }`,
    `state_directory: ${folder}/state`,
    `runtime_directory: ${folder}/run`,
  ];
  writeFileSync(join(folder, 'monitor.yaml'), lines.join('\n'));
});
afterEach(async () => {
  await killMonitor();
  await dev?.stop();
  dev = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function startMonitor(): void {
  const output = openSync(join(folder, 'log'), 'a');
  monitor = spawn(process.execPath, ['test/programs/monitor/told-by-file.ts', folder], {
    cwd: ROOT,
    env: {},
    stdio: ['ignore', output, output],
  });
  closeSync(output);
}

async function killMonitor(): Promise<void> {
  const running = monitor;
  monitor = undefined;
  if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
  const ended = once(running, 'exit');
  running.kill('SIGKILL');
  await ended;
}

async function startApi(): Promise<void> {
  dev = await startDev(port, ['--hosts', '2', '--instances', '0', '--folder', join(folder, 'api')]);
}

async function killApi(): Promise<void> {
  const running = dev;
  dev = undefined;
  if (running === undefined) return;
  const ended = once(running.child, 'exit');
  running.child.kill('SIGKILL');
  await ended;
}

function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** A guest of its own has died. */
function happens(n: number): void {
  const notification = {
    type: 'VM',
    hostname: 'compute-1',
    generated_time: new Date().toISOString().slice(0, 23),
    payload: { event: 'LIFECYCLE', instance_uuid: uuid(n), vir_domain_event: 'STOPPED_FAILED' },
  };
  appendFileSync(join(folder, 'events'), `${JSON.stringify(notification)}\n`);
}

/** The instances of what the API has, in its order. */
async function arrived(): Promise<readonly string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/notifications?sort_key=id&sort_dir=asc&limit=1000`);
  const { notifications } = (await answer.json()) as {
    readonly notifications: readonly { readonly payload: { readonly instance_uuid: string } }[];
  };
  return notifications.map(({ payload }) => payload.instance_uuid);
}

async function status(): Promise<MonitorStatus | undefined> {
  return (await askMonitor(join(folder, 'run', 'monitor.sock'), 'status').catch(() => undefined)) as
    MonitorStatus | undefined;
}

describe('lifeboat-monitor, when the API is away', () => {
  it(
    'delivers all that happened meanwhile, once and in order, though it and the API are killed again and again',
    { timeout: AWAY_MS + 240_000 },
    async () => {
      await startApi();
      startMonitor();
      happens(0);
      await eventually('the first is there', async () => (await arrived()).length === 1, { withinMs: 20_000 }).catch(
        (error: unknown) => {
          throw new Error(`${String(error)}\n${readFileSync(join(folder, 'log'), 'utf8').slice(-3_000)}`);
        },
      );
      await killApi();
      for (let n = 1; n <= EVENTS; n += 1) {
        happens(n);
        await pause(AWAY_MS / EVENTS);
        if (n % 20 !== 0) continue;
        await killMonitor();
        startMonitor();
      }
      const waiting = await eventually('all of it waits', async () => {
        const shown = await status();
        return shown?.waiting === EVENTS && shown.delivery.kind === 'trouble' ? shown : undefined;
      });
      expect(waiting.summary).toBe(`${EVENTS + 1} lines; ${EVENTS} waiting`);
      expect(waiting.delivery).toMatchObject({ said: expect.stringContaining('ECONNREFUSED') as string });

      await startApi();
      await eventually('some of it is there', async () => (await arrived()).length > EVENTS / 4, {
        withinMs: 60_000,
        everyMs: 2,
      });
      await killMonitor();
      startMonitor();
      await eventually('more of it is there', async () => (await arrived()).length > EVENTS / 2, {
        withinMs: 60_000,
        everyMs: 2,
      });
      await killApi();
      await startApi();
      await eventually('nothing waits any more', async () => (await status())?.waiting === 0, { withinMs: 90_000 });
      expect(await arrived()).toEqual(Array.from({ length: EVENTS + 1 }, (_, n) => uuid(n)));
      expect((await status())?.concerns).toEqual([]);
    },
  );
});
