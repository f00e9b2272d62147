import { createHash } from 'node:crypto';
import { isLifeboatError, messageOf } from '../../errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Authenticate, Authentication } from './authenticate.ts';
import type { Caller } from './caller.ts';

export interface KeystoneTokensPorts {
  /** Undefined: Keystone knows no such token. Throws CLOUD_… when it cannot be asked. */
  readonly check: (token: string) => Promise<Caller | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long an answer is believed; a token that is revoked is refused after this long. */
  readonly cacheMs: number;
}

interface Known {
  readonly answer: Promise<Authentication>;
  readonly untilMs: number;
}

/** Nobody has this many tokens in use; whoever sends more, sends rubbish. */
const MOST = 2_000;
const REFUSED_MS = 10_000;
/** Between two questions to a Keystone that does not answer. */
const AWAY_MS = 1_000;
/** Of Keystone's tokens the longest has some hundreds of characters. */
const LONGEST = 4_096;

/** Asks Keystone about each token once in a while. Keeps no token, but what it hashes to. */
export function keystoneTokens({ check, clock, logger, cacheMs }: KeystoneTokensPorts): Authenticate {
  const known = new Map<string, Known>();

  const ask = async (token: string): Promise<Authentication> => {
    try {
      const caller = await check(token);
      return caller === undefined ? { kind: 'refused' } : { kind: 'caller', caller };
    } catch (error) {
      if (!isLifeboatError(error)) throw error;
      logger.error({ error: messageOf(error) }, `a token cannot be checked: ${messageOf(error)}`);
      return { kind: 'unavailable' };
    }
  };

  return async (token) => {
    if (token === undefined || token === '' || token.length > LONGEST) return { kind: 'refused' };
    const key = createHash('sha256').update(token).digest('base64');
    const now = clock.monotonic();
    const found = known.get(key);
    if (found !== undefined && found.untilMs > now) return found.answer;
    const answer = ask(token);
    known.delete(key);
    if (known.size >= MOST) known.delete(known.keys().next().value ?? '');
    // Whoever comes with it meanwhile waits for the same answer.
    known.set(key, { answer, untilMs: Number.POSITIVE_INFINITY });
    const { kind } = await answer.catch((error: unknown) => {
      known.delete(key);
      throw error;
    });
    const forMs = kind === 'caller' ? cacheMs : kind === 'refused' ? Math.min(REFUSED_MS, cacheMs) : AWAY_MS;
    known.set(key, { answer, untilMs: clock.monotonic() + forMs });
    return answer;
  };
}
