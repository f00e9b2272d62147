import type { Hold } from '../bridge/verdict.ts';
import { isLifeboatError, messageOf, type LifeboatError } from '../errors.ts';
import type { Cloud, RecordedAction } from '../openstack/cloud.ts';
import type { Logger } from '../ports.ts';
import { allEnded } from './all-ended.ts';
import { backoffMs } from './backoff.ts';
import type { Step } from './judgement.ts';
import type { Move } from './move.ts';
import type { MoveBook } from './move-book.ts';
import { leaveForItsQueue } from './preparation.ts';
import { sendOutcome } from './send-outcome.ts';

export interface StepPorts {
  readonly cloud: Cloud;
  readonly logger: Logger;
  readonly limits: { readonly attempts: number; readonly retryDelayMs: number };
  /** Undefined while effects are allowed. Asked before each group of calls, for each takes its time. */
  readonly permission: () => Hold | undefined;
}

const AT_ONE_TIME = 10;

/**
 * Makes the calls before and after the evacuations. Each move is on disk before its call, so that an engine that comes
 * after this one finds what it should be in the end, also when Nova has forgotten it (S4). Answers with the first error
 * that speaks of Nova as a whole, if there was one.
 */
export async function takeSteps(
  steps: readonly Step[],
  book: MoveBook,
  ports: StepPorts,
  signal: AbortSignal,
): Promise<LifeboatError | undefined> {
  let error: LifeboatError | undefined;
  const mayGoOn = (): boolean => error === undefined && ports.permission() === undefined;
  for (let start = 0; start < steps.length && mayGoOn(); start += AT_ONE_TIME) {
    const some = steps.slice(start, start + AT_ONE_TIME);
    await book.write(some.filter(({ kind }) => kind !== 'ask').map(({ move }) => move));
    const errors = await allEnded(some.map((step) => takeStep(step, book, ports, signal)));
    error = errors.find((each) => each !== undefined);
  }
  return error;
}

async function takeStep(
  step: Step,
  book: MoveBook,
  ports: StepPorts,
  signal: AbortSignal,
): Promise<LifeboatError | undefined> {
  try {
    await call(step, book, ports.cloud, signal);
  } catch (error) {
    if (!isLifeboatError(error)) throw error;
    const { sourceHost: host, instanceId: instance, name } = step.move;
    ports.logger.warn({ host, instance, code: error.code }, `${name}: ${messageOf(error)}`);
    const outcome = sendOutcome(error);
    if (step.kind === 'ask') return outcome === 'refused' ? undefined : error;
    if (outcome === 'refused') return refused(step, error, book, ports);
    // Unknown: what Nova shows after a while decides, as after an evacuate. What never came to Nova is asked for again.
    const state = outcome === 'not-taken' && step.kind !== 'restore' ? 'waiting' : step.move.state;
    await book.write([{ ...step.move, state, reason: error.message }]);
    return error;
  }
  return undefined;
}

async function call(step: Step, book: MoveBook, cloud: Cloud, signal: AbortSignal): Promise<void> {
  const { instanceId } = step.move;
  switch (step.kind) {
    case 'ask':
      return ask(step, book, cloud, signal);
    case 'reset':
      return cloud.resetState(instanceId, signal);
    case 'restore':
      return cloud.act(instanceId, step.action, signal);
    case 'confirm':
      try {
        return await cloud.act(instanceId, 'confirm-resize', signal);
      } catch (error) {
        // Its resize has no record that can be confirmed any more: an earlier confirmation is under way, and would wreck
        // an evacuation that ran beside it (seen; docs/decisions/0024).
        if (isLifeboatError(error, 'CLOUD_BAD_REQUEST')) return;
        if (!isLifeboatError(error) || sendOutcome(error) !== 'refused') throw error;
        // The source of the resize is down too, or was this very host: nobody can confirm it.
        return cloud.resetState(instanceId, signal);
      }
  }
}

async function ask(
  { move, instance }: Extract<Step, { kind: 'ask' }>,
  book: MoveBook,
  cloud: Cloud,
  signal: AbortSignal,
): Promise<void> {
  const last = await cloud.lastAction(instance.id, signal);
  if (hasBegun(last, move.sourceHost)) return book.noteCallTaken(move);
  const { state, reason } = leaveForItsQueue(instance, last?.name ?? 'last call', move.sourceHost);
  await book.write([{ ...move, state, reason }]);
}

/** `compute_prep_resize` is the work of the target of a resize; the host's own part of it comes after that. */
function hasBegun(last: RecordedAction | undefined, host: string): boolean {
  const begun = last?.begun ?? [];
  return begun.some((each) => each.event !== 'compute_prep_resize' && (each.host ?? host) === host);
}

async function refused(
  step: Exclude<Step, { kind: 'ask' }>,
  error: LifeboatError,
  book: MoveBook,
  { limits }: StepPorts,
): Promise<undefined> {
  const move: Move = { ...step.move, reason: error.message };
  if (step.kind === 'restore') {
    // Perhaps it is in the state already; if the next look says otherwise, there is nothing to be had by asking again.
    await book.write([{ ...move, failures: limits.attempts }], () => limits.retryDelayMs);
    return undefined;
  }
  const failures = move.failures + 1;
  const state = failures >= limits.attempts ? 'failed' : 'waiting';
  await book.write([{ ...move, state, failures }], () => backoffMs(failures, limits.retryDelayMs));
  return undefined;
}
