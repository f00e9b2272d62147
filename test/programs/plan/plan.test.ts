import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '../../../src/control/protocol.ts';
import { systemClock } from '../../../src/edge/clock.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { openCloud } from '../../../src/openstack/open-cloud.ts';
import { startEmulator, type Emulator } from '../../emulator/index.ts';
import { eventually } from '../../support/eventually.ts';
import type { FileCluster } from '../../support/file-cluster.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { runProgram } from '../../support/run-program.ts';

const repository = resolve(import.meta.dirname, '../../..');
let directory: string;
let emulator: Emulator;
let daemon: ChildProcess | undefined;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lifeboat-plan-'));
  emulator = await startEmulator({ options: { gate: false, spawnMs: 100 } });
  // Two instances fit on cmp2, one more on the reserved host.
  for (const [name, vcpus] of [
    ['cmp1', 10],
    ['cmp2', 2],
    ['spare', 1],
  ] as const) {
    await emulator.addHost({ name, vcpus });
  }
  await emulator.addInstance({ host: 'cmp1', name: 'batch', metadata: { 'lifeboat:priority': '10' } });
  await emulator.addInstance({ host: 'cmp1', name: 'web' });
  await emulator.addInstance({ host: 'cmp1', name: 'db', metadata: { 'lifeboat:priority': '900' } });
  await emulator.addInstance({ host: 'cmp1', name: 'amphora-1' });
  await disable('spare');
  setCluster({ cmp1: {}, cmp2: {}, spare: {} });
  writeFileSync(
    join(directory, 'lifeboat.yaml'),
    `state_directory: ${directory}/state
runtime_directory: ${directory}/run
cluster: { poll_interval: 1s }
api: { listen: [] }
instances: { exclude_names: ['^amphora-'] }
capacity: { check_every: 1s }
recovery:
  segments:
    - { name: rack, recovery_method: auto_priority, hosts: [cmp1, cmp2, { name: spare, reserved: true }] }
`,
  );
});

afterEach(async () => {
  if (daemon !== undefined && daemon.exitCode === null) {
    const ended = once(daemon, 'exit');
    daemon.kill('SIGKILL');
    await ended;
  }
  await emulator.close();
  rmSync(directory, { recursive: true, force: true });
});

async function disable(host: string): Promise<void> {
  const ports = { clock: systemClock, randomness: systemRandomness, logger: recordingLogger() };
  const cloud = await openCloud({ ...ports, source: { kind: 'environment', variables: emulator.environment } });
  const service = (await cloud.computeServices()).find((each) => each.host === host);
  await cloud.disableService(service?.id ?? '', 'kept free');
  cloud.close();
}

function setCluster(nodes: FileCluster): void {
  writeFileSync(join(directory, 'cluster.new'), JSON.stringify(nodes));
  renameSync(join(directory, 'cluster.new'), join(directory, 'cluster'));
}

function startDaemon(): void {
  const log = openSync(join(directory, 'log'), 'a');
  const program = 'test/programs/gate/with-file-cluster.ts';
  daemon = spawn(process.execPath, [program, join(directory, 'lifeboat.yaml'), join(directory, 'cluster')], {
    cwd: repository,
    env: { ...emulator.environment },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
}

function lifeboat(...words: readonly string[]): ReturnType<typeof runProgram> {
  const socket = join(directory, 'run', 'lifeboatd.sock');
  return runProgram([process.execPath, join(repository, 'src/cli/main.ts'), ...words, '--socket', socket]);
}

describe('lifeboat plan, as processes', () => {
  it('says what the recovery then does: the order, the reserved host, and what has no place', async () => {
    startDaemon();
    let text = '';
    await eventually(
      'it plans for a host that is up',
      async () => {
        text = (await lifeboat('plan', 'cmp1')).stdout;
        return text.startsWith('If cmp1 died now') && !text.includes('WOULD BE HELD');
      },
      { withinMs: 40_000, everyMs: 500 },
    );
    const id = '[0-9a-f-]{36}';
    expect(text).toMatch(
      new RegExp(
        [
          '^If cmp1 died now: 3 of 3 instances have a place, 1 stay\\.',
          '',
          'IN THIS ORDER \\(Nova may choose other hosts\\):',
          `  1\\.  db     ${id}  priority 900  to cmp2`,
          `  2\\.  web    ${id}  priority 500  to cmp2`,
          `  3\\.  batch  ${id}  priority 10   to spare, reserved`,
          '',
          'STAY:',
          `  amphora-1  ${id}  its name matches the exclusion \\^amphora-`,
          '$',
        ].join('\n'),
      ),
    );

    // One more than fits anywhere: told ahead of time.
    await emulator.addInstance({ host: 'cmp1', name: 'late', metadata: { 'lifeboat:priority': '1' } });
    await eventually(
      'N+1 is not met',
      async () => {
        const status = JSON.parse((await lifeboat('status', '--json')).stdout) as Status;
        return status.capacity?.short === 1 && status.summary.endsWith(', N+1 not met for cmp1');
      },
      { withinMs: 40_000, everyMs: 500 },
    );
    expect((await lifeboat('status')).stdout).toContain(
      'N+1 is not met: if cmp1 dies, 1 of 4 instances has no place (late)',
    );
    const planned = await lifeboat('plan', 'cmp1');
    expect(planned.code).toBe(1);
    expect(planned.stdout).toContain('1 have none');

    await emulator.killHost('cmp1');
    setCluster({ cmp1: { fencedAtMs: Date.now() }, cmp2: {}, spare: {} });
    await eventually(
      'three are moved, and the fourth is not',
      async () => {
        const [recovery] = (JSON.parse((await lifeboat('status', '--json')).stdout) as Status).recoveries;
        const ends = recovery?.moves.map(({ name, state, to }) => `${name} ${state} ${to ?? ''}`.trim()).toSorted();
        return (
          JSON.stringify(ends) ===
          JSON.stringify(['amphora-1 skipped', 'batch done spare', 'db done cmp2', 'late failed', 'web done cmp2'])
        );
      },
      { withinMs: 60_000, everyMs: 500 },
    );
    const log = readFileSync(join(directory, 'log'), 'utf8');
    expect(log).toContain('cmp1: in this order: db (900), web (500), batch (10), late (1)');
    expect(log).toContain('spare is taken: a reserved host for the instances of cmp1');
  }, 180_000);
});
