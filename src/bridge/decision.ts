import type { BridgeMemory } from './memory.ts';
import type { Proof } from './proof.ts';
import type { Verdict } from './verdict.ts';

export interface Decision {
  /** One for each node that may host instances, in the order of the node names. */
  readonly verdicts: readonly Verdict[];
  /** To be given to the next decision. */
  readonly memory: BridgeMemory;
  /** What changed and why, one line each, without a full stop. Empty when nothing changed. */
  readonly sentences: readonly string[];
  /** Hosts that were fenced and came back before a `proven` verdict could be given. Each is told once. */
  readonly missed: readonly Missed[];
  /** Nodes that are proven down and were fenced again since: the newer proof, as long as it is the newest. */
  readonly fencedAgain: readonly Proof[];
}

/** A host that lost its instances to a fencing, and is up again: nothing may be evacuated, someone must look. */
export interface Missed {
  readonly node: string;
  readonly host: string | undefined;
  readonly proof: Proof;
  readonly reason: string;
  readonly remedy: string;
}
