import type { Store } from '../store/store.ts';
import type { Segment } from './segment.ts';
import { Segments } from './segments.ts';

/** The segments as the store has them, read again when somebody changes them. */
export class KnownSegments {
  readonly #store: Pick<Store, 'segments'>;
  #all: readonly Segment[] = [];
  #current = new Segments([]);
  #isStale = false;

  constructor(store: Pick<Store, 'segments'>) {
    this.#store = store;
  }

  get all(): readonly Segment[] {
    return this.#all;
  }

  get current(): Segments {
    return this.#current;
  }

  take(all: readonly Segment[]): void {
    this.#all = all;
    this.#current = new Segments(all);
    this.#isStale = false;
  }

  /** When it resolves, what was written is what the engine goes by. */
  async change(write: () => Promise<void>): Promise<void> {
    try {
      await write();
      this.take(await this.#store.segments());
    } catch (error) {
      // It may have been written all the same.
      this.#isStale = true;
      throw error;
    }
  }

  /** What could not be read after a change is read now. */
  async settle(): Promise<void> {
    if (this.#isStale) this.take(await this.#store.segments());
  }
}
