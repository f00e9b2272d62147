import { judgeHeartbeat, type HeartbeatJudgement } from '../bridge/second-witness.ts';
import type { Hold } from '../bridge/verdict.ts';
import type { ComputeService } from '../openstack/cloud.ts';
import type { Isolation, Recovery } from './recovery.ts';

/**
 * A PUT answers updated_at with microseconds, a later GET with whole seconds (seen), and MySQL rounds where MariaDB cuts:
 * within this much of our own write nothing is an advance.
 */
const ROUNDING_MS = 1_000;

/** Asks the second witness (S9) with what the recovery knows. */
export function hearWitness(
  recovery: Recovery,
  service: ComputeService,
  previous: HeartbeatJudgement | undefined,
  now: number,
  silenceMs: number,
): HeartbeatJudgement {
  return judgeHeartbeat({
    fencedAtMs: recovery.proof.completedAtMs,
    baseline: baselineOf(recovery.isolation),
    previousAdvances: previous?.advances ?? [],
    service,
    now,
    silenceMs,
  });
}

function baselineOf(isolation: Isolation | undefined): { updatedAtMs: number; readAtMs: number } | undefined {
  if (isolation?.baselineUpdatedAtMs === undefined) return undefined;
  return { updatedAtMs: isolation.baselineUpdatedAtMs + ROUNDING_MS, readAtMs: isolation.baselineReadAtMs };
}

export function heartbeatHold(recovery: Recovery, unmoved: number): Hold {
  const { host, node } = recovery;
  return {
    kind: 'heartbeat',
    reason: `nova-compute on ${host} is alive after its fencing; ${unmoved} instances are not moved, they may be running there`,
    remedy: `power ${node} off by hand, then: stonith_admin --confirm ${node}`,
  };
}
