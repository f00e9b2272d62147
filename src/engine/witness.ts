import { firstPairWithin, judgeHeartbeat, type HeartbeatJudgement } from '../bridge/second-witness.ts';
import type { ComputeService } from '../openstack/cloud.ts';
import { readMark } from './mark.ts';
import type { Isolation, Recovery } from './recovery.ts';
import { isSameFailure } from './same-failure.ts';

/**
 * A PUT answers updated_at with microseconds, a later GET with whole seconds (seen), and MySQL rounds where MariaDB cuts:
 * within this much of our own write nothing is an advance.
 */
export const ROUNDING_MS = 1_000;

/** From reading our clock to Nova's commit of the mark, and the difference of two clocks. */
const MARK_SLACK_MS = 3_000;

/** A heartbeat that was certain stays so, whichever engine heard it. */
export function rememberedHeartbeat(recovery: Recovery): HeartbeatJudgement | undefined {
  const sinceMs = recovery.isolation?.aliveSinceMs;
  if (sinceMs === undefined) return undefined;
  const advance = { updatedAtMs: sinceMs, seenAtMs: sinceMs };
  return { kind: 'beating', sinceMs, advances: [advance, advance] };
}

/** A single advance may have been somebody's write. */
export function isCertain(judgement: HeartbeatJudgement, silenceMs: number): boolean {
  return judgement.kind === 'beating' && firstPairWithin(judgement.advances, silenceMs) !== undefined;
}

/** The recovery with what another engine's mark says of a heartbeat after the same fencing. */
export function withHeartbeatOfMark(recovery: Recovery, service: ComputeService, now: number): Recovery {
  const mark = readMark(service.disabledReason);
  if (mark?.kind !== 'recovery' || !mark.alive || !isSameFailure(mark.proof, recovery.proof)) return recovery;
  const isolation = {
    serviceId: service.id,
    wasDisabled: mark.wasDisabled,
    baselineUpdatedAtMs: undefined,
    baselineReadAtMs: now,
    aliveSinceMs: now,
  };
  return { ...recovery, isolation };
}

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
    baseline: baselineOf(recovery.isolation) ?? baselineOfMark(recovery, service, now),
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

/** Another engine wrote its mark before us: what it wrote explains an updated_at up to that moment, and a little past it. */
function baselineOfMark(
  recovery: Recovery,
  service: ComputeService,
  now: number,
): { updatedAtMs: number; readAtMs: number } | undefined {
  const mark = readMark(service.disabledReason);
  if (mark?.kind !== 'recovery' || !isSameFailure(mark.proof, recovery.proof)) return undefined;
  return { updatedAtMs: mark.writtenAtMs + MARK_SLACK_MS, readAtMs: now };
}
