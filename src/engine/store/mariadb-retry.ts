import { messageOf } from '../../errors.ts';
import { sleep, type Clock, type Logger, type Randomness } from '../../ports.ts';
import { troubleOf } from './mariadb-trouble.ts';
import type { Retry } from './transactions.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Runs a transaction again as a whole while that can help: at most for `patienceMs`, then its last error is the result. A
 * commit whose answer was lost may have happened; that is why each transaction may be run twice (store.ts).
 */
export function retrying(ports: {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly patienceMs: number;
}): Retry {
  const { clock, logger, patienceMs, randomness } = ports;
  return async (work) => {
    const startedAtMs = clock.monotonic();
    for (let tried = 1; ; tried += 1) {
      try {
        return await work();
      } catch (error) {
        const trouble = troubleOf(error);
        const ceilingMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tried - 1));
        const pauseMs = Math.round(ceilingMs * (0.5 + 0.5 * randomness.next()));
        if (trouble === 'hopeless' || clock.monotonic() - startedAtMs + pauseMs > patienceMs) throw error;
        logger.debug({ tried, pauseMs, error: messageOf(error) }, 'the database did not take it, trying again');
        await sleep(clock, pauseMs);
      }
    }
  };
}
