import type { ClusterNode, ClusterSnapshot, Fencing } from '../crm/snapshot.ts';
import type { Decision, Missed } from './decision.ts';
import { administratorsMark } from './hands-off.ts';
import { matchHosts } from './host-map.ts';
import type { HostMatch, NamedNode } from './host-map.ts';
import { judge } from './judge.ts';
import { emptyMemory, recall } from './memory.ts';
import type { BridgeMemory, NodeMemory } from './memory.ts';
import { authorityOf, rememberAbsences, rememberQuorumless } from './partition.ts';
import type { Policy } from './policy.ts';
import { presenceOf } from './presence.ts';
import type { Presence } from './presence.ts';
import type { Proof } from './proof.ts';
import { fencedAgain } from './prove.ts';
import type { Finding } from './prove.ts';
import { fingerprint, sentenceOn, sentenceOnAuthority, sentenceOnMissed } from './sentence.ts';
import { stepNode } from './step.ts';
import type { Sight, Step } from './step.ts';
import type { Verdict } from './verdict.ts';

const VANISHED_KEPT_MS = 24 * 3_600_000;

/**
 * From what was seen to what must be recovered. Pure: the same arguments give the same decision.
 *
 * Invariants. S1: `proven` is said only while fencing proved the node down and it was not seen since (step.ts, prove.ts).
 * S2: without quorum and a DC nothing about any node is learned, and nothing is proven; what was known stays, lost nodes
 * are held. S8: what an administrator took out is left alone (hands-off.ts). Once proven, a node stays proven, with one
 * proof, until it is seen up.
 *
 * `now` only ages what vanished. Whatever the clocks do, no proof comes of it and no loss is forgotten for it.
 */
export function decide(snapshot: ClusterSnapshot, memory: BridgeMemory, policy: Policy, now: number): Decision {
  const before = memory.version === emptyMemory.version ? memory : emptyMemory;
  const authority = authorityOf(snapshot);
  const decided = authority === 'granted' ? lookAll(snapshot, before, policy, now) : lookAway(snapshot, before);
  const after = {
    ...before,
    authority,
    quorumless: rememberQuorumless(snapshot, before),
    ...(authority === 'granted' && {
      grantedAtMs: snapshot.readAtMs,
      absences: rememberAbsences(snapshot, before),
    }),
  };
  const authorityChange = sentenceOnAuthority(before.authority, authority);
  const spoken = speak(decided, after, snapshot, policy);
  const sentences = authorityChange === undefined ? spoken.sentences : [authorityChange, ...spoken.sentences];
  return { ...spoken, sentences };
}

/** One node after the look at it. */
interface Looked {
  readonly name: string;
  readonly node: ClusterNode | undefined;
  readonly presence: Presence | undefined;
  readonly mark: string | undefined;
  readonly fencings: readonly Fencing[];
  readonly remembered: NodeMemory;
  readonly finding: Finding;
  readonly missed: Proof | undefined;
  readonly again: Proof | undefined;
}

const nothingFound: Finding = { kind: 'none' };

/** S2: nothing is learned from a snapshot without quorum or a DC. */
function lookAway(snapshot: ClusterSnapshot, memory: BridgeMemory): readonly Looked[] {
  return namesIn(snapshot, memory).map((name) => ({
    name,
    node: snapshot.nodes.get(name),
    presence: undefined,
    mark: undefined,
    fencings: [],
    remembered: recall(memory, name),
    finding: nothingFound,
    missed: undefined,
    again: undefined,
  }));
}

function lookAll(snapshot: ClusterSnapshot, memory: BridgeMemory, policy: Policy, now: number): readonly Looked[] {
  const histories = Map.groupBy(snapshot.fencings, (fencing) => fencing.target);
  return namesIn(snapshot, memory).flatMap((name) => {
    const node = snapshot.nodes.get(name);
    const fencings = histories.get(name) ?? [];
    const known = recall(memory, name);
    if (node === undefined) return vanish(name, known, fencings, now);
    const remembered = acrossGap({ ...known, vanishedAtMs: null }, snapshot, memory);
    const presence = presenceOf(node, snapshot);
    const mark = administratorsMark(node, snapshot, policy);
    const sight = { node, remembered, fencings, snapshot, memory, policy, presence, mark };
    const step = stepNode(sight);
    return [{ name, node, presence, mark, fencings, ...step, again: provenAgain(sight, step) }];
  });
}

/** The same conditions as for the first proof: out of the membership, fencing enabled, proven already. */
function provenAgain(sight: Sight, { remembered }: Step): Proof | undefined {
  if (remembered.phase.kind !== 'proven' || sight.presence.membership !== 'gone') return undefined;
  if (!sight.snapshot.options.stonithEnabled) return undefined;
  return fencedAgain({ ...sight, remembered }, remembered.phase.proof);
}

/** Polls come every few seconds, and no host is fenced, boots and leaves again within this time. */
const BLIND_MS = 30_000;

function acrossGap(remembered: NodeMemory, snapshot: ClusterSnapshot, memory: BridgeMemory): NodeMemory {
  const gapMs = snapshot.readAtMs - (memory.grantedAtMs ?? snapshot.readAtMs);
  if (remembered.baseline === null || Math.abs(gapMs) <= BLIND_MS) return remembered;
  return { ...remembered, baseline: { ...remembered.baseline, watch: 'broken' } };
}

/** No longer in the configuration. What was lost or proven stays so, for a day. */
function vanish(name: string, known: NodeMemory, fencings: readonly Fencing[], now: number): readonly Looked[] {
  const sinceMs = Math.min(known.vanishedAtMs ?? now, now);
  if (now - sinceMs > VANISHED_KEPT_MS) return [];
  const remembered = { ...known, vanishedAtMs: sinceMs };
  return [
    {
      name,
      node: undefined,
      presence: undefined,
      mark: undefined,
      fencings,
      remembered,
      finding: nothingFound,
      missed: undefined,
      again: undefined,
    },
  ];
}

function namesIn(snapshot: ClusterSnapshot, memory: BridgeMemory): readonly string[] {
  const names = new Set(Object.keys(memory.nodes));
  for (const node of snapshot.nodes.values()) if (node.kind !== 'guest') names.add(node.name);
  return [...names].sort();
}

function speak(
  looked: readonly Looked[],
  after: Omit<BridgeMemory, 'nodes'>,
  snapshot: ClusterSnapshot,
  policy: Policy,
): Decision {
  const matches = matchHosts(looked.map(nameable), policy);
  const verdicts: Verdict[] = [];
  const sentences: string[] = [];
  const missed: Missed[] = [];
  const again: Proof[] = [];
  const nodes = new Map<string, NodeMemory>();
  for (const look of looked) {
    const { name: node, remembered } = look;
    const match = matches.get(node) ?? { kind: 'none', wanted: undefined };
    nodes.set(node, remembered);
    if (!mayHostInstances(look, match, policy)) continue;
    if (look.missed !== undefined) missed.push(missedOf(look.missed, match));
    if (look.again !== undefined) again.push(look.again);
    const verdict = judge({ ...look, node, match, authority: after.authority, snapshot, policy });
    verdicts.push(verdict);
    const said = fingerprint(verdict);
    const isFirst = remembered.said === null && (verdict.state === 'up' || look.presence === undefined);
    const isPassing = look.presence?.kind === 'changing' && remembered.phase.kind === 'up';
    if (said === remembered.said || isPassing) continue;
    if (!isFirst) sentences.push(sentenceOn(verdict, remembered.phase));
    nodes.set(node, { ...announced(remembered, verdict, snapshot), said });
  }
  sentences.push(...missed.map(sentenceOnMissed));
  return { verdicts, memory: { ...after, nodes: Object.fromEntries(nodes) }, sentences, missed, fencedAgain: again };
}

function nameable(look: Looked): NamedNode {
  return look.node ?? { name: look.name, attributes: new Map() };
}

/** Controllers that are no Nova hosts are no concern of ours, lost or not. */
function mayHostInstances(look: Looked, match: HostMatch, policy: Policy): boolean {
  const { node, remembered } = look;
  if (node?.kind === 'remote') return true;
  if (node === undefined) {
    const { kind } = remembered.phase;
    return match.kind === 'matched' && (kind === 'lost' || kind === 'proven');
  }
  switch (match.kind) {
    case 'matched':
    case 'ambiguous':
      return true;
    case 'none':
      return match.wanted !== undefined;
    case 'unread':
      return Object.hasOwn(policy.hostMap, node.name) || node.attributes.has(policy.hostAttribute);
  }
}

function announced(remembered: NodeMemory, verdict: Verdict, snapshot: ClusterSnapshot): NodeMemory {
  const { phase } = remembered;
  if (verdict.state !== 'proven' || phase.kind !== 'proven' || phase.announcedAtMs !== null) return remembered;
  return { ...remembered, phase: { ...phase, announcedAtMs: snapshot.readAtMs } };
}

function missedOf(proof: Proof, match: HostMatch): Missed {
  const { node, by, completedAtMs } = proof;
  const host = match.kind === 'matched' ? match.host : undefined;
  const at = new Date(completedAtMs);
  const when = Number.isNaN(at.getTime()) ? String(completedAtMs) : at.toISOString();
  return {
    node,
    host,
    proof,
    reason: `${node} was fenced by ${by} at ${when} and is up again, so nothing may be evacuated from it`,
    remedy: `look at the instances of ${host ?? node}: those that ran there were cut off, and Nova may still show them as running`,
  };
}
