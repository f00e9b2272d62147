import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync, openSync, closeSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator } from '../../emulator/index.ts';
import { eventually } from '../../support/eventually.ts';
import type { FileCluster } from '../../support/file-cluster.ts';

const repository = resolve(import.meta.dirname, '../../..');
const running = new Set<ChildProcess>();
let directory: string;
let emulator: Emulator;
let port: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lifeboat-gate-'));
  port = await freePort();
  emulator = await startEmulator({ options: { gate: false, spawnMs: 100 } });
  for (const name of ['cmp1', 'cmp2', 'cmp3']) await emulator.addHost({ name });
  await emulator.addInstances('cmp1', 3, 'web');
  setCluster({ cmp1: {}, cmp2: {}, cmp3: {} });
  writeFileSync(
    join(directory, 'lifeboat.yaml'),
    [
      `state_directory: ${directory}/state`,
      `runtime_directory: ${directory}/run`,
      'cluster: { poll_interval: 1s }',
      `api: { listen: ['127.0.0.1:${port}'] }`,
      `gate: { engines: ['http://127.0.0.1:${port}'], host: cmp1, poll_interval: 500ms }`,
    ].join('\n'),
  );
});
afterEach(async () => {
  for (const child of running) await kill(child);
  running.clear();
  await emulator.close();
  rmSync(directory, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const found = (server.address() as AddressInfo).port;
  await new Promise((done) => server.close(done));
  return found;
}

/** In place of the former, whole, whenever it is read. */
function setCluster(nodes: FileCluster): void {
  writeFileSync(join(directory, 'cluster.new'), JSON.stringify(nodes));
  renameSync(join(directory, 'cluster.new'), join(directory, 'cluster'));
}

function start(args: readonly string[], log: string): ChildProcess {
  const output = openSync(join(directory, log), 'a');
  const child = spawn(process.execPath, args, {
    cwd: repository,
    env: { ...emulator.environment, LIFEBOAT_CONFIG: join(directory, 'lifeboat.yaml') },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  running.add(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Resolves when its API can be asked. */
async function lifeboatd(): Promise<ChildProcess> {
  const program = 'test/programs/gate/with-file-cluster.ts';
  writeFileSync(join(directory, 'daemon'), '');
  const child = start([program, join(directory, 'lifeboat.yaml'), join(directory, 'cluster')], 'daemon');
  const listens = (): boolean => readFileSync(join(directory, 'daemon'), 'utf8').includes('the API listens');
  await eventually('the API listens', listens, { withinMs: 30_000 });
  return child;
}

function gate(...words: readonly string[]): ChildProcess {
  return start(['src/cli/main.ts', 'gate', ...words], 'gate');
}

/** The exit code of `lifeboat gate check`, and what it said. */
async function check(...words: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  writeFileSync(join(directory, 'gate'), '');
  const child = gate('check', ...words);
  await once(child, 'exit');
  return { code: child.exitCode, said: readFileSync(join(directory, 'gate'), 'utf8') };
}

async function opens(...words: readonly string[]): Promise<void> {
  await eventually('the gate is open', async () => (await check(...words)).code === 0, { withinMs: 40_000 });
}

describe('the gate of a host, as processes', () => {
  it(
    'is open while it is up, closed from its fencing on, open for nova-compute when every instance has moved, and open ' +
      'for guests when it was given back',
    async () => {
      await lifeboatd();
      await opens();
      expect((await check()).said).toContain(`open: cmp1 is not recovered (http://127.0.0.1:${port})`);
      // The recovery gets no further than its beginning until the gate was asked.
      await emulator.fault({ effect: { kind: 'status', status: 503 } });
      await emulator.killHost('cmp1');
      setCluster({ cmp1: { fencedAtMs: Date.now() }, cmp2: {}, cmp3: {} });
      // Asked at once, and answered from a reading that is newer than the question.
      const answer = await check();
      expect(answer).toEqual({ code: 1, said: expect.stringMatching(/^lifeboat gate: closed: cmp1 /) as string });

      await emulator.clearFaults();
      const waiting = gate('wait');
      await eventually('nova-compute may start', () => waiting.exitCode !== null, { withinMs: 40_000 });
      expect(waiting.exitCode).toBe(0);
      const places = (await emulator.state()).instances.map(({ host }) => host);
      expect(places).not.toContain('cmp1');
      expect((await check('--for', 'guests')).said).toContain('evacuated guests may still lie on it');

      await emulator.returnHost('cmp1');
      setCluster({ cmp1: {}, cmp2: {}, cmp3: {} });
      await opens('--for', 'guests');
      expect(await emulator.doubleRuns()).toEqual([]);
    },
    120_000,
  );

  it('is answered by Nova when the engine is gone: closed in the middle of a recovery, and open after its end', async () => {
    await emulator.setOptions({ spawnMs: 5_000 });
    const first = await lifeboatd();
    await opens();
    await emulator.killHost('cmp1');
    setCluster({ cmp1: { fencedAtMs: Date.now() }, cmp2: {}, cmp3: {} });
    await eventually('it evacuates', async () => (await emulator.evacuateCalls()).length > 0, { withinMs: 20_000 });
    await kill(first);
    const without = await check();
    expect(without.code).toBe(1);
    expect(without.said).toMatch(
      /closed: cmp1 is being recovered, by what Nova says \(Nova; no engine answers .*ECONNREFUSED/,
    );

    const second = await lifeboatd();
    await opens();
    await kill(second);
    expect((await check()).said).toMatch(/open: every move from cmp1 has ended.* \(Nova; no engine answers/);
    expect((await check('--for', 'guests')).code).toBe(1);
  }, 120_000);

  it('is in doubt when neither an engine nor Nova answers', async () => {
    const { code, said } = await check();
    expect(code).toBe(0);
    expect(said).toContain('was heard since this machine has booted');
    await emulator.fault({ effect: { kind: 'status', status: 503 } });
    const doubt = await check();
    expect(doubt.code).toBe(1);
    expect(doubt.said).toMatch(/^lifeboat gate: in doubt: Nova cannot be asked either/);
  }, 60_000);
});
