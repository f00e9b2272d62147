import type { Evacuation, Instance } from '../openstack/cloud.ts';
import { judgeRestoration } from './judge-restoration.ts';
import { ended, type Judgement, type MoveLimits, type Sight } from './judgement.ts';
import { isEnded, type Move } from './move.ts';
import { preparationFor } from './preparation.ts';

/**
 * Decides from what Nova shows. Invariant (S3): `ready` is answered only when the instance is on the source host, has no
 * evacuation under way, is not rebuilding, and no call of ours has an open outcome. A second evacuate of a rebuilding
 * instance is accepted by Nova and wrecks the instance for good (docs/decisions/0006).
 *
 * `elapsedMs` is how long the move has been in its state, by a clock that does not jump.
 */
export function judgeMove(move: Move, sight: Sight, elapsedMs: number, limits: MoveLimits): Judgement {
  if (isEnded(move)) return { kind: 'wait' };
  const { instance, evacuation } = sight;
  if (instance === undefined) return ended(move, 'skipped', 'it was deleted meanwhile');
  if (instance.host === undefined) return ended(move, 'skipped', `Nova has it on no host (${instance.vmState})`);
  if (sight.target !== 'alive' && isUnderWay(instance, evacuation)) {
    return lostItsTarget(move, instance, evacuation, sight, elapsedMs, limits);
  }
  if (instance.host !== move.sourceHost) return judgeElsewhere(move, instance, instance.host, elapsedMs, limits);
  if (move.state === 'preparing') return judgePreparing(move, instance, evacuation, elapsedMs, limits);
  if (isUnderWay(instance, evacuation)) return judgeUnderWay(move, evacuation, elapsedMs, limits);
  if (evacuation !== undefined && hasFailed(evacuation)) return judgeFailed(move, instance, evacuation, limits);

  switch (move.state) {
    case 'accepted':
      if (elapsedMs < limits.settleMs) return { kind: 'wait' };
      return failedAttempt(move, 'Nova accepted it and then showed no trace of it', move.pastEvacuationId, limits);
    case 'sending':
      // The call was cut off. Nova marks the instance as rebuilding while it answers, so silence means that it never came.
      if (elapsedMs < limits.settleMs) return { kind: 'wait' };
      return {
        kind: 'change',
        move: { ...move, state: 'waiting', reason: 'the evacuate call was cut off and Nova shows no trace of it' },
      };
    case 'restoring':
      return { kind: 'change', move: { ...move, state: 'waiting', reason: 'it is back on the dead host' } };
    case 'waiting':
      return judgeWaiting(move, instance, sight.lastCall, elapsedMs, limits);
    case 'done':
    case 'skipped':
    case 'failed':
      return { kind: 'wait' };
  }
}

/**
 * The host that was building the instance died too. Nova goes on calling the instance rebuilding, and must not be asked
 * for another evacuation while the first can still be carried out: the record says `pre-migrating` from the moment the
 * target has taken the call from its queue, and then its proven death ends it; before that the call waits in the queue and
 * wrecks the instance when the target is back (seen; docs/decisions/0024).
 */
function lostItsTarget(
  move: Move,
  instance: Instance,
  evacuation: Evacuation | undefined,
  { target }: Sight,
  elapsedMs: number,
  limits: MoveLimits,
): Judgement {
  const host = (instance.host === move.sourceHost ? evacuation?.targetHost : instance.host) ?? 'host';
  const shown = instance.taskState ?? instance.vmState;
  // Forced down on suspicion only, it may be alive and bring the move to its end.
  if (target === 'kept-out') {
    if (elapsedMs < limits.moveTimeoutMs) return { kind: 'wait' };
    return timedOut(move, `its target ${host} is lost and not proven down`, elapsedMs);
  }
  if (instance.host !== move.sourceHost || evacuation?.status !== 'pre-migrating') {
    const remedy = `it may still be carried out when ${host} is back; see to it by hand`;
    return ended(
      { ...move, targetHost: host },
      'failed',
      `its target ${host} died during the move; Nova shows it as ${shown}, and ${remedy}`,
    );
  }
  const reason = `its target ${host} died during the move`;
  const failures = move.failures + 1;
  if (failures >= limits.attempts) {
    const remedy = `openstack server set --state error ${move.instanceId}; openstack server evacuate ${move.instanceId}`;
    return ended({ ...move, failures }, 'failed', `${reason}, as others did before: ${remedy}`);
  }
  if (instance.taskState === undefined) {
    const pastEvacuationId = Number(evacuation.id);
    const state = 'waiting';
    return { kind: 'change', move: { ...move, state, failures, pastEvacuationId, reason, targetHost: undefined } };
  }
  if (move.state === 'preparing' && elapsedMs < limits.settleMs) return { kind: 'wait' };
  return { kind: 'step', step: { kind: 'reset', move: { ...move, state: 'preparing', reason } } };
}

function judgeElsewhere(
  move: Move,
  instance: Instance,
  host: string,
  elapsedMs: number,
  limits: MoveLimits,
): Judgement {
  const moving: Move = { ...move, targetHost: host };
  if (instance.taskState === undefined) return judgeRestoration(moving, instance, host, elapsedMs, limits);
  const expected = move.state === 'accepted' || move.state === 'restoring';
  if (!expected) return { kind: 'change', move: { ...moving, state: 'accepted', reason: undefined } };
  return elapsedMs < limits.moveTimeoutMs
    ? { kind: 'wait' }
    : timedOut(moving, `task state ${instance.taskState} on ${host}`, elapsedMs);
}

/** After a call that makes the instance fit to be evacuated, Nova is asked again: S3 holds for every evacuation. */
function judgePreparing(
  move: Move,
  instance: Instance,
  evacuation: Evacuation | undefined,
  elapsedMs: number,
  limits: MoveLimits,
): Judgement {
  if (isUnderWay(instance, evacuation)) return judgeUnderWay(move, evacuation, elapsedMs, limits);
  const isFit = ['active', 'stopped', 'error'].includes(instance.vmState) && instance.taskState === undefined;
  if (isFit) return { kind: 'change', move: { ...move, state: 'waiting' } };
  if (elapsedMs < limits.settleMs) return { kind: 'wait' };
  const reason = move.reason ?? `Nova shows it as ${instance.vmState} still, ${Math.round(elapsedMs / 1000)} s later`;
  return failedAttempt(
    move,
    reason,
    move.pastEvacuationId,
    limits,
    instance.vmState === 'resized' ? unconfirmed(move) : undefined,
  );
}

function judgeUnderWay(
  move: Move,
  evacuation: Evacuation | undefined,
  elapsedMs: number,
  limits: MoveLimits,
): Judgement {
  if (move.state !== 'accepted') {
    return {
      kind: 'change',
      move: { ...move, state: 'accepted', targetHost: evacuation?.targetHost, reason: undefined },
    };
  }
  if (evacuation === undefined && move.sentAtMs === undefined && elapsedMs >= limits.settleMs) {
    // Somebody else's rebuild, or an evacuation that had this host as its target when it died.
    return ended(move, 'failed', 'it was being rebuilt on the host when that died: see to it by hand');
  }
  if (elapsedMs < limits.moveTimeoutMs) return { kind: 'wait' };
  const where = evacuation === undefined ? 'no evacuation record' : `evacuation ${evacuation.id} ${evacuation.status}`;
  return timedOut(move, where, elapsedMs);
}

function judgeFailed(move: Move, instance: Instance, evacuation: Evacuation, limits: MoveLimits): Judgement {
  const where = evacuation.targetHost === undefined ? '' : ` to ${evacuation.targetHost}`;
  const reason = `evacuation${where} ended in ${evacuation.status}: ${instance.fault ?? 'Nova names no fault'}`;
  return failedAttempt(move, reason, Number(evacuation.id), limits);
}

function judgeWaiting(
  move: Move,
  instance: Instance,
  lastCall: Sight['lastCall'],
  elapsedMs: number,
  limits: MoveLimits,
): Judgement {
  if (instance.taskState === 'deleting' || instance.taskState === 'soft-deleting') {
    if (elapsedMs < limits.settleMs) return { kind: 'wait' };
    return ended(
      move,
      'skipped',
      `its owner is deleting it, which nova-compute of ${move.sourceHost} finishes when it is back`,
    );
  }
  const preparation = preparationFor(instance, lastCall);
  switch (preparation.kind) {
    case 'none':
      return { kind: 'ready' };
    case 'leave':
      return ended(move, preparation.state, preparation.reason);
    case 'ask':
      return { kind: 'step', step: { kind: 'ask', move, instance } };
    case 'reset':
    case 'confirm':
      return {
        kind: 'step',
        step: { kind: preparation.kind, move: { ...move, state: 'preparing', reason: undefined } },
      };
  }
}

function failedAttempt(
  move: Move,
  reason: string,
  pastEvacuationId: number,
  limits: MoveLimits,
  advice = leftOver(move),
): Judgement {
  const failures = move.failures + 1;
  const next: Move = { ...move, failures, pastEvacuationId, reason, targetHost: undefined };
  if (failures >= limits.attempts) return ended(next, 'failed', `${reason}${advice}`);
  return { kind: 'retry', move: { ...next, state: 'waiting' } };
}

function timedOut(move: Move, where: string, elapsedMs: number): Judgement {
  const minutes = Math.round(elapsedMs / 60_000);
  return ended(
    move,
    'failed',
    `Nova accepted it and has not ended it for ${minutes} min (${where}); its outcome is unknown`,
  );
}

/** What Nova forgot with the error state that a failed evacuation, or our reset, leaves behind. */
function leftOver({ formerVmState: former, wantedState: wanted, sourceHost }: Move): string {
  if (former === 'active' || former === 'error') return '';
  return `; Nova has it in error on ${sourceHost} now, it was ${former} and should be ${wanted} after an evacuation by hand`;
}

/** Nothing was reset: the confirmation, which another host carries out, may still be under way. */
function unconfirmed({ instanceId }: Move): string {
  return `; Nova may still be confirming its resize: when it is active or stopped, openstack server evacuate ${instanceId}`;
}

function isUnderWay(instance: Instance, evacuation: Evacuation | undefined): boolean {
  if (instance.taskState?.startsWith('rebuild') === true) return true;
  return evacuation !== undefined && !TERMINAL.has(evacuation.status);
}

function hasFailed(evacuation: Evacuation): boolean {
  return evacuation.status === 'error' || evacuation.status === 'failed' || evacuation.status === 'cancelled';
}

/** Statuses of a migration record in which nothing more happens to the instance. */
export const TERMINAL: ReadonlySet<string> = new Set([
  'done',
  'completed',
  'error',
  'failed',
  'cancelled',
  'confirmed',
  'reverted',
]);
