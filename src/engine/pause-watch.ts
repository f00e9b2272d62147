import { pauseIn, type Pause } from '../bridge/pause.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';

/** Whether Lifeboat is paused, by the newest of what the cluster shows and what an operator has just said here. */
export class PauseWatch {
  #pause: Pause | undefined;
  #notedAtMs = Number.NEGATIVE_INFINITY;

  get current(): Pause | undefined {
    return this.#pause;
  }

  /** Written to the cluster at `atMs` (milliseconds since the epoch): what was read before that is out of date. */
  note(pause: Pause | undefined, atMs: number): void {
    this.#pause = pause;
    this.#notedAtMs = atMs;
  }

  see(snapshot: Pick<ClusterSnapshot, 'nodes' | 'readAtMs'>): Pause | undefined {
    // A clock that was set back must not keep what the cluster says from being heard for long.
    const isOutOfDate = snapshot.readAtMs < this.#notedAtMs && this.#notedAtMs - snapshot.readAtMs < LONGEST_READING_MS;
    if (!isOutOfDate) this.#pause = pauseIn(snapshot);
    return this.#pause;
  }
}

/** No command of Pacemaker may take longer than cluster.command_timeout, which is at most this. */
const LONGEST_READING_MS = 120_000;
