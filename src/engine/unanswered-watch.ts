import type { Missed } from '../bridge/decision.ts';
import type { Verdict } from '../bridge/verdict.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import type { Cloud } from '../openstack/cloud.ts';
import type { Clock, Randomness } from '../ports.ts';
import type { Services } from './services.ts';
import type { Store } from './store/store.ts';
import { recentPowerCut, unansweredFencings, type Fenced, type PowerCut, type Unanswered } from './unanswered.ts';

export interface UnansweredWatchPorts {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly services: Services;
  readonly store: Store;
  readonly onMissed: (missed: Missed) => void;
}

/**
 * A controller that has just joined lists no fencings until the others have sent it theirs (found by the simulator). It
 * is looked for again for this long.
 */
const HISTORY_MS = 60_000;
/**
 * What comes into the history later than at the first look may also be a fencing of this moment, by a clock that is
 * behind: then its node is seen lost before this has passed.
 */
const STAYS_UP_MS = 10_000;

interface FirstLook {
  /** By the clock of snapshots. */
  readonly readAtMs: number;
  readonly monotonicMs: number;
  /** By node: what was listed then. */
  readonly listed: ReadonlyMap<string, PowerCut>;
}

/**
 * Looks for fencings that no engine answered, of each node that was there when this engine began: it may have been down
 * then, fenced too long ago to be a proof. One that is lost under our eyes is no question any more.
 */
export class UnansweredWatch {
  readonly #ports: UnansweredWatchPorts;
  #firstLook: FirstLook | undefined;
  /** Nodes of which it is still to be asked. */
  readonly #unasked = new Set<string>();
  /** By node: since when a fencing of it is listed that is older than the first look, and was not listed then. */
  readonly #listedSinceMs = new Map<string, number>();
  readonly #told = new WeakSet<Missed>();
  /** Kept: what was told already is not told again when it could not be written down. */
  #owed: { readonly nodes: readonly string[]; readonly found: readonly Unanswered[] } | undefined;
  #isAsking = false;

  constructor(ports: UnansweredWatchPorts) {
    this.#ports = ports;
  }

  async tell(snapshot: ClusterSnapshot, verdicts: readonly Verdict[]): Promise<void> {
    const firstLook = this.#begin(snapshot, verdicts);
    for (const { node, state } of verdicts) if (state === 'lost' || state === 'proven') this.#unasked.delete(node);
    const up = verdicts.filter(({ node, state }) => state === 'up' && this.#unasked.has(node));
    if (up.length === 0 || this.#isAsking) return;
    this.#isAsking = true;
    try {
      await this.#ask(this.#fenced(up, snapshot, firstLook), snapshot.readAtMs);
      if (this.#ports.clock.monotonic() - firstLook.monotonicMs < HISTORY_MS) return;
      for (const { node } of up) this.#unasked.delete(node);
    } finally {
      this.#isAsking = false;
    }
  }

  #begin(snapshot: ClusterSnapshot, verdicts: readonly Verdict[]): FirstLook {
    if (this.#firstLook !== undefined) return this.#firstLook;
    const listed = new Map<string, PowerCut>();
    for (const { node } of verdicts) {
      this.#unasked.add(node);
      const fencing = recentPowerCut(node, snapshot);
      if (fencing !== undefined) listed.set(node, fencing);
    }
    return (this.#firstLook = { readAtMs: snapshot.readAtMs, monotonicMs: this.#ports.clock.monotonic(), listed });
  }

  #fenced(up: readonly Verdict[], snapshot: ClusterSnapshot, firstLook: FirstLook): readonly Fenced[] {
    return up.flatMap(({ node, host }) => {
      const fencing = firstLook.listed.get(node) ?? this.#listedLater(node, snapshot, firstLook);
      return host === undefined || fencing === undefined ? [] : [{ node, host, fencing }];
    });
  }

  #listedLater(node: string, snapshot: ClusterSnapshot, firstLook: FirstLook): PowerCut | undefined {
    const fencing = recentPowerCut(node, snapshot);
    if (fencing === undefined || fencing.completedAtMs > firstLook.readAtMs) return undefined;
    const now = this.#ports.clock.monotonic();
    const sinceMs = this.#listedSinceMs.get(node) ?? now;
    this.#listedSinceMs.set(node, sinceMs);
    return now - sinceMs >= STAYS_UP_MS ? fencing : undefined;
  }

  async #ask(fenced: readonly Fenced[], now: number): Promise<void> {
    if (fenced.length === 0 && this.#owed === undefined) return;
    const { onMissed, store } = this.#ports;
    this.#owed ??= {
      nodes: fenced.map(({ node }) => node),
      found: await unansweredFencings(fenced, now, this.#ports),
    };
    for (const { missed, notification } of this.#owed.found) {
      // Told first: an engine that is killed in between says it twice rather than never (found by the simulator). Each engine
      // tells it once: what an earlier one has shown went with it (found by a campaign of kills).
      if (!this.#told.has(missed) && !(await store.isAnswered(notification.proof.id))) onMissed(missed);
      this.#told.add(missed);
      await store.addNotification({ ...notification, status: 'failed' }, `${missed.reason}; ${missed.remedy}`);
    }
    for (const node of this.#owed.nodes) this.#unasked.delete(node);
    this.#owed = undefined;
  }
}
