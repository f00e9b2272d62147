import type { Move } from '../move.ts';
import { FIRST_WAY, wayOf, type Way } from './way.ts';

/**
 * Nova's scheduler found none, of all hosts: asking it again at once would bring the same. Where a host was named, it stands
 * between the first two words, and only that one was found unfit.
 */
const NO_VALID_HOST = /^evacuation ended in \w+: no valid host/i;

/** No call of it is open: what failed has been seen to fail. */
const AFRESH = { state: 'waiting', sentAtMs: undefined, acceptedAtMs: undefined } as const;

/**
 * What follows a failed attempt: another reserved host, the next way of the recovery method, or what `failed` says. A
 * reserved host that could not start an instance is not counted as a failure of the move while others are left.
 */
export function afterFailure(before: Move, failed: Move, ways: readonly Way[]): Move {
  const way = before.way ?? FIRST_WAY;
  if (wayOf(way.stage, ways) === 'reserved' && way.target !== undefined) {
    const tried = [...way.tried, way.target];
    return { ...failed, ...AFRESH, failures: before.failures, way: { ...way, target: undefined, tried } };
  }
  const isHopeless = failed.state === 'failed' || NO_VALID_HOST.test(failed.reason ?? '');
  return isHopeless ? (nextWay(failed, ways) ?? failed) : failed;
}

/** No reserved host is left for the move: the next way, or one attempt less. */
export function withoutReserved(move: Move, reason: string, ways: readonly Way[], attempts: number): Move {
  const told: Move = { ...move, reason: `no reserved host: ${reason}` };
  const next = nextWay(told, ways);
  if (next !== undefined) return next;
  const failures = move.failures + 1;
  const way = { ...(move.way ?? FIRST_WAY), target: undefined, tried: [] };
  return { ...told, state: failures >= attempts ? 'failed' : 'waiting', failures, way };
}

function nextWay(move: Move, ways: readonly Way[]): Move | undefined {
  const { stage } = move.way ?? FIRST_WAY;
  if (stage + 1 >= ways.length) return undefined;
  return { ...move, ...AFRESH, failures: 0, way: { stage: stage + 1, target: undefined, tried: [] } };
}
