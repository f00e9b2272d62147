import { isEnded, tally, type Move } from '../move.ts';
import type { Recovery, RecoveryState } from '../recovery.ts';
import type { WorkflowTask } from './registry.ts';

/**
 * How far the recovery of a host is, told as Masakari's tasks; its names are the same for every recovery method. A task
 * has succeeded when what it is for was seen (S10).
 */
export function hostWorkflow(recovery: Recovery, moves: readonly Move[]): readonly WorkflowTask[] {
  return [disableTask(recovery, moves), prepareTask(recovery, moves), evacuateTask(recovery, moves)];
}

type TaskState = WorkflowTask['state'];
type Step = WorkflowTask['steps'][number];

/** Before the moves are known, while they are at work, and when they have ended. */
type Stage = 'untouched' | 'isolating' | 'evacuating' | 'ended' | 'cut short';

function stageOf({ resumeTo, state }: Recovery, moves: readonly Move[]): Stage {
  const at: RecoveryState = state === 'held' ? (resumeTo ?? 'accepted') : state;
  if (at === 'accepted') return 'untouched';
  if (at === 'isolating' || at === 'evacuating') return at;
  return at === 'superseded' && moves.some((move) => !isEnded(move)) ? 'cut short' : 'ended';
}

function disableTask(recovery: Recovery, moves: readonly Move[]): WorkflowTask {
  const { createdAtMs, host } = recovery;
  const stage = stageOf(recovery, moves);
  const states: Readonly<Record<Stage, TaskState>> = {
    untouched: 'PENDING',
    isolating: 'RUNNING',
    evacuating: 'SUCCESS',
    ended: 'SUCCESS',
    'cut short': 'SUCCESS',
  };
  const state = states[stage];
  const isDone = state === 'SUCCESS';
  const steps: Step[] = [];
  if (stage !== 'untouched')
    steps.push({ atMs: createdAtMs, message: `Disabling compute service on host: '${host}'`, progress: 0 });
  if (isDone) {
    const message = `Disabled compute service on host: '${host}', and forced it down`;
    steps.push({ atMs: recovery.isolation?.baselineReadAtMs ?? createdAtMs, message, progress: 1 });
  }
  return { name: 'disable_compute_service_task', state, progress: isDone ? 1 : 0, steps };
}

function prepareTask(recovery: Recovery, moves: readonly Move[]): WorkflowTask {
  const stage = stageOf(recovery, moves);
  const isDone = stage !== 'untouched' && stage !== 'isolating';
  const { skipped, total } = tally(moves);
  const message = `Total instances to evacuate from host '${recovery.host}': ${total}, and ${skipped} that need no move`;
  return {
    name: 'prepare_HA_enabled_instances_task',
    state: isDone ? 'SUCCESS' : 'PENDING',
    progress: isDone ? 1 : 0,
    steps: isDone ? [{ atMs: recovery.isolation?.baselineReadAtMs ?? recovery.createdAtMs, message, progress: 1 }] : [],
  };
}

function evacuateTask(recovery: Recovery, moves: readonly Move[]): WorkflowTask {
  const stage = stageOf(recovery, moves);
  const ended = moves.filter(isEnded).toSorted((a, b) => (a.endedAtMs ?? 0) - (b.endedAtMs ?? 0));
  const shareOf = (count: number): number => (moves.length === 0 ? 1 : count / moves.length);
  const steps = ended.map((move, index): Step => ({
    atMs: move.endedAtMs ?? recovery.createdAtMs,
    message: describe(move),
    progress: shareOf(index + 1),
  }));
  const hasFailed = moves.some(({ state }) => state === 'failed');
  const states: Readonly<Record<Stage, TaskState>> = {
    untouched: 'PENDING',
    isolating: 'PENDING',
    evacuating: 'RUNNING',
    ended: hasFailed ? 'FAILURE' : 'SUCCESS',
    'cut short': 'FAILURE',
  };
  const state = states[stage];
  return { name: 'evacuate_instances_task', state, progress: state === 'PENDING' ? 0 : shareOf(ended.length), steps };
}

function describe({ instanceId, name, reason, state, targetHost }: Move): string {
  const why = reason === undefined ? '' : `: ${reason}`;
  if (state === 'done') return `${name} (${instanceId}) runs on ${targetHost ?? 'another host'}${why}`;
  return state === 'failed' ? `${name} (${instanceId}) failed${why}` : `${name} (${instanceId}) needs no move${why}`;
}
