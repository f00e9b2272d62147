import type { Pause } from '../bridge/pause.ts';
import type { Hold } from '../bridge/verdict.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { LifeboatError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Lease } from './lease.ts';
import { PauseWatch } from './pause-watch.ts';
import { mayOnlyFollow, permissionFrom } from './permission.ts';

export interface AuthorityPorts {
  readonly clock: Clock;
  readonly lease: Lease;
  /** A snapshot older than this allows nothing any more (S2). */
  readonly maxSnapshotAgeMs: number;
}

/** Whether the engine may act at this moment: by its lease (S5), by the cluster as last seen (S2), and by an operator (S8). */
export class Authority {
  readonly #ports: AuthorityPorts;
  readonly #pause = new PauseWatch();
  #snapshot: { readonly value: ClusterSnapshot; readonly readAtMs: number } | undefined;

  constructor(ports: AuthorityPorts) {
    this.#ports = ports;
  }

  see(snapshot: ClusterSnapshot): void {
    this.#snapshot = { value: snapshot, readAtMs: this.#ports.clock.monotonic() };
    this.#pause.see(snapshot);
  }

  get snapshot(): ClusterSnapshot | undefined {
    return this.#snapshot?.value;
  }

  get snapshotAgeMs(): number | undefined {
    return this.#snapshot && this.#ports.clock.monotonic() - this.#snapshot.readAtMs;
  }

  /** Undefined while Lifeboat is not paused. */
  get pause(): Pause | undefined {
    return this.#pause.current;
  }

  /** What the snapshot says of a pause, unless it was read before the last word of an operator. Safe to repeat. */
  heedPause(snapshot: ClusterSnapshot): Pause | undefined {
    return this.#pause.see(snapshot);
  }

  /** Takes effect now; the next snapshots have to say the same. */
  notePause(pause: Pause | undefined): void {
    this.#pause.note(pause, this.#ports.clock.now());
  }

  /** Why no effect is allowed now, if so. */
  permission(): Hold | undefined {
    const own = this.#ports.lease.hold();
    if (own !== undefined) return own;
    return permissionFrom(this.snapshot, this.snapshotAgeMs ?? 0, this.#ports.maxSnapshotAgeMs, this.pause);
  }

  /** As `permission`, but a pause only keeps from beginning: what is under way is followed. */
  get forbidden(): Hold | undefined {
    const hold = this.permission();
    return mayOnlyFollow(hold) ? undefined : hold;
  }

  /**
   * Asked last, before every change of the cloud. Between the moment when a step was allowed and the one when its call goes
   * out it is written to the store, and quorum may go meanwhile (S2; found by the simulator). Throws NOT_ALLOWED or LEASE_….
   */
  mayChange(): void {
    this.#ports.lease.check();
    const { forbidden } = this;
    if (forbidden !== undefined) throw new LifeboatError('NOT_ALLOWED', forbidden.reason);
  }
}
