import type { Clock, Randomness } from '../ports.ts';

const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 10_000, 15_000] as const;

/** How long we have waited for a failing Nova, and when to ask again. It never gives up: a failure is not lost (S4). */
export class CloudPatience {
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #patienceMs: number;
  #failures = 0;
  #sinceMs = 0;

  constructor(clock: Clock, randomness: Randomness, patienceMs: number) {
    this.#clock = clock;
    this.#randomness = randomness;
    this.#patienceMs = patienceMs;
  }

  answered(): void {
    this.#failures = 0;
  }

  /** `exhausted`: it has failed for so long that an operator must be told. */
  failed(): { readonly pauseMs: number; readonly exhausted: boolean } {
    const now = this.#clock.monotonic();
    if (this.#failures === 0) this.#sinceMs = now;
    const backoffMs = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length - 1)] ?? 15_000;
    this.#failures += 1;
    const pauseMs = Math.round(backoffMs * (0.8 + 0.4 * this.#randomness.next()));
    return { pauseMs, exhausted: now - this.#sinceMs >= this.#patienceMs };
  }
}
