/**
 * npm run bench:agents: what one call of an agent costs, beside the least that Node can do on this machine. CPU is user
 * plus system time of the call and its children; the calls are interleaved, so that a busy machine is unfair to all of
 * them alike; medians. Figure to reach: a monitor costs at most 1.5 times `node -e 0`. Exit code 1 when it does not.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WAKE_FILE_NAME } from '../../src/config/paths.ts';
import { trialInstallation } from '../support/trial-installation.ts';

const RUNS = Number(process.argv[2] ?? 30);
const FIGURE = 1.5;

const installation = await trialInstallation('test/support/stub-lifeboatd.ts');
const { engine, alert, runtime, root } = installation;
const runtimeDirectory = join(root, 'run');
mkdirSync(runtimeDirectory);
const socket = join(runtimeDirectory, 'lifeboatd.sock');
const daemon = spawn(process.execPath, [join(import.meta.dirname, '../support/fake-daemon.ts'), socket], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
await once(daemon.stdout, 'data');
/** The same engine, with the wake file that lifeboatd keeps beside its socket. */
const withWakeFile = join(root, 'awake');
mkdirSync(withWakeFile);
symlinkSync(socket, join(withWakeFile, 'lifeboatd.sock'));
writeFileSync(join(withWakeFile, WAKE_FILE_NAME), '');

const calls = {
  'node -e 0': { argv: [runtime, '-e', '0'], environment: {} },
  'sh -c true': { argv: ['/bin/sh', '-c', 'true'], environment: {} },
  'engine monitor': {
    argv: [engine, 'monitor'],
    environment: { OCF_RESKEY_runtime_directory: runtimeDirectory, OCF_RESKEY_CRM_meta_interval: '10000' },
  },
  'engine monitor, nothing runs': {
    argv: [engine, 'monitor'],
    environment: { OCF_RESKEY_runtime_directory: join(root, 'nowhere') },
  },
  'alert_lifeboat, engine here, wake file': {
    argv: [alert],
    environment: { CRM_alert_kind: 'node', CRM_alert_recipient: join(withWakeFile, 'lifeboatd.sock') },
  },
  'alert_lifeboat, engine here, no wake file': {
    argv: [alert],
    environment: { CRM_alert_kind: 'node', CRM_alert_recipient: socket },
  },
  'alert_lifeboat, engine elsewhere': {
    argv: [alert],
    environment: { CRM_alert_kind: 'node', CRM_alert_recipient: join(root, 'nowhere') },
  },
} as const;
type Name = keyof typeof calls;
const names = Object.keys(calls) as Name[];
const spent = new Map<Name, number[]>(names.map((name) => [name, []]));

/** CPU of one call in milliseconds, by bash's `times`: the second line is of the children that it waited for. */
function measure(name: Name): number {
  const { argv, environment } = calls[name];
  const { stdout } = spawnSync('/bin/bash', ['-c', '"$@" >/dev/null 2>&1; times', 'bash', ...argv], {
    env: { PATH: '/usr/bin:/bin', ...environment },
    encoding: 'utf8',
  });
  const parts =
    stdout
      .trim()
      .split('\n')[1]
      ?.matchAll(/(\d+)m([\d.]+)s/g) ?? [];
  return [...parts].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1_000, 0);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

for (let run = 0; run < RUNS + 2; run += 1) {
  for (const name of names) {
    const cpuMs = measure(name);
    // The first two warm the page cache.
    if (run >= 2) spent.get(name)?.push(cpuMs);
  }
}
daemon.kill();
installation.remove();

const base = median(spent.get('node -e 0') ?? []);
console.log(`CPU of one call, median of ${RUNS}, interleaved, Node ${process.version}`);
for (const name of names) {
  const cpuMs = median(spent.get(name) ?? []);
  console.log(`${name.padEnd(42)} ${cpuMs.toFixed(1).padStart(7)} ms  ${(cpuMs / base).toFixed(2)} of node -e 0`);
}
const ratio = median(spent.get('engine monitor') ?? []) / base;
const verdict = ratio <= FIGURE ? 'reached' : 'MISSED';
console.log(`figure: monitor at most ${FIGURE} times node -e 0: ${verdict} (${ratio.toFixed(2)})`);
process.exitCode = ratio <= FIGURE ? 0 : 1;
