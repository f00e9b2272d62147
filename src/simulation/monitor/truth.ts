import type { EndedFencing } from '../cluster/cluster-world.ts';

/** A fencing that the cluster counts as done, and whether it was. */
export interface KnownFencing extends EndedFencing {
  readonly atMs: number;
  /** The administrator's mark that stood since before the loss, and that an engine had seen. */
  readonly underMark: boolean;
  /** Some mark stood then. */
  readonly isMarked: boolean;
}

/** What is true of one node, whatever anybody believes. Times are those of the simulation, from its beginning. */
interface NodeTruth {
  upAtMs: number;
  /** When it broke, of the last time that it was up. */
  lostAtMs: number | undefined;
  isUp: boolean;
  markSinceMs: number | undefined;
  /** An engine had read the cluster between the mark and the loss. */
  markWasSeen: boolean;
  readonly fencings: KnownFencing[];
}

/** How long a mark must have stood before a loss to be sure that a poll has shown it. */
const MARK_SEEN_MS = 8_000;

export class Truth {
  readonly #nodes = new Map<string, NodeTruth>();

  of(node: string): NodeTruth {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const fresh: NodeTruth = {
      upAtMs: 0,
      lostAtMs: undefined,
      isUp: true,
      markSinceMs: undefined,
      markWasSeen: false,
      fencings: [],
    };
    this.#nodes.set(node, fresh);
    return fresh;
  }

  up(node: string, atMs: number): void {
    const truth = this.of(node);
    if (!truth.isUp) Object.assign(truth, { isUp: true, upAtMs: atMs });
  }

  /** `lastReadMs`: when an engine last got to see the cluster. */
  lost(node: string, atMs: number, lastReadMs: number): void {
    const truth = this.of(node);
    if (!truth.isUp) return;
    const since = truth.markSinceMs;
    const markWasSeen = since !== undefined && atMs - since >= MARK_SEEN_MS && lastReadMs > since + 500;
    Object.assign(truth, { isUp: false, lostAtMs: atMs, markWasSeen });
  }

  marked(node: string, atMs: number, isMarked: boolean): void {
    const truth = this.of(node);
    if (!isMarked) Object.assign(truth, { markSinceMs: undefined, markWasSeen: false });
    else truth.markSinceMs ??= atMs;
  }

  fenced(fencing: EndedFencing, atMs: number): void {
    const truth = this.of(fencing.target);
    if (fencing.result !== 'success') return;
    truth.fencings.push({ ...fencing, atMs, underMark: truth.markWasSeen, isMarked: truth.markSinceMs !== undefined });
  }

  /** The fencing of the node that a proof tells of. */
  fencingOf(node: string, completedAtMs: number): KnownFencing | undefined {
    const told = this.of(node).fencings.filter((known) => Math.abs(known.completedAtMs - completedAtMs) <= 5_000);
    return told.findLast(({ quorate }) => quorate) ?? told.at(-1);
  }

  /** The last word of the cluster on the node was a lie: it never went down. */
  wasLiedAbout(node: string): boolean {
    return this.of(node).fencings.at(-1)?.isTrue === false;
  }
}
