/**
 * npm run bench:daemon -- [--seconds N]: what the idle daemon costs in a cluster where nothing happens. CPU in percent of
 * one core over a minute, of the daemon alone and with the commands that it starts; memory at the end. Exit status 1 when
 * a figure is missed.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { layoutOf, nodeCgroup } from '../cluster/lab/layout.ts';
import { startRig } from '../cluster/rig/rig.ts';
import { cpuTicks, megabytes, onlyProcess, percentOfCore } from './process-cost.ts';

const CPU_PERCENT = 1;
const MEMORY_MB = 120;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 1)) throw new Error(`--seconds is a number from 1; got "${values.seconds}"`);

const rig = await startRig({ name: 'bench-daemon', instances: 6 });
process.once('SIGINT', () => void rig.down().finally(() => process.exit(130)));
let met: boolean;
try {
  const node = await rig.engineNode();
  if (node === undefined) throw new Error('the engine runs nowhere');
  const pid = onlyProcess(nodeCgroup(layoutOf(rig.lab.name, rig.lab.dir), node), 'lifeboatd');
  // Nothing is asked of the daemon meanwhile: an answer would be counted as its idle cost.
  const ticks = (): ReturnType<typeof cpuTicks> => cpuTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const [before, beganMs] = [ticks(), performance.now()];
  await pause(seconds * 1_000);
  const [after, tookSeconds] = [ticks(), (performance.now() - beganMs) / 1_000];
  const alone = percentOfCore(before.own, after.own, tookSeconds);
  const together = percentOfCore(before.own + before.children, after.own + after.children, tookSeconds);
  const resident = megabytes(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS');
  const share = megabytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss');

  const verdict = (value: number, figure: number): string => (value <= figure ? 'met' : 'NOT MET');
  console.log(`lifeboatd, idle on ${node} for ${tookSeconds.toFixed(0)} s, Node ${process.version}`);
  console.log(
    `CPU of the daemon           ${alone.toFixed(2)} % of one core, figure ${CPU_PERCENT} %: ${verdict(alone, CPU_PERCENT)}`,
  );
  console.log(`with the commands it starts ${together.toFixed(2)} % of one core`);
  console.log(
    `RSS                         ${resident.toFixed(1)} MB, figure ${MEMORY_MB} MB: ${verdict(resident, MEMORY_MB)}`,
  );
  console.log(`PSS, its fair share         ${share.toFixed(1)} MB`);
  met = alone <= CPU_PERCENT && resident <= MEMORY_MB;
} finally {
  await rig.down();
}
process.exit(met ? 0 : 1);
