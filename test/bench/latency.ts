/**
 * npm run bench:latency -- [--cuts N] [--json FILE] [--trace]: power cuts of compute nodes, one after another, in one lab;
 * how long Lifeboat needs from the fencing to the first evacuation that Nova takes. Measured from the fence device's
 * answer in the lab's power log: Pacemaker's own confirmation, on which Lifeboat acts, comes later and is part of the
 * figure. Exit status 1 when an instance was lost or ran twice; the figure itself is printed as met or not met.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startRig, type Rig } from '../cluster/rig/rig.ts';
import { eventually } from '../support/eventually.ts';
import { cutAndFollow, type FollowedCut } from './follow-cut.ts';
import { median, percentile } from './percentile.ts';
import { secondsBetween, secondsOf } from './power-cut.ts';
import { breakdownTable, type Breakdown } from './trace/breakdown.ts';
import { traceCut } from './trace/trace-cut.ts';

const INSTANCES = 6;
const MEDIAN_MS = 300;
const PERCENTILE_95_MS = 1_000;
const VICTIMS = ['cmp1', 'cmp2', 'cmp3'];

const { values } = parseArgs({
  options: { cuts: { type: 'string', default: '20' }, json: { type: 'string' }, trace: { type: 'boolean' } },
});
const cuts = Number(values.cuts);
if (!Number.isInteger(cuts) || cuts < 1) throw new Error(`--cuts is a whole number from 1; got "${values.cuts}"`);

const rig = await startRig({ name: 'bench-latency', instances: INSTANCES });
process.once('SIGINT', () => void rig.down().finally(() => process.exit(130)));
const followed: { readonly host: string; readonly result: FollowedCut }[] = [];
const breakdowns: Breakdown[] = [];
let doubles = 0;
try {
  console.log('cut  host  detection  fencing  fenced → first accepted  → last running  (ms)');
  for (let number = 1; number <= cuts; number += 1) {
    const host = VICTIMS[(number - 1) % VICTIMS.length] ?? 'cmp1';
    const result = await oneCut(host);
    followed.push({ host, result });
    console.log(lineOf(number, host, result));
    if (result.recovered.length < result.instances.length) break;
    await settle(rig, host, result.cut.cutAtMs);
  }
  doubles = (await rig.cloud.doubleRuns()).length;
} finally {
  await rig.down();
}
process.exit(report());

async function oneCut(host: string): Promise<FollowedCut> {
  if (values.trace !== true) return cutAndFollow(rig, host);
  const traced = await traceCut(rig, host, () => cutAndFollow(rig, host));
  if (traced.breakdown !== undefined) breakdowns.push(traced.breakdown);
  return traced.followed;
}

/** The next cut must find a cluster at rest: the host back, released and clean, and the DC idle. */
async function settle(cluster: Rig, host: string, cutAtMs: number): Promise<void> {
  const { lab } = cluster;
  await lab.waitOnline({ deadlineMs: 120_000 });
  await eventually(
    `the release of ${host}`,
    async () =>
      (await cluster.status())?.recoveries.some(
        (each) => each.host === host && each.state === 'released' && each.startedAtMs > cutAtMs,
      ),
    { withinMs: 120_000, everyMs: 250 },
  );
  await lab.waitIdle();
}

function lineOf(number: number, host: string, { cut }: FollowedCut): string {
  const ms = (fromMs: number | undefined, toMs: number | undefined): string => {
    const seconds = secondsBetween(fromMs, toMs);
    return seconds === null ? '-' : `${Math.round(seconds * 1000)}`;
  };
  return [
    `${number}`.padStart(3),
    ` ${host}`,
    ms(cut.cutAtMs, cut.askedAtMs).padStart(10),
    ms(cut.askedAtMs, cut.fencedAtMs).padStart(8),
    ms(cut.fencedAtMs, cut.firstAcceptedAtMs).padStart(24),
    ms(cut.fencedAtMs, cut.lastRunningAtMs).padStart(15),
  ].join(' ');
}

function report(): number {
  const firsts = followed
    .map(({ result }) => secondsOf(result.cut).fencedToFirstAccepted)
    .filter((seconds) => seconds !== null)
    .map((seconds) => seconds * 1000);
  const [middle, high] = [median(firsts), percentile(firsts, 95)];
  const verdict = (reached: boolean): string => (reached ? 'met' : 'NOT MET');
  console.log(
    `\nfenced → first accepted, from the fence device's answer in the lab's power log, ${firsts.length} cuts`,
  );
  console.log(
    `median          ${middle.toFixed(0).padStart(5)} ms, figure ${MEDIAN_MS} ms: ${verdict(middle <= MEDIAN_MS)}`,
  );
  console.log(
    `95th percentile ${high.toFixed(0).padStart(5)} ms, figure ${PERCENTILE_95_MS} ms: ${verdict(high <= PERCENTILE_95_MS)}`,
  );
  if (breakdowns.length > 0) console.log(`\n${breakdownTable(breakdowns).join('\n')}`);

  const lost = followed.reduce((sum, { result }) => sum + result.instances.length - result.recovered.length, 0);
  console.log(`\n${lost} instances lost, ${doubles} ran on two hosts at once`);
  if (values.json !== undefined) {
    const rows = followed.map(({ host, result }) => ({
      host,
      instances: result.instances.length,
      recovered: result.recovered.length,
      seconds: { lossToAsked: secondsBetween(result.cut.cutAtMs, result.cut.askedAtMs), ...secondsOf(result.cut) },
    }));
    const outcome = { cuts: rows, medianMs: middle, percentile95Ms: high, doubleRuns: doubles };
    writeFileSync(values.json, `${JSON.stringify(outcome)}\n`);
  }
  return lost === 0 && doubles === 0 && followed.length === cuts ? 0 : 1;
}
