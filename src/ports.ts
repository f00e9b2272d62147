/**
 * The narrow ports through which everything that decides reaches the world. The daemon gives real ones, the tests and
 * the simulator virtual ones.
 */

export interface Clock {
  /** Milliseconds since the epoch, UTC. May jump, as real clocks do. */
  now(): number;
  /** Milliseconds of a clock that never jumps; only differences mean anything. */
  monotonic(): number;
  /** Runs `task` once after `delayMs`. The returned function cancels it. */
  schedule(delayMs: number, task: () => void): () => void;
}

/** Resolves after `delayMs` of `clock`; rejects with the signal's reason when aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(asError(signal.reason));
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(asError(signal?.reason));
    };
    const cancel = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

export interface Randomness {
  /** A number in [0, 1). */
  next(): number;
  uuid(): string;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** What pino offers and we use: fields first, then one sentence. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}
