/** Of the landings that tell how long Nova takes now. */
const REMEMBERED = 20;
/** Before that many landings the shortest of them says little. */
const ENOUGH = 5;

/**
 * When to look at Nova again, as a share of the time that an evacuation takes there: so the number of looks does not
 * depend on how fast Nova is. Measured and reasoned in docs/decisions/0025.
 */
export class Pace {
  readonly #shortestMs: number;
  readonly #longestMs: number;
  #durationsMs: readonly number[] = [];

  /** `followMs`: the longest pause. */
  constructor(followMs: number) {
    this.#longestMs = followMs;
    this.#shortestMs = followMs / 10;
  }

  /** Nova took this long for an evacuation, from its acceptance to the end of its record as we saw it. */
  landed(durationMs: number): void {
    this.#durationsMs = [...this.#durationsMs, durationMs].slice(-REMEMBERED);
  }

  /**
   * `oldestMs`: age of the oldest evacuation in flight. `refill`: others wait for its place, so that each moment between
   * its end and our look is lost.
   */
  pauseMs(oldestMs: number, refill: boolean): number {
    const sorted = this.#durationsMs.toSorted((a, b) => a - b);
    const typicalMs = sorted[Math.floor(sorted.length / 2)];
    const share = typicalMs === undefined ? Math.max(this.#longestMs / 4, oldestMs / 8) : typicalMs / (refill ? 12 : 6);
    const shortest = sorted[0];
    const quietMs = shortest === undefined || sorted.length < ENOUGH ? 0 : 0.8 * shortest - oldestMs;
    return Math.min(this.#longestMs, Math.max(this.#shortestMs, share, quietMs));
  }
}
