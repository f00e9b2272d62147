import type { Cloud, Evacuation, Instance } from '../openstack/cloud.ts';
import type { Clock, Randomness } from '../ports.ts';
import { TERMINAL, type Sight } from './judge-move.ts';
import { isEnded, type Move } from './move.ts';
import type { Recovery } from './recovery.ts';
import { reasonToLeave, type Selection } from './select.ts';

/** Everything Nova shows of one recovery's instances at one moment. */
export interface Sights {
  /** By the clock that does not jump, taken before the first request. */
  readonly readAtMs: number;
  readonly onHost: readonly Instance[];
  /** Those on the host, and those of open moves that are elsewhere. */
  readonly instances: ReadonlyMap<string, Instance>;
  readonly evacuations: readonly Evacuation[];
}

/** Two lists for the whole host, and one request for each instance that has left it and is not yet verified. */
export async function look(
  cloud: Cloud,
  clock: Clock,
  host: string,
  moves: readonly Move[],
  signal: AbortSignal,
): Promise<Sights> {
  const readAtMs = clock.monotonic();
  const [onHost, evacuations] = await Promise.all([
    cloud.instancesOn(host, signal),
    cloud.evacuationsFrom(host, undefined, signal),
  ]);
  const instances = new Map(onHost.map((instance) => [instance.id, instance]));
  const elsewhere = moves.filter((move) => !isEnded(move) && !instances.has(move.instanceId));
  const found = await eachLimited(elsewhere, 10, (move) => cloud.instance(move.instanceId, signal));
  for (const instance of found) if (instance !== undefined) instances.set(instance.id, instance);
  return { readAtMs, onHost, instances, evacuations };
}

export function sightOf(move: Move, sights: Sights, isKeptOut: (host: string) => boolean): Sight {
  const records = sights.evacuations.filter(
    (record) => record.instanceId === move.instanceId && Number(record.id) > move.pastEvacuationId,
  );
  const newest = records.toSorted((a, b) => Number(b.id) - Number(a.id))[0];
  const instance = sights.instances.get(move.instanceId);
  const target = instance?.host === move.sourceHost ? newest?.targetHost : instance?.host;
  const targetIsDead = target !== undefined && target !== move.sourceHost && isKeptOut(target);
  return { instance, evacuation: newest, targetIsDead };
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
  }: { readonly clock: Clock; readonly randomness: Randomness; readonly inherited: boolean },
): readonly Move[] {
  const ids = new Set(known.filter(({ state }) => state !== 'done').map((move) => move.instanceId));
  const formerIds = new Map(known.filter(({ state }) => state === 'done').map((move) => [move.instanceId, move.id]));
  return sights.onHost
    .filter((instance) => !ids.has(instance.id))
    .map((instance) => {
      const leave = reasonToLeave(instance, selection);
      const ended = sights.evacuations.filter((e) => e.instanceId === instance.id && TERMINAL.has(e.status));
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
        failures: 0,
        pastEvacuationId: Math.max(0, ...ended.map((e) => Number(e.id))),
        sentAtMs: undefined,
        acceptedAtMs: undefined,
        endedAtMs: leave === undefined ? undefined : clock.now(),
      };
    });
}

async function eachLimited<T, R>(items: readonly T[], limit: number, task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += limit) {
    results.push(...(await Promise.all(items.slice(start, start + limit).map(task))));
  }
  return results;
}
