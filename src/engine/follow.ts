import type { Cloud } from '../openstack/cloud.ts';
import type { Clock } from '../ports.ts';
import { HostWatch } from './host-watch.ts';
import type { HostWitness } from './host-witness.ts';
import type { MoveBook } from './move-book.ts';
import { Pace } from './pace.ts';
import type { Places } from './places.ts';
import type { Sights } from './sights.ts';

export interface FollowPorts {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly places: Places;
  readonly limits: {
    /** The longest pause between two looks at Nova while moves are in flight; other rhythms are multiples of it. */
    readonly followMs: number;
  };
}

/** What was asked for longer before the look that is acted on is no ground to send by (S3, S9). */
const FRESH_MS = 2_000;
/**
 * A slow Nova makes what it answers old before it is here; were that held against it, nothing would ever be sent. Of a look
 * that takes longer than this nothing is sent.
 */
const LONGEST_LOOK_MS = 30_000;
/** Multiples of `followMs`: how old a reading may be to send by, and when the host is looked at without a need. */
const REUSE = 1.5;
const SWEEP = 5;
const IDLE_SWEEP = 30;

/** Decides what Nova is asked about the moves of one recovery, and when: with the fewest calls (docs/decisions/0025). */
export class Follow {
  readonly #ports: FollowPorts;
  readonly #moves: MoveBook;
  readonly #witness: HostWitness;
  readonly #watch: HostWatch;
  readonly #pace: Pace;
  /** Places held while Nova is asked what may be sent. */
  #reserved = 0;
  /** How long the last look took, up to the moment when it was acted on. */
  #lookMs = 0;

  constructor(ports: FollowPorts, host: string, moves: MoveBook, witness: HostWitness) {
    this.#ports = ports;
    this.#moves = moves;
    this.#witness = witness;
    this.#watch = new HostWatch(ports, host);
    this.#pace = new Pace(ports.limits.followMs);
  }

  get sights(): Sights {
    return this.#watch.sights;
  }

  /** What is known is new enough to send by. */
  get isFresh(): boolean {
    const freshMs = FRESH_MS + Math.min(this.#lookMs, LONGEST_LOOK_MS);
    return this.#watch.listAgeMs <= freshMs && this.#witness.ageMs <= freshMs;
  }

  /** The recovery has ended; it is kept to be shown, and what was read for it would be kept with it. */
  forget(): void {
    this.#watch.forget();
    this.#ports.places.forget(this.#moves);
  }

  /** Everything on the host, and everything that was evacuated from it. */
  async readHost(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#watch.readList(signal), this.#watch.readRecords(signal)]);
  }

  /**
   * One look, and what follows from it. `arrivals` runs when the list of the host is new, `act` after the look; neither
   * runs when all that is left waits for its turn. Answers the pause until the next round, in ms.
   */
  async round(arrivals: () => Promise<void>, act: () => Promise<void>, signal: AbortSignal): Promise<number> {
    const { clock, limits, places } = this.#ports;
    const { isWaiting } = this.#moves;
    this.#reserve();
    try {
      const isDue = this.#watch.listAgeMs > limits.followMs * (isWaiting ? IDLE_SWEEP : SWEEP);
      const looksAround = isDue || this.#witness.isBeating;
      if (this.#reserved === 0 && isWaiting && !looksAround) return limits.followMs / 4;
      const { listedAtMs } = this.sights;
      const lookedAtMs = clock.monotonic();
      await this.#look(looksAround, listedAtMs, signal);
      this.#lookMs = clock.monotonic() - lookedAtMs;
      // By a list of before, a move that has ended well since would seem to have come back.
      if (this.sights.listedAtMs !== listedAtMs) await arrivals();
      const { inFlight } = this.#moves;
      const hadPlaces = this.#giveBack() > 0;
      await act();
      if (hadPlaces && this.#moves.inFlight === inFlight) places.stepBack(this.#moves);
      return this.#pauseMs();
    } finally {
      this.#giveBack();
    }
  }

  /**
   * The records tell what has ended, and so which places are free. Only for what may be sent, and now and then for what
   * came, went or failed, the list of the host is read and the second witness heard.
   */
  async #look(looksAround: boolean, listedAtMs: number, signal: AbortSignal): Promise<void> {
    const [moves, watch] = [this.#moves, this.#watch];
    const isRead = looksAround || this.#reserved > 0;
    await Promise.all([watch.readRecords(signal), isRead ? this.#readForSending(signal) : undefined]);
    for (const durationMs of moves.noteLanded(this.sights)) this.#pace.landed(durationMs);
    if (this.#reserved === 0) this.#reserve();
    if (this.#reserved > 0 && !isRead) await this.#readForSending(signal);
    if (moves.hasOpenQuestion(this.sights)) await watch.readList(signal);
    const listIsNew = this.sights.listedAtMs !== listedAtMs;
    await watch.readInstances(moves.nextToAsk(this.sights, listIsNew, this.#ports.limits.followMs), signal);
  }

  /** Not again what is new enough. */
  async #readForSending(signal: AbortSignal): Promise<void> {
    const reuseMs = this.#ports.limits.followMs * REUSE;
    await Promise.all([
      this.#watch.listAgeMs > reuseMs ? this.#watch.readList(signal) : undefined,
      this.#witness.listen(reuseMs, signal),
    ]);
  }

  #reserve(): void {
    const waiting = this.#witness.isBeating ? [] : this.#moves.sendableWeights;
    this.#reserved += this.#ports.places.reserve(this.#moves, waiting);
  }

  #giveBack(): number {
    const reserved = this.#reserved;
    this.#reserved = 0;
    this.#ports.places.release(reserved);
    return reserved;
  }

  #pauseMs(): number {
    const { inFlight, oldestInFlightMs, sendable } = this.#moves;
    if (this.#witness.isBeating || inFlight === 0) return this.#ports.limits.followMs;
    return this.#pace.pauseMs(oldestInFlightMs, sendable > 0);
  }
}
