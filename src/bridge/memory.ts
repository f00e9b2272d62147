import type { Proof } from './proof.ts';

/**
 * What the bridge carries from one decision to the next. A plain value that survives JSON (no undefined, no Map); it may
 * be kept in the store or start empty: without it the bridge only knows less, it never believes more.
 */
export interface BridgeMemory {
  readonly version: 1;
  /** What allowed or forbade the last decision; a change is said once. */
  readonly authority: Authority;
  /** readAtMs of the last snapshot with quorum and a DC; null before the first. */
  readonly grantedAtMs: number | null;
  /** From the first to the last snapshot that showed this partition without quorum. */
  readonly quorumless: readonly Absence[];
  /** By node name: every remote and cluster node that a quorate snapshot showed. */
  readonly nodes: Readonly<Record<string, NodeMemory>>;
  /** By cluster node: from the last snapshot that saw it as a member to the first that saw it again. */
  readonly absences: Readonly<Record<string, readonly Absence[]>>;
}

export type Authority = 'unknown' | 'granted' | 'no-quorum' | 'no-dc';

export interface NodeMemory {
  readonly phase: Phase;
  /** The newest snapshot that saw the node up, or in an administrator's hands. Older fencings prove nothing. */
  readonly baseline: Baseline | null;
  /** Ids of proofs already used for a loss, newest last: an id is never used for a second loss. */
  readonly spentProofs: readonly string[];
  /** First quorate snapshot that no longer listed the node; null while it is listed. Forgotten a day later. */
  readonly vanishedAtMs: number | null;
  /** Fingerprint of the last sentence about the node, so that each change is said once. */
  readonly said: string | null;
}

/** Where a node stands. Only quorate snapshots with a DC move it. */
export type Phase =
  /** Never seen up, and nothing known against it. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'up' }
  /** Up, with a new successful fencing in the history: it came back unseen, or the reads crossed. One look more. */
  | { readonly kind: 'blinked'; readonly proof: Proof }
  /** S8. `administrator`: the mark was there before any loss, so a fencing under it is the administrator's affair. */
  | { readonly kind: 'away'; readonly by: 'administrator' | 'itself'; readonly reason: string }
  | {
      readonly kind: 'lost';
      readonly sinceMs: number;
      readonly sign: string;
      /** First snapshot that showed the fencing under way (the history gives no start); null when none is. */
      readonly fencingSeenAtMs: number | null;
    }
  | {
      readonly kind: 'proven';
      readonly sinceMs: number;
      readonly sign: string;
      readonly proof: Proof;
      /** First decision whose verdict was `proven`; null while a hold keeps it back. */
      readonly announcedAtMs: number | null;
    };

export interface Baseline {
  readonly kind: 'up' | 'administrator';
  /**
   * Whether we have looked at the cluster all the time since. After a gap the node may have been fenced, back, and gone
   * again without a trace, so a record in the history no longer tells which of its lives it ended.
   */
  readonly watch: 'unbroken' | 'broken';
  /** readAtMs of that snapshot. */
  readonly atMs: number;
  /** Keys (fencingKey) of the finished fencings of the node that it listed. */
  readonly fencings: readonly string[];
  /** node_fenced in it; null as a rule, for Pacemaker resets it when the node is back. */
  readonly nodeFencedAtMs: number | null;
}

/** A stretch of time by our clock; `toMs` null while it lasts. */
export interface Absence {
  readonly fromMs: number;
  readonly toMs: number | null;
}

export const emptyMemory: BridgeMemory = {
  version: 1,
  authority: 'unknown',
  grantedAtMs: null,
  quorumless: [],
  nodes: {},
  absences: {},
};

export const unknownNode: NodeMemory = {
  phase: { kind: 'unknown' },
  baseline: null,
  spentProofs: [],
  vanishedAtMs: null,
  said: null,
};

/** Own keys only: a node may be called `constructor`. */
export function recall(memory: BridgeMemory, name: string): NodeMemory {
  return (Object.hasOwn(memory.nodes, name) ? memory.nodes[name] : undefined) ?? unknownNode;
}
