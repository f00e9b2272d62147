import type { Missed } from '../bridge/decision.ts';
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

export type PowerCut = Fencing & { readonly completedAtMs: number };

export interface Fenced {
  readonly node: string;
  readonly host: string;
  readonly fencing: PowerCut;
}

export interface Unanswered extends OwedRecovery {
  readonly missed: Missed;
}

/**
 * Fencings that no engine answered: the controller with the engine died together with the host, say, and the host was up
 * again before this engine looked. Nothing may be evacuated any more (S1), but nothing is kept silent either (S4, S10).
 */
export async function unansweredFencings(
  fenced: readonly Fenced[],
  now: number,
  {
    cloud,
    services,
    randomness,
  }: { readonly cloud: Cloud; readonly services: Services; readonly randomness: Randomness },
): Promise<readonly Unanswered[]> {
  const found: Unanswered[] = [];
  for (const { node, host, fencing } of fenced) {
    if (readMark(services.get(host)?.disabledReason) !== undefined) continue;
    const left = await cutOff(cloud, host, fencing.completedAtMs);
    if (left > 0) found.push(unanswered(node, host, fencing, left, now, randomness));
  }
  return found;
}

/** The newest power cut of the node that is not too old to matter. */
export function recentPowerCut(node: string, snapshot: ClusterSnapshot): PowerCut | undefined {
  return snapshot.fencings.filter(isPowerCut).find((each) => each.target === node && isRecent(each, snapshot));
}

function isPowerCut(fencing: Fencing): fencing is PowerCut {
  const { action, completedAtMs, status } = fencing;
  return status === 'success' && (action === 'off' || action === 'reboot') && completedAtMs !== undefined;
}

function isRecent({ completedAtMs }: PowerCut, { readAtMs }: ClusterSnapshot): boolean {
  return readAtMs - completedAtMs < RECENT_MS;
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
  fencing: PowerCut,
  left: number,
  now: number,
  randomness: Randomness,
): Unanswered {
  const { completedAtMs } = fencing;
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
