import type { Clock } from '../ports.ts';

/** Who has not asked for this long is at something else, a slow call for instance, and keeps nobody waiting. */
const TURN_MS = 2_000;

/**
 * The bound on evacuations in flight, over all hosts together. A recovery reserves places before it asks Nova what it may
 * send, and they go to one recovery after the other: when every waiting recovery of a storm looked at Nova for the same
 * free place, and many of them had a few evacuations to follow each, the looks would outnumber the instances.
 */
export class Places {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #inFlight: () => number;
  /** When each of those that wait asked last; the first of them has its turn. */
  readonly #turns = new Map<object, number>();
  #reserved = 0;

  /** `inFlight`: evacuations under way now, of all recoveries. */
  constructor(limit: number, clock: Clock, inFlight: () => number) {
    this.#limit = limit;
    this.#clock = clock;
    this.#inFlight = inFlight;
  }

  get free(): number {
    return Math.max(0, this.#limit - this.#inFlight() - this.#reserved);
  }

  /** Takes up to `wanted` places, when it is the turn of `who`, and answers how many; all of them have to be released. */
  reserve(who: object, wanted: number): number {
    if (wanted <= 0) {
      this.#turns.delete(who);
      return 0;
    }
    const now = this.#clock.monotonic();
    this.#turns.set(who, now);
    const first = [...this.#turns].find(([, askedAtMs]) => now - askedAtMs <= TURN_MS);
    if (first?.[0] !== who) return 0;
    const taken = Math.min(wanted, this.free);
    if (taken === wanted) this.#turns.delete(who);
    this.#reserved += taken;
    return taken;
  }

  release(count: number): void {
    this.#reserved -= count;
  }

  /** It could not use what it had: the others first. */
  stepBack(who: object): void {
    this.#turns.delete(who);
  }
}
