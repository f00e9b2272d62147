import type { Instance } from '../openstack/cloud.ts';
import { ended, type Judgement, type MoveLimits } from './judgement.ts';
import type { Move } from './move.ts';
import { ACTION_TO, isWantedState, lossOf, type WantedState } from './restoration.ts';

/**
 * Decides how an instance that has arrived is brought into the state that it should have: Nova starts whatever it
 * evacuates, but for what it has as stopped. Only a running instance is acted on: what is in another state has been put
 * there since, by somebody who knows better.
 *
 * The instance is on another host, with no task state. `move` names that host.
 */
export function judgeRestoration(
  move: Move,
  instance: Instance,
  host: string,
  elapsedMs: number,
  limits: MoveLimits,
): Judgement {
  const wanted = move.wantedState;
  if (instance.vmState === 'error') {
    return ended(move, 'failed', `it is in error on ${host}: ${instance.fault ?? 'no fault given'}`);
  }
  if (isAs(wanted, instance)) return ended(move, 'done', afterwards(move));
  if (isRunning(instance) && leftAlone(move)) return ended(move, 'done', undefined);
  const mayAct = isRunning(instance) || (wanted === 'active' && wasToBeStarted(move, instance));
  if (mayAct) return nextStep(move, elapsedMs, limits);
  if (wanted !== 'active' && instance.vmState !== 'active') {
    return ended(move, 'done', `it was ${move.formerVmState} and somebody has made it ${instance.vmState} since`);
  }
  if (elapsedMs < limits.settleMs) return { kind: 'wait' };
  return ended(
    move,
    'failed',
    `it is ${instance.vmState} on ${host} and was ${move.formerVmState}: openstack server start ${move.instanceId}`,
  );
}

/** Nova leaves a stopped instance stopped by itself: when it runs, its owner has started it. But not after an error. */
function leftAlone(move: Move): boolean {
  return (
    move.wantedState === 'stopped' &&
    move.formerVmState === 'stopped' &&
    move.state !== 'restoring' &&
    move.failures === 0
  );
}

function wasToBeStarted(move: Move, instance: Instance): boolean {
  return move.formerVmState === 'stopped' && instance.vmState === 'stopped';
}

function nextStep(move: Move, elapsedMs: number, limits: MoveLimits): Judgement {
  if (move.state !== 'restoring') return restore({ ...move, failures: 0 });
  // Nova refuses what is under way already, so sending again is safe; but a slow call should have its time.
  if (move.failures < limits.attempts) {
    return elapsedMs < limits.settleMs ? { kind: 'wait' } : restore({ ...move, failures: move.failures + 1 });
  }
  if (REST_WITH_MEMORY.includes(move.wantedState)) return restore({ ...move, wantedState: 'stopped', failures: 0 });
  const what = move.wantedState === 'active' ? 'does not run' : 'runs';
  const command = `openstack server ${ACTION_TO[move.wantedState]} ${move.instanceId}`;
  return ended(
    move,
    'failed',
    `it ${what} on ${move.targetHost ?? 'its new host'}, was ${move.formerVmState}, and Nova does not ${ACTION_TO[move.wantedState]} it (${move.reason ?? 'no effect'}): ${command}`,
  );
}

/** When Nova does not bring it there, `stopped` is the closest to it: its owner had it not running. */
const REST_WITH_MEMORY: readonly WantedState[] = ['paused', 'suspended', 'rescued'];

function restore(move: Move): Judgement {
  const action = ACTION_TO[move.wantedState];
  return { kind: 'step', step: { kind: 'restore', action, move: { ...move, state: 'restoring' } } };
}

/** The reason of a move that is done: what its owner will miss. */
function afterwards(move: Move): string | undefined {
  const { formerVmState: former, wantedState: wanted } = move;
  if (wanted !== 'stopped' || former === 'stopped' || former === 'resized') return lossOf(former, wanted);
  if (!isWantedState(former) || former === 'active') return 'its owner had asked for it to be stopped';
  return `it was ${former}; what was in its memory is lost, Nova did not bring it back into that state (${move.reason ?? 'no effect'}) and it is stopped instead`;
}

function isAs(wanted: WantedState, instance: Instance): boolean {
  return wanted === 'active' ? isRunning(instance) : instance.vmState === wanted;
}

function isRunning(instance: Instance): boolean {
  return instance.vmState === 'active' && instance.powerState === 1;
}
