import type { Instance, RecordedAction } from '../../openstack/cloud.ts';
import type { InstanceWork } from './work.ts';

export interface InstanceLimits {
  /** Nova may take this long to stop it, ms. */
  readonly stopTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** A call that shows no effect for this long is sent again, ms. */
  readonly settleMs: number;
  /** Calls of one kind at the most. */
  readonly attempts: number;
  /** So many restarts of one instance within this time are enough. */
  readonly restarts: number;
  readonly withinMs: number;
}

export type InstanceJudgement =
  | { readonly kind: 'wait'; readonly message: string }
  | { readonly kind: 'call'; readonly action: 'stop' | 'start'; readonly work: InstanceWork }
  | { readonly kind: 'end'; readonly status: 'finished' | 'failed' | 'ignored'; readonly message: string };

export interface InstanceFacts {
  /** Undefined: Nova has none of that id. */
  readonly instance: Instance | undefined;
  /** Where the report came from, or where the recovery of that host has brought what we had stopped. */
  readonly host: string;
  /** When it was made there, ms since the epoch. */
  readonly reportedAtMs: number;
  /** The last thing that somebody had Nova do with it; only asked for before the first call of ours. */
  readonly lastAction: RecordedAction | undefined;
  /** Why it is none of ours by the operator's selection. */
  readonly reasonToLeave: string | undefined;
  /** Restarts of the instance within the limit's time, this one left out. */
  readonly restarts: number;
  readonly now: number;
}

const STAYS: Readonly<Record<string, string>> = {
  paused: 'it is paused',
  suspended: 'it is suspended',
  rescued: 'it is in rescue',
  resized: 'its resize waits to be confirmed',
  building: 'it is being built',
  shelved: 'it is shelved',
  shelved_offloaded: 'it is shelved',
  deleted: 'it is deleted',
  'soft-delete': 'it is deleted',
};

/**
 * Decides from what Nova shows now. The host is known to be up and not being recovered. Nothing is started unless Nova says that
 * it is stopped, there and on no other host (S3): Nova starts what it has as running by itself, on the host where it is.
 */
export function judgeInstance(work: InstanceWork, facts: InstanceFacts, limits: InstanceLimits): InstanceJudgement {
  const { host, instance, now, reasonToLeave, restarts } = facts;
  if (instance === undefined) return ignored('Nova has no such instance any more');
  if (instance.host !== host) return ignored(`it is on ${instance.host ?? 'no host'} now, and not on ${host}`);
  if (reasonToLeave !== undefined && work.step === 'looking') return ignored(`left alone: ${reasonToLeave}`);
  const elapsedMs = now - work.sinceMs;
  const stays = STAYS[instance.vmState];
  if (stays !== undefined) return ignored(`${stays}, so nothing is done`);
  if (instance.taskState !== undefined) return busy(work, instance, elapsedMs, limits);
  const seenTo = work.step === 'looking' ? seenToBySomebody(instance, facts) : undefined;
  if (seenTo !== undefined) return ignored(seenTo);
  if (work.step === 'starting' && instance.vmState === 'active' && instance.powerState === RUNNING) {
    return { kind: 'end', status: 'finished', message: `it was started again on ${host}` };
  }
  if (work.step === 'starting' && instance.vmState === 'error') {
    return failed(
      `it is in error on ${host}: ${instance.fault ?? 'no fault given'}; openstack server show ${instance.id}`,
    );
  }
  if (work.step === 'looking' && restarts >= limits.restarts) {
    const minutes = Math.round(limits.withinMs / 60_000);
    return failed(
      `it was restarted ${restarts} times in ${minutes} minutes: see to it, openstack server show ${instance.id}`,
    );
  }
  if (instance.vmState === 'stopped') return start(work, now, elapsedMs, limits, instance);
  // `active`, though its guest is gone, or `error`: Nova has to know that it does not run before it can be started.
  return stop(work, now, elapsedMs, limits, instance);
}

/** By each of them Nova has begun its guest anew. */
const STARTS: ReadonlySet<string> = new Set(['start', 'reboot', 'rebuild', 'resume', 'unshelve', 'evacuate']);

/**
 * A report may come late, or tell a second time of one death. Nova's record of actions has who did what: nova-compute itself, which
 * stops what it finds dead, has no user.
 */
function seenToBySomebody({ vmState }: Instance, { lastAction, reportedAtMs }: InstanceFacts): string | undefined {
  if (lastAction === undefined) return undefined;
  const { atMs, name, userId } = lastAction;
  if (vmState === 'stopped' && name === 'stop' && userId !== undefined) {
    return `the user ${userId} has stopped it, so it is not started`;
  }
  if (vmState === 'active' && STARTS.has(name) && atMs > reportedAtMs) {
    return `its guest was begun anew since the report (${name}), so nothing is done`;
  }
  return undefined;
}

/** Nova's power_state of a guest that runs. */
const RUNNING = 1;

function busy(work: InstanceWork, instance: Instance, elapsedMs: number, limits: InstanceLimits): InstanceJudgement {
  const limitMs = work.step === 'starting' ? limits.startTimeoutMs : limits.stopTimeoutMs;
  const shown = `Nova shows ${String(instance.taskState)}`;
  if (elapsedMs < limitMs) return { kind: 'wait', message: shown };
  return failed(`${shown} for ${Math.round(elapsedMs / 1000)} s; openstack server show ${instance.id}`);
}

function stop(
  work: InstanceWork,
  now: number,
  elapsedMs: number,
  limits: InstanceLimits,
  { id }: Instance,
): InstanceJudgement {
  if (work.step === 'starting' && elapsedMs < limits.startTimeoutMs) {
    return { kind: 'wait', message: 'Nova has it as active, and not running yet' };
  }
  const tries = work.step === 'stopping' ? work.tries : 0;
  if (work.step === 'stopping' && elapsedMs < limits.settleMs) return { kind: 'wait', message: 'it is being stopped' };
  if (work.step === 'starting' || tries >= limits.attempts) {
    return failed(`Nova does not ${work.step === 'starting' ? 'start' : 'stop'} it; openstack server show ${id}`);
  }
  return { kind: 'call', action: 'stop', work: { ...work, step: 'stopping', sinceMs: now, tries: tries + 1 } };
}

function start(
  work: InstanceWork,
  now: number,
  elapsedMs: number,
  limits: InstanceLimits,
  { id }: Instance,
): InstanceJudgement {
  const tries = work.step === 'starting' ? work.tries : 0;
  if (tries > 0 && elapsedMs < limits.settleMs) return { kind: 'wait', message: 'it is being started' };
  if (tries >= limits.attempts) return failed(`Nova does not start it; openstack server start ${id}`);
  const restartedAtMs = work.restartedAtMs ?? now;
  return {
    kind: 'call',
    action: 'start',
    work: { ...work, step: 'starting', sinceMs: now, tries: tries + 1, restartedAtMs },
  };
}

function ignored(message: string): InstanceJudgement {
  return { kind: 'end', status: 'ignored', message };
}

function failed(message: string): InstanceJudgement {
  return { kind: 'end', status: 'failed', message };
}
