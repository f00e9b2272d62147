import { createHash } from 'node:crypto';
import { isLifeboatError, LifeboatError, messageOf } from '../../errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Authenticate, Authentication } from './authenticate.ts';
import type { TokenHolder } from './caller.ts';

export interface KeystoneTokensPorts {
  /** Undefined: Keystone knows no such token. Throws CLOUD_… when it cannot be asked. */
  readonly check: (token: string, signal: AbortSignal) => Promise<TokenHolder | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long an answer is believed; a token that is revoked is refused after this long. */
  readonly cacheMs: number;
}

interface Known {
  readonly answer: Authentication;
  /** Until then Keystone is not asked again, and no longer is the answer believed. */
  readonly untilMs: number;
}

/** Nobody has this many tokens in use; whoever sends more, sends rubbish. */
const MOST = 2_000;
const REFUSED_MS = 10_000;
/** Between two questions to a Keystone that does not answer. */
const AWAY_MS = 1_000;
/** A monitor must not wait for a Keystone that hangs until it gives up itself. */
const PATIENCE_MS = 5_000;
/** Of Keystone's tokens the longest has some hundreds of characters. */
const LONGEST = 4_096;

/** Asks Keystone about each token once in a while. Keeps no token, but what it hashes to. */
export function keystoneTokens(ports: KeystoneTokensPorts): Authenticate {
  const { clock } = ports;
  const ask = teller(ports);
  const asked = new Map<string, Promise<Authentication>>();
  // Apart, so that rubbish does not push out whom Keystone knows.
  const callers = new Map<string, Known>();
  const others = new Map<string, Known>();

  const learn = async (key: string, token: string): Promise<Authentication> => {
    const known = await ask(token);
    const isCaller = known.answer.kind === 'caller';
    for (const book of [callers, others]) book.delete(key);
    remember(isCaller ? callers : others, key, known);
    return known.answer;
  };

  return (token) => {
    if (token === undefined || token === '' || token.length > LONGEST) return Promise.resolve({ kind: 'refused' });
    const key = createHash('sha256').update(token).digest('base64');
    const known = callers.get(key) ?? others.get(key);
    if (known !== undefined && known.untilMs > clock.monotonic()) return Promise.resolve(known.answer);
    // Whoever comes with it meanwhile waits for the same answer.
    const answer =
      asked.get(key) ??
      learn(key, token).finally(() => {
        asked.delete(key);
      });
    asked.set(key, answer);
    return answer;
  };
}

function remember(book: Map<string, Known>, key: string, known: Known): void {
  if (book.size >= MOST) book.delete(book.keys().next().value ?? '');
  book.set(key, known);
}

/** Asks about one token. Tells once that Keystone is away, and once that it is back. */
function teller({ cacheMs, check, clock, logger }: KeystoneTokensPorts) {
  let failure: string | undefined;

  return async (token: string): Promise<Known> => {
    try {
      const holder = await withPatience(clock, (signal) => check(token, signal));
      if (failure !== undefined) logger.info({}, 'tokens can be checked again');
      failure = undefined;
      const now = clock.monotonic();
      if (holder === undefined || holder.leftMs <= 0) {
        return { answer: { kind: 'refused' }, untilMs: now + Math.min(REFUSED_MS, cacheMs) };
      }
      return { answer: { kind: 'caller', caller: holder }, untilMs: now + Math.min(cacheMs, holder.leftMs) };
    } catch (error) {
      if (!isLifeboatError(error)) throw error;
      const reason = messageOf(error);
      if (reason !== failure) logger.error({ error: reason }, `tokens cannot be checked: ${reason}`);
      failure = reason;
      return { answer: { kind: 'unavailable' }, untilMs: clock.monotonic() + AWAY_MS };
    }
  };
}

/** Throws CLOUD_TIMED_OUT when the work has not ended by itself by then. */
async function withPatience<T>(clock: Clock, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const cancel = clock.schedule(PATIENCE_MS, () => {
    const what = `Keystone has not answered within ${PATIENCE_MS / 1000} s`;
    late.abort(new LifeboatError('CLOUD_TIMED_OUT', what));
  });
  try {
    return await work(late.signal);
  } finally {
    cancel();
  }
}
