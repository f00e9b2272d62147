import type { Evacuation, Instance } from '../openstack/cloud.ts';
import { isEnded, shouldRun, type Move } from './move.ts';

/** What Nova shows of one instance, read after the move last changed. */
export interface Sight {
  /** Undefined: Nova has no such instance any more. */
  readonly instance: Instance | undefined;
  /** The newest evacuation record of the instance that is not of the past. */
  readonly evacuation: Evacuation | undefined;
  /** The host that it is on its way to is kept out of Nova itself. */
  readonly targetIsDead: boolean;
}

export interface MoveLimits {
  /** How long an unknown outcome is watched before Nova's silence counts as "it never came". */
  readonly settleMs: number;
  readonly moveTimeoutMs: number;
  /** Evacuations that may fail before the move has failed. */
  readonly attempts: number;
}

export type Judgement =
  | { readonly kind: 'wait' }
  /** Nova shows the instance on the dead host with nothing under way: a call may be sent now (rule S3). */
  | { readonly kind: 'ready' }
  | { readonly kind: 'change'; readonly move: Move }
  /** An attempt failed; another may follow after a delay. */
  | { readonly kind: 'retry'; readonly move: Move };

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
  if (sight.targetIsDead && isUnderWay(instance, evacuation)) return lostItsTarget(move, instance, evacuation);
  if (instance.host !== move.sourceHost) return judgeElsewhere(move, instance, instance.host, elapsedMs, limits);
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
    case 'waiting':
      return judgeWaiting(move, instance, elapsedMs, limits);
    case 'done':
    case 'skipped':
    case 'failed':
      return { kind: 'wait' };
  }
}

/**
 * The host that was building the instance died too. Nothing will end that by itself, and it must not keep a place among
 * the evacuations in flight. Nova is not asked a second time for an instance that it calls rebuilding (see above).
 */
function lostItsTarget(move: Move, instance: Instance, evacuation: Evacuation | undefined): Judgement {
  const target = instance.host === move.sourceHost ? evacuation?.targetHost : instance.host;
  const reason = `its target ${target ?? 'host'} died during the move; Nova shows it as ${instance.taskState ?? instance.vmState}: see to it by hand`;
  return ended({ ...move, targetHost: target }, 'failed', reason);
}

function judgeElsewhere(
  move: Move,
  instance: Instance,
  host: string,
  elapsedMs: number,
  limits: MoveLimits,
): Judgement {
  const moving: Move = { ...move, targetHost: host };
  if (instance.taskState !== undefined) {
    if (move.state !== 'accepted') return { kind: 'change', move: { ...moving, state: 'accepted', reason: undefined } };
    return elapsedMs < limits.moveTimeoutMs
      ? { kind: 'wait' }
      : timedOut(moving, `task state ${instance.taskState} on ${host}`, elapsedMs);
  }
  if (instance.vmState === 'error')
    return ended(moving, 'failed', `it is in error on ${host}: ${instance.fault ?? 'no fault given'}`);
  if (!shouldRun(move)) return ended(moving, 'done', undefined);
  if (instance.vmState === 'active' && instance.powerState === 1) return ended(moving, 'done', undefined);
  if (elapsedMs < limits.settleMs) return { kind: 'wait' };
  return ended(
    moving,
    'failed',
    `it is ${instance.vmState} on ${host} and was ${move.formerVmState}: openstack server start ${move.instanceId}`,
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

function judgeWaiting(move: Move, instance: Instance, elapsedMs: number, limits: MoveLimits): Judgement {
  if (instance.taskState === 'deleting' || instance.taskState === 'soft-deleting') {
    if (elapsedMs < limits.settleMs) return { kind: 'wait' };
    return ended(move, 'skipped', 'its owner is deleting it, which the dead host cannot finish');
  }
  const refusal = REFUSED[instance.vmState];
  if (refusal !== undefined) return ended(move, 'failed', `${refusal}; Nova does not evacuate it in this state`);
  return { kind: 'ready' };
}

/** vm_states in which Nova answers evacuate with 409 (seen on a real Zed). */
const REFUSED: Readonly<Record<string, string>> = {
  paused: 'it is paused',
  suspended: 'it is suspended',
  resized: 'its resize was not confirmed or reverted',
  rescued: 'it is in rescue',
  building: 'it was still being built',
  'soft-delete': 'it is soft-deleted',
};

function failedAttempt(move: Move, reason: string, pastEvacuationId: number, limits: MoveLimits): Judgement {
  const failures = move.failures + 1;
  const next: Move = { ...move, failures, pastEvacuationId, reason, targetHost: undefined };
  if (failures >= limits.attempts) return { kind: 'change', move: { ...next, state: 'failed' } };
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

function ended(move: Move, state: 'done' | 'skipped' | 'failed', reason: string | undefined): Judgement {
  return { kind: 'change', move: { ...move, state, reason } };
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
