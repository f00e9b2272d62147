import type { Verdict } from '../bridge/verdict.ts';
import { isUnfinished, keepsOut, type Recovery } from './recovery.ts';
import type { Runs } from './runs.ts';
import type { Services } from './services.ts';
import { ROUNDING_MS } from './witness.ts';

export interface Seen {
  readonly runs: Runs;
  readonly services: Services;
  readonly verdictOf: (node: string) => Verdict | undefined;
}

/** A recovery begins with a proof (S1); a heartbeat after it takes that back (S9). */
export function isProvenDown(host: string, seen: Seen): boolean {
  const isOfHost = (recovery: Recovery): boolean => recovery.host === host && keepsOut(recovery);
  return seen.runs.some(isOfHost) && !seen.runs.some((recovery) => isOfHost(recovery) && !isStillDown(recovery, seen));
}

/**
 * Once its moves have ended the gate lets nova-compute of the host in, which takes up what waits in its queue; from then
 * on only a node that was not seen back, and a nova-compute that was not heard since, are down (found by the simulator).
 */
function isStillDown(recovery: Recovery, { services, verdictOf }: Seen): boolean {
  const { host, isolation, node } = recovery;
  if (isolation?.aliveSinceMs !== undefined) return false;
  if (isUnfinished(recovery)) return true;
  const heardMs = services.get(host)?.updatedAtMs;
  if (verdictOf(node)?.state !== 'proven' || isolation?.baselineUpdatedAtMs === undefined) return false;
  return heardMs !== undefined && heardMs <= isolation.baselineUpdatedAtMs + ROUNDING_MS;
}
