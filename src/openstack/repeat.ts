import { isLifeboatError } from '../errors.ts';
import type { LifeboatError } from '../errors.ts';
import { sleep } from '../ports.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import type { Reply } from './failure.ts';
import type { Timings } from './timings.ts';

export interface Patience {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly timings: Timings;
}

/**
 * Tries what is safe to repeat (GET, the PUTs of a service, a login) until it is answered by something else than
 * trouble, or the attempts or the time are used up; the last outcome is the result then.
 */
export async function repeat(
  patience: Patience,
  what: string,
  signal: AbortSignal | undefined,
  attempt: () => Promise<Reply>,
): Promise<Reply> {
  const { clock, randomness, logger, timings } = patience;
  const startedAt = clock.monotonic();
  for (let tried = 1; ; tried += 1) {
    const outcome = await settle(attempt);
    if (!isTrouble(outcome)) return finish(outcome);
    const ceiling = Math.min(timings.maxBackoffMs, timings.backoffMs * 2 ** (tried - 1));
    // Half of it is chance: controllers that lost the same endpoint at one moment do not come back at one moment.
    const backoffMs = ceiling / 2 + (ceiling / 2) * randomness.next();
    const pauseMs = Math.max(backoffMs, retryAfterMs(outcome, clock));
    const spentMs = clock.monotonic() - startedAt;
    if (tried >= timings.attempts || spentMs + pauseMs > timings.budgetMs) return finish(outcome);
    logger.debug({ what, tried, pauseMs: Math.round(pauseMs) }, 'the cloud did not answer well, trying again');
    await sleep(clock, pauseMs, signal);
  }
}

type Outcome = { readonly reply: Reply } | { readonly error: LifeboatError };

async function settle(attempt: () => Promise<Reply>): Promise<Outcome> {
  try {
    return { reply: await attempt() };
  } catch (error) {
    if (!isLifeboatError(error)) throw error;
    return { error };
  }
}

function isTrouble(outcome: Outcome): boolean {
  if ('error' in outcome) return isLifeboatError(outcome.error, 'CLOUD_UNREACHABLE', 'CLOUD_TIMED_OUT');
  return outcome.reply.status >= 500 || outcome.reply.status === 429;
}

function finish(outcome: Outcome): Reply {
  if ('error' in outcome) throw outcome.error;
  return outcome.reply;
}

/** Retry-After in its two forms: seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMs(outcome: Outcome, clock: Clock): number {
  const text = 'reply' in outcome ? outcome.reply.headers['retry-after'] : undefined;
  if (text === undefined) return 0;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - clock.now());
}
