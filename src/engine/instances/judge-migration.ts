import type { Instance, RecordedAction } from '../../openstack/cloud.ts';
import type { InstanceLimits } from './instance-limits.ts';
import { failed, ignored, RUNNING, waits, type InstanceFacts, type InstanceJudgement } from './instance-judgement.ts';
import { start, stop } from './stop-and-start.ts';
import type { InstanceMigration, InstanceWork } from './work.ts';

/**
 * Decides how a cold migration of ours goes on, of an instance that was stopped before it. Invariants (S3): it is confirmed
 * only when it is known to be ours, and started only when Nova has it as stopped with no task on another host, where it is
 * after its confirmation and no sooner: until then its disk is on both hosts, and somebody may take it back.
 */
export function judgeMigration(
  work: InstanceWork,
  migration: InstanceMigration,
  instance: Instance,
  facts: InstanceFacts,
  limits: InstanceLimits,
): InstanceJudgement {
  const { from } = migration;
  const { host, now } = facts;
  const elapsedMs = now - work.sinceMs;
  const { id, taskState, vmState } = instance;
  if (taskState !== undefined) {
    if (elapsedMs < timeoutMs(limits)) return waits(`on its way from ${from}: Nova shows ${taskState}`);
    const seconds = Math.round(elapsedMs / 1000);
    return failed(
      `its migration from ${from} has not ended in ${seconds} s (${taskState}): openstack server show ${id}`,
    );
  }
  const isAway = host !== from;
  switch (vmState) {
    case 'resized':
      return confirm(work, migration, instance, facts, limits);
    case 'stopped':
      return isAway
        ? start({ ...work, host }, now, elapsedMs, limits, instance)
        : stayed(work, migration, facts, limits);
    case 'active':
      if (instance.powerState === RUNNING)
        return ignored(`somebody has started it on ${host}, so nothing more is done`);
      if (elapsedMs < limits.settleMs) return waits(`Nova has it as active on ${host}, and not running`);
      if (isAway) return stop({ ...work, host }, now, elapsedMs, limits, instance);
      return failed(`it is active on ${host} and does not run: openstack server show ${id}`);
    case 'error':
      return failed(
        `its migration from ${from} has left it in error on ${host}: ${instance.fault ?? 'no fault given'}; openstack server reboot --hard ${id}`,
      );
    default:
      return ignored(`it is ${vmState} on ${host}, so nothing more is done`);
  }
}

function confirm(
  work: InstanceWork,
  { after, from }: InstanceMigration,
  { id }: Instance,
  { host, lastAction, now }: InstanceFacts,
  limits: InstanceLimits,
): InstanceJudgement {
  const elapsedMs = now - work.sinceMs;
  const tries = work.step === 'confirming' ? work.tries : 0;
  if (work.step === 'migrating' && !isOurs(lastAction, after)) {
    // The record was read before the instance, and may not have had it yet.
    if (lastAction?.requestId === after && elapsedMs < timeoutMs(limits))
      return waits(`it has arrived on ${host}; whether it is ours is being looked up`);
    const who = lastAction?.userId ?? 'nobody that Nova names';
    return failed(
      `it waits on ${host} for its resize to be confirmed, which is not ours (${who}): when it is confirmed, openstack server start ${id}`,
    );
  }
  if (tries > 0 && elapsedMs < limits.settleMs) return waits(`its migration to ${host} is being confirmed`);
  if (tries >= limits.attempts) {
    if (elapsedMs < timeoutMs(limits)) return waits(`its migration to ${host} is not confirmed yet`);
    const why = work.refusal === undefined ? '' : ` (${work.refusal})`;
    return failed(
      `Nova does not confirm its migration from ${from} to ${host}${why}: openstack server resize confirm ${id}; openstack server start ${id}`,
    );
  }
  return {
    kind: 'call',
    action: 'confirm-resize',
    work: { ...work, step: 'confirming', sinceMs: now, tries: tries + 1, host, refusal: undefined },
  };
}

/** It is stopped where it was: the migration has not begun, or is over without it. */
function stayed(
  work: InstanceWork,
  migration: InstanceMigration,
  { instance, lastAction, now }: InstanceFacts,
  limits: InstanceLimits,
): InstanceJudgement {
  const { after, from } = migration;
  const elapsedMs = now - work.sinceMs;
  const remedy = `it is stopped there: openstack server migrate ${instance?.id}, or openstack server start ${instance?.id}`;
  if (work.step === 'confirming') return failed(`its migration from ${from} was taken back; ${remedy}`);
  const isOver = isOurs(lastAction, after) && (lastAction?.failure !== undefined || elapsedMs >= limits.settleMs);
  if (isOver) {
    const why = lastAction?.failure ?? 'it does not say why';
    return failed(`it was restarted too often on ${from}, and Nova could not migrate it: ${why}; ${remedy}`);
  }
  if (elapsedMs < limits.settleMs) return waits('it is about to be migrated');
  // Nova's API writes the action down before it answers: what it has not written, it has not taken.
  const isUntouched = lastAction?.requestId === after;
  if (isUntouched && work.tries < limits.attempts) return askToMigrate(work, migration, now);
  const why = isUntouched ? (work.refusal ?? 'it takes no migration') : `its last action was ${lastAction?.name}`;
  return failed(`it was restarted too often on ${from}, and Nova has not migrated it (${why}); ${remedy}`);
}

/** Of an instance that Nova has as stopped, with no task. */
export function askToMigrate(work: InstanceWork, migration: InstanceMigration, now: number): InstanceJudgement {
  const tries = work.step === 'migrating' ? work.tries + 1 : 1;
  return { kind: 'call', action: 'migrate', work: { ...work, step: 'migrating', sinceMs: now, tries, migration } };
}

/** Newer than what was Nova's newest before our call, and asked for by our account. */
function isOurs(action: RecordedAction | undefined, after: string | undefined): boolean {
  return action !== undefined && action.name === 'migrate' && action.isOwn && action.requestId !== after;
}

/** What has begun is brought to its end, also by an engine that is configured to begin no more. */
function timeoutMs({ whenExhausted }: InstanceLimits): number {
  return whenExhausted.kind === 'migrate' ? whenExhausted.timeoutMs : USUAL_TIMEOUT_MS;
}

const USUAL_TIMEOUT_MS = 3_600_000;
