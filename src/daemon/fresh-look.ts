import type { ClusterSnapshot } from '../crm/snapshot.ts';
import type { Clock } from '../ports.ts';

/** Readings for askers begin at most this often: the API takes no token, and a reading costs some 0.1 s of CPU. */
const AT_MOST_EVERY_MS = 1_000;

interface Waiting {
  readonly askedAtMs: number;
  readonly settle: (seen: boolean) => void;
}

/**
 * Waits for a reading of the cluster that began after the question. What was read before may show a host as up that was
 * fenced since, and is asking whether it may start (seen in the lab: back two seconds after its fencing).
 */
export class FreshLook {
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #patienceMs: number;
  #waiting: readonly Waiting[] = [];
  #wokenAtMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  /** `wake`: have the cluster read now. */
  constructor(clock: Clock, wake: () => void, patienceMs: number) {
    this.#clock = clock;
    this.#wake = wake;
    this.#patienceMs = patienceMs;
  }

  /** Resolves with false when no such reading has come in time. */
  ask(): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(this.#patienceMs, () => {
        waiting.settle(false);
      });
      const waiting: Waiting = {
        askedAtMs: this.#clock.now(),
        settle: (seen) => {
          cancel();
          this.#waiting = this.#waiting.filter((one) => one !== waiting);
          resolve(seen);
        },
      };
      this.#waiting = [...this.#waiting, waiting];
      this.#wakeSoon();
    });
  }

  /** A snapshot was read, and what follows from it is known. */
  seen(snapshot: Pick<ClusterSnapshot, 'readAtMs'>): void {
    for (const { askedAtMs, settle } of this.#waiting) if (snapshot.readAtMs >= askedAtMs) settle(true);
  }

  #wakeSoon(): void {
    if (this.#cancel !== undefined) return;
    const waitMs = this.#wokenAtMs + AT_MOST_EVERY_MS - this.#clock.monotonic();
    this.#cancel = this.#clock.schedule(Math.max(0, waitMs), () => {
      this.#cancel = undefined;
      this.#wokenAtMs = this.#clock.monotonic();
      this.#wake();
    });
  }
}
