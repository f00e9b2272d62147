import type { Evacuation, Instance } from '../openstack/cloud.ts';
import type { Clock, Randomness } from '../ports.ts';
import { TERMINAL } from './judge-move.ts';
import type { Sight } from './judgement.ts';
import type { Move } from './move.ts';
import type { Rank } from './order/rank.ts';
import type { Recovery } from './recovery.ts';
import { wantedStateOf } from './restoration.ts';
import { reasonToLeave, type Selection, type Tagged } from './select.ts';

/** What Nova showed of one instance. */
export interface Seen {
  /** Undefined: Nova has no such instance any more. */
  readonly instance: Instance | undefined;
  /** Before the request, by the clock that does not jump. */
  readonly askedAtMs: number;
}

/** What Nova showed of one recovery's instances, each piece read when it was needed (host-watch.ts). */
export interface Sights {
  /** Before the request of the host's list, by the clock that does not jump. */
  readonly listedAtMs: number;
  readonly onHost: readonly Instance[];
  /** Undefined: it is not on the host, and nobody asked where it is. */
  readonly seen: (instanceId: string) => Seen | undefined;
  /** Records of evacuations from the host. */
  readonly evacuationsOf: (instanceId: string) => readonly Evacuation[];
  /** When the record was first seen in a status in which nothing more happens. */
  readonly settledAtMs: (evacuation: Evacuation) => number | undefined;
}

/** The record of the attempt that is under way or ended last. */
export function recordOf(move: Move, sights: Sights): Evacuation | undefined {
  const records = sights.evacuationsOf(move.instanceId).filter(({ id }) => Number(id) > move.pastEvacuationId);
  return records.toSorted((a, b) => Number(b.id) - Number(a.id))[0];
}

/** Nova says that the instance has arrived; whether it runs there is still to be seen. */
export function hasLanded(evacuation: Evacuation | undefined): boolean {
  return evacuation?.status === 'done' || evacuation?.status === 'completed';
}

/**
 * Undefined unless the instance was asked for after `sinceMs` and after the end of its evacuation was known: an instance
 * read before the end and a record read after it make a picture that never was.
 */
export function sightOf(
  move: Move,
  sights: Sights,
  sinceMs: number,
  { isKeptOut, isProvenDown }: DeadHosts,
  lastCall: Sight['lastCall'],
): Sight | undefined {
  const seen = sights.seen(move.instanceId);
  const newest = recordOf(move, sights);
  const endedAtMs = (newest && sights.settledAtMs(newest)) ?? 0;
  if (seen === undefined || seen.askedAtMs < Math.max(sinceMs, endedAtMs)) return undefined;
  const { instance } = seen;
  const target = instance?.host === move.sourceHost ? newest?.targetHost : instance?.host;
  const isLost = target !== undefined && target !== move.sourceHost && isKeptOut(target);
  const fate = !isLost ? 'alive' : isProvenDown(target) ? 'proven' : 'kept-out';
  return { instance, evacuation: newest, target: fate, lastCall };
}

/** What is known of other hosts. */
export interface DeadHosts {
  readonly isKeptOut: (host: string) => boolean;
  readonly isProvenDown: (host: string) => boolean;
}

/**
 * A move for each instance on the host that has none yet, or whose move had ended well: then it has come back since.
 * `inherited`: another engine was at work on this host, and its calls may still be on their way to Nova. Their moves begin
 * as `sending`, so that the settle time passes before anything is sent (S3).
 */
export function newMoves(
  sights: Sights,
  known: readonly Move[],
  recovery: Recovery,
  selection: Selection,
  {
    clock,
    randomness,
    inherited,
    ranks,
    tagged,
  }: {
    readonly clock: Clock;
    readonly randomness: Randomness;
    readonly inherited: boolean;
    readonly tagged: Tagged;
    readonly ranks: (instances: readonly Instance[]) => ReadonlyMap<string, Rank>;
  },
): readonly Move[] {
  const ids = new Set(known.filter(({ state }) => state !== 'done').map((move) => move.instanceId));
  const formerIds = new Map(known.filter(({ state }) => state === 'done').map((move) => [move.instanceId, move.id]));
  const instances = sights.onHost.filter((instance) => !ids.has(instance.id));
  const rankById = ranks(instances);
  return instances.map((instance) => {
    const leave = reasonToLeave(instance, selection, tagged);
    const ended = sights.evacuationsOf(instance.id).filter((each) => isPast(each, instance, recovery));
    return {
      id: formerIds.get(instance.id) ?? randomness.uuid(),
      recoveryId: recovery.id,
      instanceId: instance.id,
      name: instance.name,
      state: leave !== undefined ? 'skipped' : inherited ? 'sending' : 'waiting',
      reason: leave,
      sourceHost: recovery.host,
      targetHost: undefined,
      formerVmState: instance.vmState,
      wantedState: wantedStateOf(instance),
      failures: 0,
      pastEvacuationId: Math.max(0, ...ended.map((e) => Number(e.id))),
      sentAtMs: undefined,
      acceptedAtMs: undefined,
      endedAtMs: leave === undefined ? undefined : clock.now(),
      rank: rankById.get(instance.id),
    };
  });
}

/** A record that nothing has touched for this long before the loss is of a former failure of the host. */
const LEFT_BEHIND_MS = 3_600_000;

/**
 * Of a target that died in the middle Nova keeps `pre-migrating` for ever, also when the instance was helped by hand and
 * runs on the host again: years later it would still seem to be on its way. What is `accepted` may wait in a queue.
 */
function isPast({ createdAtMs, status, updatedAtMs }: Evacuation, instance: Instance, recovery: Recovery): boolean {
  if (TERMINAL.has(status)) return true;
  const isOld = (updatedAtMs ?? createdAtMs) < recovery.lostSinceMs - LEFT_BEHIND_MS;
  return status === 'pre-migrating' && isOld && instance.taskState === undefined;
}
