import type { Clock } from '../ports.ts';

/** Who has not asked for this long is at something else, a slow call for instance, and keeps nobody waiting. */
const TURN_MS = 2_000;

interface Turn {
  readonly askedAtMs: number;
  /** Of the most important that waits; see order/rank.ts. */
  readonly weight: number;
}

/**
 * The bound on evacuations in flight, over all hosts together. A recovery reserves places before it asks Nova what it may
 * send, and they go to the most important that waits, and among equals to one recovery after the other: when every waiting
 * recovery of a storm looked at Nova for the same free place, and many of them had a few evacuations to follow each, the
 * looks would outnumber the instances.
 */
export class Places {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #inFlight: () => number;
  /** When each of those that wait asked last; among equals the first of them has its turn. */
  readonly #turns = new Map<object, Turn>();
  /** Had their turn and could not use it: all others come before them, however important they are. Longest ago first. */
  readonly #passedOver = new Set<object>();
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

  /** Lets the others know what waits, before places are given out. `weights`: the greatest first. */
  announce(who: object, weights: readonly number[]): void {
    const [weight] = weights;
    if (weight === undefined) this.#turns.delete(who);
    else this.#turns.set(who, { askedAtMs: this.#clock.monotonic(), weight });
  }

  /** Takes places for those that wait, when it is the turn of `who`, and answers how many; all have to be released. */
  reserve(who: object, weights: readonly number[]): number {
    this.announce(who, weights);
    if (weights.length === 0 || this.#next() !== who) return 0;
    const taken = this.share(who, weights);
    if (taken === weights.length) this.#turns.delete(who);
    if (taken > 0) this.#passOn(who);
    this.#reserved += taken;
    return taken;
  }

  /** How many of these may be sent now: as many as are free, and none before a more important one of another recovery. */
  share(who: object, weights: readonly number[]): number {
    let greatest = 0;
    for (const [other, { weight }] of this.#eager) if (other !== who) greatest = Math.max(greatest, weight);
    const before = weights.findIndex((weight) => weight < greatest);
    return Math.min(before === -1 ? weights.length : before, this.free);
  }

  release(count: number): void {
    this.#reserved -= count;
  }

  /** It could not use what it had: the others first. */
  stepBack(who: object): void {
    this.#turns.delete(who);
    this.#passedOver.delete(who);
    this.#passedOver.add(who);
  }

  /** One that was passed over has its turn again; when another one has had it, all are as they were. */
  #passOn(who: object): void {
    if (!this.#passedOver.delete(who)) this.#passedOver.clear();
  }

  #next(): object | undefined {
    let next: { readonly who: object; readonly weight: number } | undefined;
    for (const [who, { weight }] of this.#eager) {
      if (next === undefined || weight > next.weight) next = { who, weight };
    }
    if (next !== undefined) return next.who;
    const fresh = new Set(this.#fresh.map(([who]) => who));
    return [...this.#passedOver].find((who) => fresh.has(who));
  }

  get #eager(): readonly (readonly [object, Turn])[] {
    return this.#fresh.filter(([who]) => !this.#passedOver.has(who));
  }

  /** Those that have asked lately, in the order in which they came. */
  get #fresh(): readonly (readonly [object, Turn])[] {
    const now = this.#clock.monotonic();
    return [...this.#turns].filter(([, { askedAtMs }]) => now - askedAtMs <= TURN_MS);
  }

  /** It has ended, and waits for nothing any more. */
  forget(who: object): void {
    this.#turns.delete(who);
    this.#passedOver.delete(who);
  }
}
