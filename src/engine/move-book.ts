import type { Clock, Logger } from '../ports.ts';
import { judgeMove, type MoveLimits } from './judge-move.ts';
import { isEnded, type Move } from './move.ts';
import { sightOf, type Sights } from './sights.ts';
import type { Store } from './store/store.ts';

/** What is known of a move only in this process, by the clock that does not jump. */
interface Timing {
  /** When the move entered its state. After a restart: when it was read back. */
  readonly sinceMs: number;
  readonly notBeforeMs: number;
}

interface MoveBookPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: MoveLimits & { readonly parallel: number; readonly retryDelayMs: number };
  readonly inFlight: () => number;
  readonly isKeptOut: (host: string) => boolean;
  readonly onChange: () => void;
}

/** The moves of one recovery. Every change goes through `write`, which puts it on disk. */
export class MoveBook {
  readonly #ports: MoveBookPorts;
  readonly #moves = new Map<string, Move>();
  readonly #timings = new Map<string, Timing>();

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

  /** How many more evacuations may be in flight. */
  get room(): number {
    return Math.max(0, this.#ports.limits.parallel - this.#ports.inFlight());
  }

  /** Judges every move by what Nova shows, writes what changed, and answers with those that may be sent now. */
  async judge(sights: Sights): Promise<readonly Move[]> {
    const { clock, limits } = this.#ports;
    const ready: Move[] = [];
    const changed: Move[] = [];
    const delays = new Map<string, number>();
    for (const move of this.all) {
      const timing = this.#timing(move);
      const judgement = judgeMove(
        move,
        sightOf(move, sights, this.#ports.isKeptOut),
        clock.monotonic() - timing.sinceMs,
        limits,
      );
      if (judgement.kind === 'ready' && timing.notBeforeMs <= clock.monotonic()) ready.push(move);
      if (judgement.kind !== 'change' && judgement.kind !== 'retry') continue;
      changed.push(judgement.move);
      if (judgement.kind === 'retry') delays.set(move.id, limits.retryDelayMs * 2 ** (judgement.move.failures - 1));
    }
    await this.write(changed, (move) => delays.get(move.id) ?? 0);
    return ready;
  }

  /** On disk when it resolves. `delayMs`: how long each of them is not to be sent. */
  async write(moves: readonly Move[], delayMs: (move: Move) => number = () => 0): Promise<void> {
    if (moves.length === 0) return;
    const stamped = moves.map((move) => this.#stamp(move));
    for (const move of stamped) {
      this.#log(move);
      this.#enter(move, delayMs(move));
    }
    await this.#ports.store.saveMoves(stamped);
    this.#ports.onChange();
  }

  #enter(move: Move, delayMs: number): void {
    const now = this.#ports.clock.monotonic();
    this.#moves.set(move.id, move);
    // With every write, also of a move that stays `sending`: its outcome is unknown only from the moment it was cut off.
    this.#timings.set(move.id, { sinceMs: now, notBeforeMs: now + delayMs });
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
    const why = move.reason === undefined ? '' : `: ${move.reason}`;
    this.#ports.logger.info(
      { host: move.sourceHost, instance: move.instanceId, from: before, to: move.state },
      `${move.name}: ${move.state}${where}${why}`,
    );
  }

  #timing(move: Move): Timing {
    return this.#timings.get(move.id) ?? { sinceMs: this.#ports.clock.monotonic(), notBeforeMs: 0 };
  }
}
