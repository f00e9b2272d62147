import type { ComputeService } from '../openstack/cloud.ts';
import { readMark, type Ending } from './mark.ts';
import type { Isolation, Recovery } from './recovery.ts';
import { isSameFailure } from './same-failure.ts';

export interface EndedElsewhere {
  readonly ending: Ending;
  readonly isolation: Isolation;
}

/**
 * Whether another engine has brought the recovery to its end, by its mark in Nova: one whose store this engine does not
 * have, or has as it was before. The gate may have let nova-compute of the host start on that word, also while its node is
 * still out of the cluster, so nothing may be evacuated on this proof again (docs/decisions/0027).
 */
export function endedElsewhere(
  recovery: Recovery,
  service: ComputeService | undefined,
  now: number,
): EndedElsewhere | undefined {
  const mark = service?.status === 'disabled' ? readMark(service.disabledReason) : undefined;
  if (service === undefined || mark?.kind !== 'recovery' || mark.ended === undefined) return undefined;
  if (!isSameFailure(mark.proof, recovery.proof)) return undefined;
  const { wasDisabled } = mark;
  return {
    ending: mark.ended,
    isolation: { serviceId: service.id, wasDisabled, baselineUpdatedAtMs: undefined, baselineReadAtMs: now },
  };
}
