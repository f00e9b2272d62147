/**
 * npm run bench:monitor -- [--seconds N] [--guests N]: what lifeboat-monitor costs on a compute host with 200 guests to which nothing
 * happens, with the key of a host and with a user of Keystone, its agents left alone and asked, while the API is away and one
 * report waits. libvirt is the fake that the tests hold to a real one. CPU in percent of one core; memory at the end. Exit
 * status 1 when a figure is missed.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/edge/clock.ts';
import { lineOf } from '../../src/monitor/spool/journal-line.ts';
import { reportOf } from '../../src/monitor/spool/report.ts';
import { startEmulator } from '../emulator/index.ts';
import { FakeLibvirtd } from '../guests/fake/fake-libvirtd.ts';
import { serveFake } from '../guests/fake/serve-fake.ts';
import { trialInstallation } from '../support/trial-installation.ts';
import { cpuTicks, megabytes, percentOfCore } from './process-cost.ts';

const CPU_PERCENT = 0.5;
const MEMORY_MB = 80;
/** Login, first tries, and what is collected after them. */
const SETTLE_MS = 10_000;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, guests: { type: 'string', default: '200' } },
});
const seconds = Number(values.seconds);
if (!(seconds >= 1)) throw new Error(`--seconds is a number from 1; got "${values.seconds}"`);

const installation = await trialInstallation('test/support/stub-lifeboatd.ts');
const emulator = await startEmulator();
const libvirt = new FakeLibvirtd(systemClock);
for (let number = 1; number <= Number(values.guests); number += 1)
  libvirt.start(libvirt.define(`instance-${number}`, randomUUID()));
const sockets = await serveFake(libvirt, installation.root);
let isMet = true;
try {
  isMet = (await measure('with the key of a host', 'key', 'leave')) && isMet;
  isMet = (await measure('with the key of a host, agents asked', 'key', 'ask')) && isMet;
  isMet = (await measure('with a user of Keystone', 'keystone', 'leave', emulator.environment)) && isMet;
} finally {
  sockets.close();
  await emulator.close();
  installation.remove();
}
process.exit(isMet ? 0 : 1);

async function measure(
  what: string,
  credential: 'key' | 'keystone',
  agents: 'ask' | 'leave',
  environment: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const folder = join(installation.root, `${credential}-${agents}`);
  mkdirSync(join(folder, 'state', 'spool'), { recursive: true });
  writeFileSync(join(folder, 'monitor.key'), 'lbk_x\n', { mode: 0o600 });
  const api = `addresses: ['http://127.0.0.1:1']${credential === 'key' ? `, key_file: ${folder}/monitor.key` : ''}`;
  const lines = [
    'host: cmp1',
    `api: { ${api} }`,
    `guests: { socket_directory: ${installation.root}, agents: ${agents} }`,
    `state_directory: ${folder}/state`,
    `runtime_directory: ${folder}/run`,
  ];
  writeFileSync(join(folder, 'monitor.yaml'), lines.join('\n'));
  writeFileSync(join(folder, 'state', 'spool', 'journal'), lineOf({ kind: 'report', report: aReport() }));
  const child = spawn(
    join(installation.root, 'usr/sbin/lifeboat-monitor'),
    ['run', '--config', `${folder}/monitor.yaml`],
    {
      env: { PATH: '/usr/bin:/bin', ...environment },
      stdio: 'ignore',
    },
  );
  try {
    await pause(SETTLE_MS);
    const ticks = (): number => cpuTicks(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).own;
    const [before, beganMs] = [ticks(), performance.now()];
    await pause(seconds * 1_000);
    const tookSeconds = (performance.now() - beganMs) / 1_000;
    const cpu = percentOfCore(before, ticks(), tookSeconds);
    const resident = megabytes(readFileSync(`/proc/${child.pid}/status`, 'utf8'), 'VmRSS');
    const verdict = (value: number, figure: number): string => (value <= figure ? 'met' : 'NOT MET');
    console.log(
      `lifeboat-monitor ${what}, ${values.guests} guests, ${tookSeconds.toFixed(0)} s, Node ${process.version}`,
    );
    console.log(`  CPU ${cpu.toFixed(2)} % of one core, figure ${CPU_PERCENT} %: ${verdict(cpu, CPU_PERCENT)}`);
    console.log(`  RSS ${resident.toFixed(1)} MB, figure ${MEMORY_MB} MB: ${verdict(resident, MEMORY_MB)}`);
    return cpu <= CPU_PERCENT && resident <= MEMORY_MB;
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

function aReport() {
  const payload = {
    event: 'LIFECYCLE',
    instance_uuid: '00000000-0000-4000-8000-000000000001',
    vir_domain_event: 'STOPPED_FAILED',
  };
  const generated_time = new Date().toISOString().slice(0, 23);
  return reportOf({ type: 'VM', hostname: 'cmp1', generated_time, payload }, Date.now());
}
