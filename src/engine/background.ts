import { messageOf } from '../errors.ts';
import type { Logger } from '../ports.ts';

/** Work beside the reading of the cluster. Its errors are logged, and it is tried again with the next snapshot. */
export class Background {
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #tasks = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Aborts when the engine stops, for whatever reason. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  run(what: string, work: () => Promise<void>): void {
    const task = work()
      .catch((error: unknown) => {
        if (!this.signal.aborted) this.#logger.warn({ error: messageOf(error) }, `${what}: ${messageOf(error)}`);
      })
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  stop(reason: Error): void {
    this.#stop.abort(reason);
  }

  async ended(): Promise<void> {
    await Promise.allSettled(this.#tasks);
  }
}
