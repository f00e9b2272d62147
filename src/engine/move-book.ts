import type { Clock, Logger } from '../ports.ts';
import { backoffMs } from './backoff.ts';
import { judgeMove } from './judge-move.ts';
import type { MoveLimits, Step } from './judgement.ts';
import { isEnded, isInFlight, type Move } from './move.ts';
import { inOrder } from './order/in-order.ts';
import { USUAL_RANK, weightOf } from './order/rank.ts';
import type { Places } from './places.ts';
import { hasLanded, recordOf, sightOf, type Sights } from './sights.ts';
import { afterFailure } from './segments/next-way.ts';
import type { Way } from './segments/way.ts';
import type { Store } from './store/store.ts';

/** What is known of a move only in this process, by the clock that does not jump. */
interface Timing {
  /** When the move entered its state. After a restart: when it was read back. */
  readonly sinceMs: number;
  readonly notBeforeMs: number;
  /** What Nova showed before this says nothing of the state that the move is in now. */
  readonly seenFromMs: number;
}

interface MoveBookPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: MoveLimits & { readonly retryDelayMs: number };
  readonly places: Places;
  readonly isKeptOut: (host: string) => boolean;
  readonly isProvenDown: (host: string) => boolean;
  /** The group that the move has to wait for; undefined when it may be sent. */
  readonly blockedBy: (move: Move) => string | undefined;
  readonly waysOf: (host: string) => readonly Way[];
  readonly onChange: () => void;
}

/** Landed instances are asked for when there are this many, or when one has waited for that many times `followMs`. */
const MANY = 15;
const LONG = 5;

/** The moves of one recovery. Every change goes through `write`, which puts it on disk. */
export class MoveBook {
  readonly #ports: MoveBookPorts;
  readonly #moves = new Map<string, Move>();
  readonly #timings = new Map<string, Timing>();
  readonly #inFlight = new Set<string>();
  /** Nova has ended their evacuation; the instance is still to be seen. When that was known, and when it was asked for. */
  readonly #landed = new Map<string, { readonly sinceMs: number; readonly askedAtMs: number }>();

  /** Their instance's last call was taken by the dead host before it died: nothing of it waits in a queue. */
  readonly #callTaken = new Set<string>();
  #steps: readonly Step[] = [];
  /** When the instance of a move that is being restored was asked for last. */
  readonly #lookedAtMs = new Map<string, number>();

  constructor(ports: MoveBookPorts, moves: readonly Move[]) {
    this.#ports = ports;
    for (const move of moves) this.#enter(move, 0);
  }

  get all(): readonly Move[] {
    return [...this.#moves.values()];
  }

  get unended(): readonly Move[] {
    return this.all.filter((move) => !isEnded(move));
  }

  /** How many of these, the most important first, may be sent now. */
  roomFor(ready: readonly Move[]): number {
    return this.#ports.places.share(this, ready.map(weightOfMove));
  }

  /** Lets the other recoveries know what waits here, before places are given out. */
  announce(): void {
    this.#ports.places.announce(this, this.sendableWeights);
  }

  /** Nothing is under way for them. */
  get waiting(): readonly Move[] {
    return this.all.filter(({ state }) => state === 'waiting');
  }

  /** Evacuations that Nova is at work on, as far as we know: each takes one of the places. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Of what could be sent now if there were room, the greatest first. */
  get sendableWeights(): readonly number[] {
    return this.all
      .filter((move) => this.#mayBeSent(move))
      .map(weightOfMove)
      .sort((a, b) => b - a);
  }

  /** How many could be sent now if there were room. */
  get sendable(): number {
    return this.all.filter((move) => this.#mayBeSent(move)).length;
  }

  #mayBeSent(move: Move): boolean {
    if (move.state !== 'waiting' || this.#timing(move).notBeforeMs > this.#ports.clock.monotonic()) return false;
    return this.#ports.blockedBy(move) === undefined;
  }

  /** Nothing is under way: all that is left waits for a place or for its time. */
  get isWaiting(): boolean {
    return this.#inFlight.size === 0 && this.#landed.size === 0 && this.unended.length > 0 && !this.#isStepping;
  }

  /** A call before or after an evacuation is under way. */
  get #isStepping(): boolean {
    return this.all.some(({ state }) => state === 'preparing' || state === 'restoring');
  }

  get oldestInFlightMs(): number {
    const since = this.all.filter(({ id }) => this.#inFlight.has(id)).map((move) => this.#timing(move).sinceMs);
    return this.#ports.clock.monotonic() - Math.min(...since);
  }

  /** Frees the places of those whose record says that they have arrived; answers how long each was in flight, in ms. */
  noteLanded(sights: Sights): readonly number[] {
    const now = this.#ports.clock.monotonic();
    const landed = this.all.filter((move) => this.#inFlight.has(move.id) && hasLanded(recordOf(move, sights)));
    for (const { id } of landed) {
      this.#inFlight.delete(id);
      this.#landed.set(id, { sinceMs: now, askedAtMs: Number.NEGATIVE_INFINITY });
    }
    return landed.filter(({ state }) => state === 'accepted').map((move) => now - this.#timing(move).sinceMs);
  }

  /** Only the host's list can tell how it goes on: an evacuation failed, or a call has left no record so far. */
  hasOpenQuestion(sights: Sights): boolean {
    return this.all.some((move) => {
      if (move.state === 'preparing') return true;
      if (!this.#inFlight.has(move.id)) return false;
      const record = recordOf(move, sights);
      const settledAtMs = record && sights.settledAtMs(record);
      const unclear = record === undefined || move.state === 'sending' || settledAtMs !== undefined;
      return unclear && sights.listedAtMs < Math.max(settledAtMs ?? 0, this.#timing(move).seenFromMs);
    });
  }

  /**
   * Whose instances are to be asked for wherever they are: those that have landed, many at one time, those that are being
   * restored there, and those that a new list no longer shows on the host though Nova says nothing of their landing.
   */
  nextToAsk(sights: Sights, listIsNew: boolean, followMs: number): readonly Move[] {
    const now = this.#ports.clock.monotonic();
    const lost = (move: Move): boolean =>
      listIsNew && !this.#landed.has(move.id) && sights.seen(move.instanceId) === undefined;
    const due = [...this.#landed.values()].filter(({ askedAtMs }) => now - askedAtMs >= followMs);
    const oldestMs = now - Math.min(...due.map(({ sinceMs }) => sinceMs));
    const isTime = due.length >= MANY || oldestMs >= LONG * followMs || this.#inFlight.size === 0;
    const asked = this.unended.filter((move) => {
      if (move.state === 'restoring') return now - (this.#lookedAtMs.get(move.id) ?? 0) >= followMs / 2;
      const landed = this.#landed.get(move.id);
      return landed === undefined ? lost(move) : isTime && now - landed.askedAtMs >= followMs;
    });
    for (const { id } of asked) {
      this.#lookedAtMs.set(id, now);
      const landed = this.#landed.get(id);
      if (landed !== undefined) this.#landed.set(id, { ...landed, askedAtMs: now });
    }
    return asked;
  }

  /**
   * Judges every move of which there is news, writes what changed, and answers with those that may be sent now, the most
   * important first.
   */
  async judge(sights: Sights): Promise<readonly Move[]> {
    const { clock, limits } = this.#ports;
    const ready: Move[] = [];
    const steps: Step[] = [];
    const changed: Move[] = [];
    const delays = new Map<string, number>();
    for (const move of this.all) {
      const timing = this.#timing(move);
      const lastCall = this.#callTaken.has(move.id) ? 'taken' : 'unknown';
      const sight = sightOf(move, sights, timing.seenFromMs, this.#ports, lastCall);
      if (sight === undefined) continue;
      const judgement = judgeMove(move, sight, clock.monotonic() - timing.sinceMs, limits);
      // Its target is proven dead: nothing goes on there that would need its place, however long this recovery is held.
      if (judgement.kind === 'step' && judgement.step.kind === 'reset') this.#inFlight.delete(move.id);
      if (judgement.kind === 'step' && timing.notBeforeMs <= clock.monotonic()) steps.push(judgement.step);
      if (judgement.kind === 'ready' && this.#mayBeSent(move)) ready.push(move);
      if (judgement.kind !== 'change' && judgement.kind !== 'retry') continue;
      const next = this.afterAttempt(move, judgement.move);
      changed.push(next);
      if (next.failures > move.failures) delays.set(move.id, backoffMs(next.failures, limits.retryDelayMs));
    }
    this.#steps = steps;
    await this.write(changed, (move) => delays.get(move.id) ?? 0);
    return inOrder(ready);
  }

  /** What becomes of a move whose attempt has failed: the next target or way of its recovery method, if there is one. */
  afterAttempt(before: Move, after: Move): Move {
    if (after.failures <= before.failures) return after;
    return afterFailure(before, after, this.#ports.waysOf(after.sourceHost));
  }

  /** The calls before and after an evacuation that the last judgement asked for. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  noteCallTaken(move: Move): void {
    this.#callTaken.add(move.id);
  }

  /** On disk when it resolves, with their times, to those as written. `delayMs`: how long each of them is not to be sent. */
  async write(moves: readonly Move[], delayMs: (move: Move) => number = () => 0): Promise<readonly Move[]> {
    if (moves.length === 0) return moves;
    const stamped = moves.map((move) => this.#stamp(move));
    for (const move of stamped) {
      this.#log(move);
      this.#enter(move, delayMs(move));
    }
    await this.#ports.store.saveMoves(stamped);
    this.#ports.onChange();
    return stamped;
  }

  #enter(move: Move, delayMs: number): void {
    const now = this.#ports.clock.monotonic();
    const seenFromMs = this.#moves.has(move.id) ? now : 0;
    this.#moves.set(move.id, move);
    if (!isInFlight(move)) this.#landed.delete(move.id);
    if (isInFlight(move) && !this.#landed.has(move.id)) this.#inFlight.add(move.id);
    else this.#inFlight.delete(move.id);
    // With every write, also of a move that stays `sending`: its outcome is unknown only from the moment it was cut off.
    this.#timings.set(move.id, { sinceMs: now, notBeforeMs: now + delayMs, seenFromMs });
  }

  #stamp(move: Move): Move {
    const now = this.#ports.clock.now();
    return {
      ...move,
      sentAtMs: move.state === 'sending' ? (move.sentAtMs ?? now) : move.sentAtMs,
      acceptedAtMs: move.state === 'accepted' ? (move.acceptedAtMs ?? now) : move.acceptedAtMs,
      endedAtMs: isEnded(move) ? (move.endedAtMs ?? now) : undefined,
    };
  }

  #log(move: Move): void {
    const before = this.#moves.get(move.id)?.state;
    if (before === move.state) return;
    const where = move.state === 'done' && move.targetHost !== undefined ? ` on ${move.targetHost}` : '';
    const { priority } = move.rank ?? USUAL_RANK;
    const why = move.reason === undefined ? '' : `: ${move.reason}`;
    this.#ports.logger.info(
      { host: move.sourceHost, instance: move.instanceId, from: before, to: move.state, priority },
      `${move.name}: ${move.state}${where}${why}`,
    );
  }

  #timing(move: Move): Timing {
    return this.#timings.get(move.id) ?? { sinceMs: this.#ports.clock.monotonic(), notBeforeMs: 0, seenFromMs: 0 };
  }
}

function weightOfMove({ rank }: Move): number {
  return weightOf(rank ?? USUAL_RANK);
}
