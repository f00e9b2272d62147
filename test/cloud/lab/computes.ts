import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isPopulated, killCgroup, setFrozen } from '../../cluster/lab/cgroup.ts';
import { LabError } from '../../cluster/lab/lab-error.ts';
import { waitFor } from '../../cluster/lab/wait.ts';
import { hostStatements } from './catalog.ts';
import { list, query } from './database.ts';
import { computeCommand, startNovaCompute } from './farm.ts';
import type { ComputeCommand } from './farm.ts';
import {
  checkHostName,
  computeFolder,
  computeService,
  elsewhereMark,
  serviceCgroup,
  spawnDelayFile,
} from './layout.ts';
import type { CloudLayout } from './layout.ts';
import type { CloudPlan } from './plan.ts';
import { waitForService } from './process.ts';
import { isReady } from './services.ts';

const group = (layout: CloudLayout, host: string): string => serviceCgroup(layout, computeService(checkHostName(host)));

export function isComputeRunning(layout: CloudLayout, host: string): boolean {
  return isPopulated(group(layout, host));
}

/** Starts it and waits until it takes messages and Nova lists it as up, unless it is forced down. */
export async function startCompute(layout: CloudLayout, plan: CloudPlan, host: string): Promise<void> {
  if (isComputeRunning(layout, host)) throw new LabError('bad-argument', `nova-compute of ${host} runs already`);
  rmSync(elsewhereMark(layout, host), { force: true });
  await query(layout, 'nova_api', hostStatements([host]));
  await launch(layout, host);
  await waitUp(layout, plan, [host]);
}

/** As many at once as two processors carry: with more, all of them are slow and some time out. */
const AT_ONCE = 8;

export async function launchAll(layout: CloudLayout, hosts: readonly string[]): Promise<void> {
  for (let first = 0; first < hosts.length; first += AT_ONCE) {
    await Promise.all(hosts.slice(first, first + AT_ONCE).map((host) => launch(layout, host)));
  }
}

/** What starts a plain nova-compute of a host elsewhere; maps the host to the cell, so that Nova finds it. */
export async function commandFor(layout: CloudLayout, plan: CloudPlan, host: string): Promise<ComputeCommand> {
  mkdirSync(computeFolder(layout, checkHostName(host)), { recursive: true });
  if (!isComputeRunning(layout, host)) writeFileSync(elsewhereMark(layout, host), '');
  await query(layout, 'nova_api', hostStatements([host]));
  return computeCommand(layout, plan, host);
}

/** Starts it and waits until it takes messages. */
export async function launch(layout: CloudLayout, host: string): Promise<void> {
  setFrozen(group(layout, host), 'running');
  mkdirSync(computeFolder(layout, host), { recursive: true });
  startNovaCompute(layout, host);
  await waitForService(layout, computeService(host), () => isReady(layout, computeService(host)));
}

// Nova's servicegroup/api.py INITIAL_REPORTING_DELAY is 5 s; the rest is for a busy machine.
const FIRST_BEAT_WITHIN_S = 15;

/**
 * Waits until Nova counts these hosts as up, and will for the time to come: a service sends its first heartbeat 5 s after
 * its start, so with a short service_down_time one that has just registered would be down again until then.
 */
export async function waitUp(layout: CloudLayout, plan: CloudPlan, hosts: readonly string[]): Promise<void> {
  const before = await beatsOf(layout);
  const isShort = plan.serviceDownTimeS < FIRST_BEAT_WITHIN_S;
  const up = `SELECT s.host FROM services s JOIN compute_nodes n ON n.host = s.host AND n.deleted = 0
    WHERE s.deleted = 0 AND s.binary = 'nova-compute' AND (s.forced_down
    OR TIMESTAMPDIFF(SECOND, COALESCE(s.last_seen_up, s.created_at), UTC_TIMESTAMP()) <= ${plan.serviceDownTimeS})`;
  await waitFor(
    `${hosts.join(', ')} to be up in Nova`,
    async () => {
      const beats = isShort ? await beatsOf(layout) : undefined;
      const seen = new Set((await query(layout, 'nova', up)).map(([host]) => host));
      return hosts.every((host) => seen.has(host) && beats?.get(host) !== (before.get(host) ?? '0'));
    },
    { deadlineMs: 120_000, everyMs: 100 },
  );
  await query(layout, 'nova', `UPDATE compute_nodes SET mapped = 1 WHERE host IN ${list(hosts)}`);
}

/** Heartbeats so far; a forced down host's are as good as new, since they change nothing. */
async function beatsOf(layout: CloudLayout): Promise<ReadonlyMap<string | undefined, string>> {
  const statement = `SELECT host, IF(forced_down, RAND(), report_count) FROM services
    WHERE deleted = 0 AND \`binary\` = 'nova-compute'`;
  return new Map((await query(layout, 'nova', statement)).map(([host, beats = '0']) => [host, beats]));
}

export async function killCompute(layout: CloudLayout, host: string): Promise<void> {
  refuseStopped(layout, host);
  await killCgroup(group(layout, host));
}

export async function freezeCompute(layout: CloudLayout, host: string): Promise<void> {
  refuseStopped(layout, host);
  setFrozen(group(layout, host), 'frozen');
  const events = `${group(layout, host)}/cgroup.events`;
  await waitFor(`${host} to freeze`, () => readFileSync(events, 'utf8').includes('frozen 1'), {
    deadlineMs: 5000,
    everyMs: 2,
  });
}

export async function thawCompute(layout: CloudLayout, host: string): Promise<void> {
  refuseStopped(layout, host);
  setFrozen(group(layout, host), 'running');
}

export async function setSpawnDelay(layout: CloudLayout, host: string, ms: number): Promise<void> {
  if (!Number.isInteger(ms) || ms < 0) throw new LabError('bad-argument', `a delay is whole milliseconds; got ${ms}`);
  const file = spawnDelayFile(layout, checkHostName(host));
  mkdirSync(computeFolder(layout, host), { recursive: true });
  writeFileSync(`${file}.new`, String(ms));
  renameSync(`${file}.new`, file);
}

function refuseStopped(layout: CloudLayout, host: string): void {
  if (isComputeRunning(layout, host)) return;
  const known = existsSync(computeFolder(layout, host));
  throw known
    ? new LabError('node-off', `nova-compute of ${host} does not run`)
    : new LabError('unknown-node', `this cloud has no host ${host}`);
}
