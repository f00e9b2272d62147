import type { Instance } from '../../openstack/cloud.ts';
import type { InstanceLimits } from './instance-limits.ts';
import { failed, ignored, RUNNING, waits, type InstanceFacts, type InstanceJudgement } from './instance-judgement.ts';
import { askToMigrate, judgeMigration } from './judge-migration.ts';
import { start, stop } from './stop-and-start.ts';
import { isMigrating, type InstanceWork } from './work.ts';

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
  const { host, instance, now, reasonToLeave } = facts;
  if (instance === undefined) return ignored('Nova has no such instance any more');
  if (work.migration !== undefined && isMigrating(work)) {
    return judgeMigration(work, work.migration, instance, facts, limits);
  }
  if (instance.host !== host) return ignored(`it is on ${instance.host ?? 'no host'} now, and not on ${host}`);
  if (reasonToLeave !== undefined && work.step === 'looking') return ignored(`left alone: ${reasonToLeave}`);
  const elapsedMs = now - work.sinceMs;
  const stays = STAYS[instance.vmState];
  if (stays !== undefined) return ignored(`${stays}, so nothing is done`);
  if (instance.taskState !== undefined) return busy(work, instance, elapsedMs, limits);
  const seenTo = work.step === 'looking' ? seenToBySomebody(instance, facts) : undefined;
  if (seenTo !== undefined) return ignored(seenTo);
  if (work.step === 'starting' && instance.vmState === 'active' && instance.powerState === RUNNING) {
    return { kind: 'end', status: 'finished', message: `it was ${broughtBy(work, host)}started again on ${host}` };
  }
  if (work.step === 'starting' && instance.vmState === 'error') {
    return failed(
      `it is in error on ${host}: ${instance.fault ?? 'no fault given'}; openstack server show ${instance.id}`,
    );
  }
  const isExhausted = work.step === 'looking' && facts.restarts >= limits.restarts;
  if (isExhausted && !mayMigrate(facts, limits)) return failed(exhausted(instance, facts, limits));
  const begun: InstanceWork = isExhausted ? { ...work, migration: { from: host, atMs: now } } : work;
  if (instance.vmState !== 'stopped') return stop(begun, now, elapsedMs, limits, instance);
  const isToMigrate = begun.migration?.from === host && begun.step !== 'starting';
  if (!isToMigrate) return start(begun, now, elapsedMs, limits, instance);
  return askToMigrate(begun, { ...begun.migration, after: facts.lastAction?.requestId }, now);
}

/** Once in the limit's time: what dies everywhere must not wander over all hosts. */
function mayMigrate({ migratedAtMs }: InstanceFacts, { whenExhausted }: InstanceLimits): boolean {
  return whenExhausted.kind === 'migrate' && migratedAtMs === undefined;
}

function exhausted({ id }: Instance, { migratedAtMs, now, restarts }: InstanceFacts, limits: InstanceLimits): string {
  const often = `it was restarted ${restarts} times in ${minutes(limits.withinMs)}`;
  const moved = migratedAtMs === undefined ? '' : `, and brought to another host ${minutes(now - migratedAtMs)} ago`;
  return `${often}${moved}: see to it, openstack server show ${id}`;
}

function minutes(ms: number): string {
  const count = Math.round(ms / 60_000);
  return count === 1 ? '1 minute' : `${count} minutes`;
}

function broughtBy({ migration }: InstanceWork, host: string): string {
  return migration === undefined || migration.from === host ? '' : `restarted too often on ${migration.from}, and `;
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

function busy(work: InstanceWork, instance: Instance, elapsedMs: number, limits: InstanceLimits): InstanceJudgement {
  const limitMs = work.step === 'starting' ? limits.startTimeoutMs : limits.stopTimeoutMs;
  const shown = `Nova shows ${String(instance.taskState)}`;
  if (elapsedMs < limitMs) return waits(shown);
  return failed(`${shown} for ${Math.round(elapsedMs / 1000)} s; openstack server show ${instance.id}`);
}
