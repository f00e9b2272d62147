import { setTimeout as pause } from 'node:timers/promises';
import { socketPath } from '../../src/config/paths.ts';
import { askControl } from '../../src/control/client.ts';
import type { Status } from '../../src/control/protocol.ts';
import type { Rig } from '../cluster/rig/rig.ts';
import type { EmulatedInstance } from '../emulator/index.ts';
import { eventually } from '../support/eventually.ts';
import type { Chance } from '../../src/simulation/chance.ts';
import type { ReadRemains, Remains } from './remains.ts';
import { findDaemon, kill } from './victim.ts';

export interface Kill {
  readonly host: string;
  /** Since the fence device had answered. */
  readonly afterFencingMs: number;
  readonly remains: Remains;
}

export interface Round {
  readonly host: string;
  readonly kills: readonly Kill[];
  readonly instances: number;
  /** Not found in their former state on one other host. */
  readonly lost: readonly string[];
  /** More than one evacuation that Nova took, or ran on two hosts at once. */
  readonly doubled: readonly string[];
}

/** From the fencing until the power of the host is back, at the least. */
const BOOT_MS = 20_000;
/** At the most: then it comes back to engines of which none has lived for long enough to write its loss down. */
const LONGEST_BOOT_MS = 180_000;

/** States in which a recovery has nothing left to do, its host neither. */
const OVER: ReadonlySet<string> = new Set(['released', 'superseded']);

export interface RoundOptions {
  /** Kills at the most. */
  readonly quota: number;
  readonly chance: Chance;
  readonly remains: ReadRemains;
  readonly onKill: (kill: Kill) => void;
}

/**
 * One failure of one host. From its fencing on the daemon is killed up to `quota` times, each time a random pause after
 * it is there again, until the host has been given back.
 */
export async function oneRound(
  rig: Rig,
  host: string,
  { quota, chance, remains, onKill }: RoundOptions,
): Promise<Round> {
  const { cloud, lab } = rig;
  const before = (await cloud.state()).instances.filter((instance) => instance.host === host);
  // The calls take their time, so that kills fall into them too.
  await cloud.fault({ route: '*', effect: { kind: 'delay', ms: chance.between(0, 250) } });
  // A real machine takes its time to boot. In two seconds its nova-compute would be there before one of many killed engines
  // has forced it down, and then the second witness rightly holds all of it (S9).
  await lab.bmc(host, 'norestart');
  const beganAtMs = Date.now();
  await lab.kill(host);
  const fencedAtMs = await eventually(`${host} is fenced`, () => fencedAt(rig, host, beganAtMs), {
    withinMs: 120_000,
    everyMs: 5,
  });
  const booting = boot(rig, host);
  const kills: Kill[] = [];
  while (kills.length < quota && !(await isGivenBack(rig, host))) {
    await untilItAnswers(rig);
    await pause(nextPauseMs(chance));
    const daemon = findDaemon(lab);
    if (daemon === undefined) continue;
    if (!kill(daemon)) continue;
    const afterFencingMs = Date.now() - fencedAtMs;
    const found = { host, afterFencingMs, remains: await remains(daemon.node, host, beganAtMs) };
    kills.push(found);
    onKill(found);
  }
  await booting;
  await cloud.clearFaults();
  await untilOver(rig, host);
  return { host, kills, instances: before.length, ...(await losses(rig, before, beganAtMs)) };
}

/**
 * A real machine boots for minutes, in which even engines that are killed again and again write its loss down. On a busy test
 * machine each of them needs seconds instead of half of one, and the lab's hosts boot as fast as ever: so they wait for it.
 */
async function boot({ cloud, lab }: Rig, host: string): Promise<void> {
  await pause(BOOT_MS);
  const isForcedDown = async (): Promise<boolean> =>
    (await cloud.state()).hosts.some(({ forcedDown, name }) => name === host && forcedDown);
  await eventually(`${host} is forced down`, isForcedDown, { withinMs: LONGEST_BOOT_MS - BOOT_MS, everyMs: 200 }).catch(
    () => undefined,
  );
  await lab.powerOn(host);
}

/** Most kills come early, and now and then one is late: a call without an answer is watched for a while before it is sent again. */
function nextPauseMs(chance: Chance): number {
  const kind = chance.next();
  if (kind < 0.45) return chance.between(0, 700);
  return kind < 0.85 ? chance.between(0, 3_000) : chance.between(3_000, 9_000);
}

/** A daemon that is killed before it answers has done nothing yet. */
async function untilItAnswers({ lab }: Rig): Promise<void> {
  await eventually(
    'lifeboatd answers',
    async () => {
      const daemon = findDaemon(lab);
      if (daemon === undefined) return undefined;
      return askControl(lab.fileOf(daemon.node, socketPath()), { op: 'health' }, { timeoutMs: 1_000 }).catch(
        () => undefined,
      );
    },
    { withinMs: 120_000, everyMs: 20 },
  );
}

function fencedAt({ lab }: Rig, host: string, sinceMs: number): number | undefined {
  return lab
    .powerLog()
    .find(({ node, event, ok, atMs }) => node === host && event === 'answer' && ok === true && atMs >= sinceMs)?.atMs;
}

/** An engine that was killed after the end shows nothing of it any more, so it is Nova that tells. */
async function untilOver(rig: Rig, host: string): Promise<void> {
  let last: Status | undefined;
  await eventually(
    `the recovery of ${host} is over`,
    async () => {
      last = await rig.status();
      const isAtWork =
        last === undefined || last.recoveries.some((each) => each.host === host && !OVER.has(each.state));
      return !isAtWork && (await isGivenBack(rig, host));
    },
    { withinMs: 200_000, everyMs: 200 },
  ).catch(async (error: unknown) => {
    const shown = [last, await rig.cloud.state(), await rig.cloud.evacuateCalls()].map((each) => JSON.stringify(each));
    throw new Error(`${String(error)}\n${shown.join('\n')}\n${(await rig.log()).slice(-60_000)}`);
  });
  await rig.lab.waitOnline();
  await rig.lab.waitIdle();
}

/** By what Nova shows, which needs no daemon. */
async function isGivenBack({ cloud }: Rig, host: string): Promise<boolean> {
  const { hosts, instances } = await cloud.state();
  const found = hosts.find(({ name }) => name === host);
  const isInService = found?.status === 'enabled' && !found.forcedDown && found.power === 'on';
  return isInService && instances.every((instance) => instance.host !== host);
}

async function losses(
  rig: Rig,
  before: readonly EmulatedInstance[],
  sinceMs: number,
): Promise<Pick<Round, 'lost' | 'doubled'>> {
  const { cloud } = rig;
  const { instances } = await cloud.state();
  const moves = (await rig.status())?.recoveries.find((recovery) => recovery.host === before[0]?.host)?.moves ?? [];
  const calls = (await cloud.evacuateCalls()).filter(({ atMs, outcome }) => atMs >= sinceMs && outcome === 'accepted');
  const ran = new Set((await cloud.doubleRuns()).map(({ instanceId }) => instanceId));
  const lost = before.filter((was) => {
    const is = instances.find(({ id }) => id === was.id);
    const isThere = is !== undefined && is.host !== null && is.host !== was.host && is.taskState === null;
    const runs = ['stopped', 'suspended'].includes(was.vmState) ? [] : [is?.host];
    return !isThere || is.vmState !== was.vmState || JSON.stringify(is.runsOn) !== JSON.stringify(runs);
  });
  const doubled = before.filter(({ id }) => calls.filter((call) => call.instanceId === id).length > 1 || ran.has(id));
  return {
    lost: lost.map(({ id, name }) => {
      const is = instances.find((each) => each.id === id);
      const move = moves.find(({ instance }) => instance === id);
      return `${name}: ${is?.vmState}, ${is?.taskState} on ${is?.host}; ${move?.state}: ${move?.reason ?? ''}`;
    }),
    doubled: doubled.map(({ name }) => name),
  };
}
