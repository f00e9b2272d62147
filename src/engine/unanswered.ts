import type { Missed } from '../bridge/decision.ts';
import type { Verdict } from '../bridge/verdict.ts';
import type { ClusterSnapshot, Fencing } from '../crm/snapshot.ts';
import type { Cloud } from '../openstack/cloud.ts';
import { readMark } from './mark.ts';
import { newRecovery, type OwedRecovery } from './rebuild.ts';
import type { Services } from './services.ts';
import type { Randomness } from '../ports.ts';

/** The history of fencing reaches back for days; what was not answered for longer than this, somebody has seen to. */
const RECENT_MS = 3_600_000;
/** A migration record this much older than the fencing still belongs to it: two clocks, and seconds rounded down. */
const SLACK_MS = 5_000;

export interface Unanswered extends OwedRecovery {
  readonly missed: Missed;
}

/**
 * Fencings that no engine answered: the controller with the engine died together with the host, say, and the host was up
 * again before this engine looked. Nothing may be evacuated any more (S1), but nothing is kept silent either (S4, S10).
 * Asked once of each node, by an engine that has just started.
 */
export async function unansweredFencings(
  snapshot: ClusterSnapshot,
  verdicts: readonly Verdict[],
  {
    cloud,
    services,
    randomness,
  }: { readonly cloud: Cloud; readonly services: Services; readonly randomness: Randomness },
): Promise<readonly Unanswered[]> {
  const found: Unanswered[] = [];
  for (const verdict of verdicts) {
    const fencing = snapshot.fencings.find((each) => each.target === verdict.node && isRecentPowerCut(each, snapshot));
    if (verdict.state !== 'up' || verdict.host === undefined || fencing?.completedAtMs === undefined) continue;
    if (readMark(services.get(verdict.host)?.disabledReason) !== undefined) continue;
    const left = await cutOff(cloud, verdict.host, fencing.completedAtMs);
    if (left > 0) found.push(unanswered(verdict.node, verdict.host, fencing, left, snapshot.readAtMs, randomness));
  }
  return found;
}

function isRecentPowerCut({ status, action, completedAtMs }: Fencing, { readAtMs }: ClusterSnapshot): boolean {
  const cut = status === 'success' && (action === 'off' || action === 'reboot');
  return cut && completedAtMs !== undefined && readAtMs - completedAtMs < RECENT_MS;
}

/** How many instances were on the host when it lost its power and were not evacuated since. */
async function cutOff(cloud: Cloud, host: string, fencedAtMs: number): Promise<number> {
  const evacuations = await cloud.evacuationsFrom(host, undefined);
  if (evacuations.some(({ createdAtMs }) => createdAtMs >= fencedAtMs - SLACK_MS)) return 0;
  const instances = await cloud.instancesOn(host);
  return instances.filter(({ vmState, createdAtMs }) => vmState === 'active' && (createdAtMs ?? 0) < fencedAtMs).length;
}

function unanswered(
  node: string,
  host: string,
  fencing: Fencing,
  left: number,
  now: number,
  randomness: Randomness,
): Unanswered {
  const completedAtMs = fencing.completedAtMs ?? now;
  const proof = {
    id: `${node}:${Math.floor(completedAtMs / 1000)}`,
    node,
    kind: fencing.delegate === 'a human' ? ('human' as const) : ('fenced' as const),
    action: fencing.action,
    completedAtMs,
    by: fencing.delegate ?? 'unknown',
    origin: fencing.origin,
    evidence: ['history' as const],
  };
  const at = new Date(completedAtMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    ...newRecovery({ host, node, proof, lostSinceMs: completedAtMs, now }, randomness),
    missed: {
      node,
      host,
      proof,
      reason: `${node} was fenced at ${at} while no engine ran, and is up again; ${left} instances on it were cut off`,
      remedy: `see which of them run: openstack server list --all-projects --host ${host}`,
    },
  };
}
