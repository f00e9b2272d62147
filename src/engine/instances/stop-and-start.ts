import type { Instance } from '../../openstack/cloud.ts';
import type { InstanceLimits } from './instance-limits.ts';
import { failed, waits, type InstanceJudgement } from './instance-judgement.ts';
import type { InstanceWork } from './work.ts';

/** Of what Nova has as active or in error: it has to know that it does not run before it can be started. */
export function stop(
  work: InstanceWork,
  now: number,
  elapsedMs: number,
  limits: InstanceLimits,
  { id }: Instance,
): InstanceJudgement {
  if (work.step === 'starting' && elapsedMs < limits.startTimeoutMs) {
    return waits('Nova has it as active, and not running yet');
  }
  const tries = work.step === 'stopping' ? work.tries : 0;
  if (work.step === 'stopping' && elapsedMs < limits.settleMs) return waits('it is being stopped');
  if (work.step === 'starting' || tries >= limits.attempts) {
    return failed(`Nova does not ${work.step === 'starting' ? 'start' : 'stop'} it; openstack server show ${id}`);
  }
  return { kind: 'call', action: 'stop', work: { ...work, step: 'stopping', sinceMs: now, tries: tries + 1 } };
}

/** Of what Nova has as stopped. */
export function start(
  work: InstanceWork,
  now: number,
  elapsedMs: number,
  limits: InstanceLimits,
  { id }: Instance,
): InstanceJudgement {
  const tries = work.step === 'starting' ? work.tries : 0;
  if (tries > 0 && elapsedMs < limits.settleMs) return waits('it is being started');
  if (tries >= limits.attempts) return failed(`Nova does not start it; openstack server start ${id}`);
  const restartedAtMs = work.restartedAtMs ?? now;
  return {
    kind: 'call',
    action: 'start',
    work: { ...work, step: 'starting', sinceMs: now, tries: tries + 1, restartedAtMs },
  };
}
