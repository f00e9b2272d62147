import { decide, emptyMemory } from '../../../src/bridge/index.ts';
import type { BridgeMemory, Decision, Missed, Policy, Verdict } from '../../../src/bridge/index.ts';
import type { ClusterSnapshot } from '../../../src/crm/snapshot.ts';
import { snapshotAt } from '../../support/snapshots.ts';
import type { SnapshotChange } from '../../support/snapshots.ts';

export const policy: Policy = {
  acceptHumanConfirmation: false,
  hostMap: {},
  hostAttribute: 'lifeboat-host',
  ignoredNodes: [],
  novaHosts: ['cmp1', 'cmp2', 'cmp3'],
  paused: false,
};

/** A bridge that carries its memory from one snapshot to the next, through JSON as the store does. */
export interface Watch {
  see(snapshot: ClusterSnapshot, change?: Partial<Policy>): Decision;
  /** The verdict on cmp1 (or another) after a snapshot of three controllers and the given nodes. */
  look(atMs: number, change: SnapshotChange, policyChange?: Partial<Policy>): Verdict | undefined;
  verdict(node?: string): Verdict | undefined;
  forget(): void;
  readonly memory: BridgeMemory;
  readonly sentences: readonly string[];
  readonly missed: readonly Missed[];
}

export function watching(base: Partial<Policy> = {}): Watch {
  let memory = emptyMemory;
  let last: Decision | undefined;
  const sentences: string[] = [];
  const missed: Missed[] = [];
  const verdict = (node = 'cmp1'): Verdict | undefined => last?.verdicts.find((candidate) => candidate.node === node);
  const see = (snapshot: ClusterSnapshot, change: Partial<Policy> = {}): Decision => {
    last = decide(snapshot, memory, { ...policy, ...base, ...change }, snapshot.readAtMs);
    memory = JSON.parse(JSON.stringify(last.memory)) as BridgeMemory;
    sentences.push(...last.sentences);
    missed.push(...last.missed);
    return last;
  };
  return {
    see,
    look: (atMs, change, policyChange) => {
      see(snapshotAt(atMs, change), policyChange);
      return verdict(change.nodes?.[0]?.name);
    },
    verdict,
    forget: () => {
      memory = emptyMemory;
    },
    get memory() {
      return memory;
    },
    sentences,
    missed,
  };
}

/** `up`, `hands-off`, `lost: KIND` or `proven`: a verdict in a word, for whole sequences. */
export function inAWord(verdict: Verdict | undefined): string {
  if (verdict === undefined) return 'none';
  return verdict.state === 'lost' ? `lost: ${verdict.hold.kind}` : verdict.state;
}
