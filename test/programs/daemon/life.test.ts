import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askControl } from '../../../src/control/client.ts';
import type { Health } from '../../../src/control/protocol.ts';
import { eventually } from '../../support/eventually.ts';

const repository = resolve(import.meta.dirname, '../../..');
const withoutCluster = join(import.meta.dirname, 'without-cluster.ts');
const running = new Set<ChildProcess>();
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lifeboat-life-'));
});
afterEach(async () => {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  running.clear();
  rmSync(directory, { recursive: true });
});

/** Starts Node with its standard output and error on files, as the resource agent gives them to the daemon. */
function start(args: readonly string[], output: string, errors: string = output): ChildProcess {
  const files = [output, errors].map((path) => openSync(path, 'a'));
  const child = spawn(process.execPath, args, { cwd: repository, env: {}, stdio: ['ignore', ...files] });
  for (const file of files) closeSync(file);
  running.add(child);
  return child;
}

function health(): Promise<Health | undefined> {
  return askControl(join(directory, 'lifeboatd.sock'), { op: 'health' }, { timeoutMs: 1_000 }).catch(() => undefined);
}

/** The exit code; undefined when it still runs after 10 s. */
function codeOf(child: ChildProcess): Promise<number | undefined> {
  return eventually('the end of the process', () => child.exitCode ?? undefined);
}

function lifeboatd(preload: string): readonly string[] {
  const config = join(directory, 'lifeboat.yaml');
  writeFileSync(config, `state_directory: ${directory}/state\nruntime_directory: ${directory}/run\n`);
  return ['--import', join(import.meta.dirname, preload), 'src/lifeboatd.ts', '--config', config];
}

describe('the life of the daemon', () => {
  it('keeps answering when its log takes no more', async () => {
    const child = start([withoutCluster, directory], '/dev/full');
    await eventually('an answer', health);
    for (let round = 0; round < 20; round += 1) {
      await askControl(join(directory, 'lifeboatd.sock'), { op: 'wake', alert: {} }, { timeoutMs: 1_000 });
    }
    expect(await health()).toMatchObject({ state: 'starting', pid: child.pid });
  });

  it('leaves with 70 on an error that nobody caught, and says which', async () => {
    const log = join(directory, 'log');
    expect(await codeOf(start(lifeboatd('throws-in-main.ts'), log))).toBe(70);
    const last = JSON.parse(readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
    expect(last).toMatchObject({ level: 'error', message: 'stopped by a defect: a defect of the test' });
    expect(last.stack).toContain('throws-in-main.ts');
  });

  it('leaves with 70 on an error that nobody caught, also when its log takes no more', async () => {
    expect(await codeOf(start(lifeboatd('throws-in-main.ts'), '/dev/full'))).toBe(70);
  });

  it('leaves with 1 when it cannot start, whatever else would keep it alive', async () => {
    const log = join(directory, 'log');
    const [flag, preload, program] = lifeboatd('keeps-busy.ts') as [string, string, string];
    expect(await codeOf(start([flag, preload, program, '--config', join(directory, 'none.yaml')], log))).toBe(1);
    expect(readFileSync(log, 'utf8')).toContain('none.yaml cannot be read');
  });

  it('runs without a wake file that cannot be had, and says so', async () => {
    const log = join(directory, 'log');
    mkdirSync(join(directory, 'wake'));
    start([withoutCluster, directory], log);
    await eventually('an answer', health);
    expect(readFileSync(log, 'utf8')).toMatch(/"level":"warn".*no wake file/);
  });

  it('makes a wake file anew when the one that is there cannot be used', async () => {
    mkdirSync(join(directory, 'elsewhere'));
    symlinkSync('elsewhere', join(directory, 'wake'));
    const log = join(directory, 'log');
    start([withoutCluster, directory], log);
    await eventually('an answer', health);
    await eventually('the wake file', () => statSync(join(directory, 'wake')).isFile());
    expect(readFileSync(log, 'utf8')).not.toContain('no wake file');
  });
});
