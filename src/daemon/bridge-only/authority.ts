import type { Hold } from '../../bridge/verdict.ts';
import type { ClusterSnapshot } from '../../crm/snapshot.ts';
import { PauseWatch } from '../../engine/pause-watch.ts';
import { permissionFrom } from '../../engine/permission.ts';
import type { Clock } from '../../ports.ts';

/**
 * Whether anything may be told at this moment, by the cluster as last seen (S2) and by an operator (S8). There is no lease:
 * whoever tells a failure a second time is told that it is known.
 */
export class Authority {
  readonly pause = new PauseWatch();
  readonly #clock: Clock;
  readonly #maxSnapshotAgeMs: number;
  #seen: { readonly snapshot: ClusterSnapshot; readonly monotonicMs: number; readonly wallMs: number } | undefined;

  constructor(clock: Clock, maxSnapshotAgeMs: number) {
    this.#clock = clock;
    this.#maxSnapshotAgeMs = maxSnapshotAgeMs;
  }

  see(snapshot: ClusterSnapshot): void {
    this.#seen = { snapshot, monotonicMs: this.#clock.monotonic(), wallMs: this.#clock.now() };
    this.pause.see(snapshot);
  }

  get snapshot(): ClusterSnapshot | undefined {
    return this.#seen?.snapshot;
  }

  /** By the clock that has come further: a machine that stood still sees only one of them go on. */
  get ageMs(): number | undefined {
    if (this.#seen === undefined) return undefined;
    const { monotonicMs, wallMs } = this.#seen;
    return Math.max(this.#clock.monotonic() - monotonicMs, this.#clock.now() - wallMs);
  }

  permission(): Hold | undefined {
    return permissionFrom(this.snapshot, this.ageMs ?? 0, this.#maxSnapshotAgeMs, this.pause.current);
  }

  /** Whether what was decided last says something of the hosts (S2). */
  get hasQuorum(): boolean {
    const hold = this.permission();
    return hold === undefined || hold.kind === 'paused';
  }
}
