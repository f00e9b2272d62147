import type { Cloud, ComputeService } from '../openstack/cloud.ts';
import type { Clock } from '../ports.ts';
import { recoveryMark, wasDisabledBefore } from './mark.ts';
import type { Isolation, Recovery } from './recovery.ts';

/**
 * Keeps a dead host out of Nova (S6). Forced down first: a dead but "up" service blocks one of Nova's API workers for 60 s
 * when it is disabled. Then disabled with our mark, before anything is evacuated: should this controller die now, the mark
 * is all that tells the next engine what is owed, for the node may be back before that engine looks (seen in the lab: two
 * seconds after its fencing). Safe to repeat.
 */
export async function keepOut(
  cloud: Cloud,
  clock: Clock,
  recovery: Recovery,
  service: ComputeService,
  signal: AbortSignal,
): Promise<Isolation> {
  const wasDisabled = recovery.isolation?.wasDisabled ?? wasDisabledBefore(service);
  await cloud.setForcedDown(service.id, true, signal);
  const marked = await cloud.disableService(
    service.id,
    recoveryMark(
      recovery.proof,
      wasDisabled,
      clock.now(),
      recovery.isolation?.aliveSinceMs === undefined ? 'silent' : 'alive',
    ),
    signal,
  );
  return {
    serviceId: service.id,
    wasDisabled,
    baselineUpdatedAtMs: marked.updatedAtMs,
    baselineReadAtMs: clock.now(),
    aliveSinceMs: recovery.isolation?.aliveSinceMs,
  };
}
