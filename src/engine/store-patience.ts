import { isLifeboatError, messageOf, type LifeboatError } from '../errors.ts';
import { sleep, type Clock, type Logger } from '../ports.ts';

/** Between two tries of what was cut off by an error: the store's, or a defect's. */
export const AGAIN_MS = 5_000;

/** Reads that must not fail: without what is in the store nothing can be done at all. */
export class StorePatience {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #failure: LifeboatError | undefined;

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Why it is waiting, if so. */
  get failure(): LifeboatError | undefined {
    return this.#failure;
  }

  /** Does it again until the store answers, or `signal` aborts. */
  async until<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isLifeboatError(error, 'STORE_UNUSABLE', 'STORE_DAMAGED')) throw error;
        this.#failure = error;
        this.#logger.warn({ error: messageOf(error) }, `the store cannot be read, trying again: ${messageOf(error)}`);
        await sleep(this.#clock, AGAIN_MS, signal);
        this.#failure = undefined;
      }
    }
  }
}
