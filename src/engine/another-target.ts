import type { ComputeService, Evacuation } from '../openstack/cloud.ts';
import type { Move } from './move.ts';
import type { DeadHosts } from './sights.ts';

/** Nova's clock and ours: a record of an attempt of ours may seem to be this much older than its call. */
const CLOCKS_MS = 60_000;

/**
 * The host that an evacuation is to be asked to; undefined: Nova's scheduler chooses. Nova cannot be told to avoid a host
 * (docs/decisions/0032), and its scheduler would choose the one that has just failed again and again. So after an attempt
 * that failed on a host, the next names another one of the same zone, and the one after that is the scheduler's again, for
 * it knows of room and affinity what we do not. Its filters hold for a named host too.
 */
export function anotherTarget(
  move: Move,
  records: readonly Evacuation[],
  services: readonly ComputeService[],
  { isKeptOut }: Pick<DeadHosts, 'isKeptOut'>,
): string | undefined {
  if (move.failures % 2 === 0 || move.sentAtMs === undefined) return undefined;
  const sinceMs = move.sentAtMs - CLOCKS_MS;
  const failed = records.filter(({ status, createdAtMs }) => isFailure(status) && createdAtMs >= sinceMs);
  const last = failed.toSorted((a, b) => Number(b.id) - Number(a.id))[0];
  if (last?.targetHost === undefined) return undefined;
  const avoided = new Set([move.sourceHost, ...failed.map(({ targetHost }) => targetHost)]);
  const zone = services.find(({ host }) => host === move.sourceHost)?.zone;
  const fit = services
    .filter((service) => service.zone === zone && isInService(service))
    .map(({ host }) => host)
    .filter((host) => !avoided.has(host) && !isKeptOut(host))
    .toSorted();
  // Not the same one for all instances that failed at one time.
  return fit[numberOf(move.instanceId) % Math.max(1, fit.length)];
}

function isFailure(status: string): boolean {
  return status === 'error' || status === 'failed';
}

function isInService({ status, state, forcedDown }: ComputeService): boolean {
  return status === 'enabled' && state === 'up' && !forcedDown;
}

function numberOf(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521, 0);
}
