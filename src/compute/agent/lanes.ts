/**
 * Two queues with places of their own. A ping to an agent that hangs takes 5 s, one to a healthy agent 13 ms (measured):
 * in one queue a few guests that hang would make all others wait.
 */
export type Lane = 'healthy' | 'suspect';

export type Places = Readonly<Record<Lane, number>>;

/**
 * Together as many as libvirtd takes from one client, see src/compute/libvirt/connection.ts, and a fifth of the threads
 * it has for everybody: Nova needs the others.
 */
export const USUAL_PLACES: Places = { healthy: 2, suspect: 2 };

export class Lanes {
  readonly #places: Places;
  readonly #waiting: Readonly<Record<Lane, (() => Promise<void>)[]>> = { healthy: [], suspect: [] };
  readonly #busy: Record<Lane, number> = { healthy: 0, suspect: 0 };

  constructor(places: Places) {
    this.#places = places;
  }

  get underWay(): number {
    return this.#busy.healthy + this.#busy.suspect;
  }

  /** Runs it when a place is free, in the order of asking. It must not reject. */
  add(lane: Lane, task: () => Promise<void>): void {
    this.#waiting[lane].push(task);
    this.#next(lane);
  }

  #next(lane: Lane): void {
    if (this.#busy[lane] >= this.#places[lane]) return;
    const task = this.#waiting[lane].shift();
    if (task === undefined) return;
    this.#busy[lane] += 1;
    void task().finally(() => {
      this.#busy[lane] -= 1;
      this.#next(lane);
    });
  }
}
