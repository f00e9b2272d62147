import { isLifeboatError, messageOf, type LifeboatError } from '../errors.ts';
import type { Cloud } from '../openstack/cloud.ts';
import type { Logger } from '../ports.ts';
import { allEnded } from './all-ended.ts';
import { backoffMs } from './backoff.ts';
import type { Move } from './move.ts';
import type { MoveBook } from './move-book.ts';
import { sendOutcome } from './send-outcome.ts';

export interface SendPorts {
  readonly cloud: Cloud;
  readonly logger: Logger;
  readonly limits: { readonly attempts: number; readonly retryDelayMs: number };
}

/**
 * Sends as many of the moves as there is room for, all at once; each is on disk as `sending` before its call and with its
 * outcome after it. Answers with the first error that speaks of Nova as a whole, if there was one.
 */
export async function sendMoves(
  ready: readonly Move[],
  book: MoveBook,
  ports: SendPorts,
  targetOf: (move: Move) => string | undefined,
  onAccepted: (move: Move) => Promise<void>,
  signal: AbortSignal,
): Promise<LifeboatError | undefined> {
  const chosen = ready.slice(0, book.roomFor(ready));
  const sending = await book.write(chosen.map((move): Move => ({ ...move, state: 'sending', reason: undefined })));
  const errors = await allEnded(sending.map((move) => sendOne(move, targetOf(move), book, ports, onAccepted, signal)));
  return errors.find((error) => error !== undefined);
}

async function sendOne(
  move: Move,
  target: string | undefined,
  book: MoveBook,
  { cloud, limits, logger }: SendPorts,
  onAccepted: (move: Move) => Promise<void>,
  signal: AbortSignal,
): Promise<LifeboatError | undefined> {
  try {
    await cloud.evacuate(move.instanceId, move.way?.target ?? target, signal);
  } catch (error) {
    if (!isLifeboatError(error)) throw error;
    const { sourceHost: host, instanceId: instance } = move;
    logger.warn({ host, instance, code: error.code }, `${move.name}: ${messageOf(error)}`);
    const outcome = sendOutcome(error);
    if (outcome === 'refused') {
      const failures = move.failures + 1;
      const state = failures >= limits.attempts ? 'failed' : 'waiting';
      const refused = book.afterAttempt(move, { ...move, state, failures, reason: error.message });
      const delayMs = refused.failures > move.failures ? backoffMs(refused.failures, limits.retryDelayMs) : 0;
      await book.write([refused], () => delayMs);
      return undefined;
    }
    // Unknown: the move stays `sending` until Nova shows a trace, or has shown none for long enough.
    const state = outcome === 'not-taken' ? 'waiting' : 'sending';
    await book.write([{ ...move, state, reason: error.message }]);
    return error;
  }
  const accepted: Move = { ...move, state: 'accepted' };
  await book.write([accepted]);
  await onAccepted(accepted);
  return undefined;
}
