/**
 * npm run bench:recovery -- [options]: the same failure of a host on one real Nova, recovered by a bare loop of evacuate
 * calls, by Lifeboat and by the real Masakari; to the last instance running, seen in Nova's database. `--help` names the
 * options. Exit status 1 when an instance was lost or evacuated twice, or when a figure was measured and not reached.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../src/errors.ts';
import { attachCloud, startCloud } from '../cloud/lab/index.ts';
import type { CloudLab } from '../cloud/lab/cloud-lab.ts';
import { startCloudProxy } from '../cloud/proxy/proxy.ts';
import { novaClient } from '../cloud/support/nova-client.ts';
import { trialInstallation } from '../support/trial-installation.ts';
import type { ContenderName, Stage, StartContender } from './recovery/contender.ts';
import { figuresOf, isReached } from './recovery/figures.ts';
import { startFloor } from './recovery/floor.ts';
import { startLifeboat } from './recovery/lifeboat.ts';
import { startMasakari, startTunedMasakari } from './recovery/masakari.ts';
import { planFrom, USAGE, type Plan } from './recovery/plan.ts';
import { costTable, figuresTable, milestonesTable, routesTable, timesTable, trialLine } from './recovery/report.ts';
import { summarize } from './recovery/summary.ts';
import { runTrial, type Trial } from './recovery/trial.ts';

const LAB = 'bench-recovery';
/** Beside a cloud that was started by hand. */
const PORT_OFFSET = 1_000;
/** Masakari's default needs up to eight minutes for 50 instances; whoever needs twice that has lost them. */
const PATIENCE_MS: Readonly<Record<ContenderName, number>> = {
  floor: 300_000,
  lifeboat: 300_000,
  tuned: 600_000,
  masakari: 1_000_000,
};
const START: Readonly<Record<ContenderName, StartContender>> = {
  floor: startFloor,
  lifeboat: startLifeboat,
  tuned: startTunedMasakari,
  masakari: startMasakari,
};

const words = process.argv.slice(2);
if (words.includes('--help')) {
  process.stdout.write(USAGE);
  process.exit(0);
}
process.exit(await measure(planFrom(words)));

async function measure(plan: Plan): Promise<number> {
  const dir = plan.keepIn ?? mkdtempSync(join(tmpdir(), 'lifeboat-recovery-'));
  mkdirSync(dir, { recursive: true });
  const installation = await trialInstallation('src/lifeboatd.ts');
  const cloud = await cloudOf(plan);
  const takeDown = async (): Promise<void> => {
    if (plan.attachTo === undefined) await cloud.down();
    installation.remove();
    if (plan.keepIn === undefined) rmSync(dir, { recursive: true, force: true });
  };
  process.once('SIGINT', () => void takeDown().finally(() => process.exit(130)));
  const trials: Trial[] = [];
  let broke: string | undefined;
  try {
    const stage = await stageOf(plan, cloud, installation.daemon, dir);
    try {
      // Nova's processes open their connections and fill their caches with the first evacuation: nobody's time.
      await runTrial(stage, { name: 'floor', start: startFloor, instances: 1, withinMs: PATIENCE_MS.floor });
      console.log('warmed up');
      for (const { contender, instances } of plan.rounds) {
        const trial = await runTrial(stage, {
          name: contender,
          start: START[contender],
          instances,
          withinMs: PATIENCE_MS[contender],
        });
        trials.push(trial);
        console.log(trialLine(trial));
      }
    } finally {
      await stage.proxy.close();
    }
  } catch (error) {
    // What was measured until then is still worth its report.
    broke = messageOf(error);
  } finally {
    await takeDown();
  }
  const code = report(plan, cloud.hosts.length - 1, trials);
  if (broke === undefined) return code;
  console.error(`\nbench: it broke off: ${broke}`);
  return 1;
}

async function cloudOf(plan: Plan): Promise<CloudLab> {
  if (plan.attachTo !== undefined) return attachCloud(plan.attachTo);
  return startCloud({
    name: LAB,
    portOffset: PORT_OFFSET,
    hosts: Array.from({ length: plan.targets + 1 }, (_, index) => `compute-${index + 1}`),
    masakari: plan.rounds.some(({ contender }) => contender === 'masakari' || contender === 'tuned'),
    onStep: (sentence, elapsedMs) => {
      console.log(`${(elapsedMs / 1_000).toFixed(1).padStart(6)} s  ${sentence}`);
    },
  });
}

async function stageOf(plan: Plan, cloud: CloudLab, installed: string, dir: string): Promise<Stage> {
  const { username, password, projectName, domainName, region } = cloud.account;
  const [victim] = cloud.hosts;
  if (victim === undefined || cloud.hosts.length < 2) throw new Error('the cloud needs two hosts at least');
  const proxy = await startCloudProxy({
    authUrl: cloud.authUrl,
    novaUrl: `http://${cloud.address}:${cloud.ports.nova}/v2.1`,
  });
  const nova = await novaClient({ authUrl: cloud.authUrl, username, password, projectName, domainName, region });
  return { cloud, proxy, nova, victim, parallel: plan.parallel, dir, installed };
}

function report(plan: Plan, targets: number, trials: readonly Trial[]): number {
  if (trials.length === 0) return 1;
  const summaries = summarize(trials);
  const figures = figuresOf(summaries);
  const [load = Number.NaN] = loadavg();
  console.log(
    `\n${targets} hosts left, ${plan.parallel} evacuations in flight; ${cpus().length} cores, load ${load.toFixed(1)}, ` +
      `Node ${process.version}; seconds from the failure`,
  );
  for (const table of [
    timesTable(summaries),
    milestonesTable(summaries),
    costTable(summaries),
    routesTable(trials),
    figuresTable(figures),
  ]) {
    console.log(`\n${table.join('\n')}`);
  }
  if (plan.jsonFile !== undefined) {
    writeFileSync(plan.jsonFile, `${JSON.stringify({ plan, targets, trials, summaries, figures })}\n`);
  }
  const bad = trials.filter((trial) => trial.recovered < trial.instances || trial.evacuatedTwice > 0);
  const missed = figures.filter((figure) => isReached(figure) === false);
  console.log(`\n${bad.length} trials lost an instance or evacuated one twice; ${missed.length} figures not reached`);
  return bad.length === 0 && missed.length === 0 ? 0 : 1;
}
