import { fencingKey } from '../crm/snapshot.ts';
import type { ClusterNode, ClusterSnapshot, Fencing } from '../crm/snapshot.ts';
import type { BridgeMemory, NodeMemory } from './memory.ts';
import { A_HUMAN, wasOurs, wasQuorumless } from './partition.ts';
import type { Policy } from './policy.ts';
import { isWrittenDown } from './presence.ts';
import type { Proof } from './proof.ts';

/** Completion times have a resolution of 1 s, rounded down, and come from another node's clock. */
const CLOCK_SLACK_MS = 3_000;

/** node_fenced and the record of the same fencing differ by a second at most, as seen; the DC may be slower. */
const SAME_FENCING_MS = 5_000;

/** Without memory of a cluster node only a fencing this fresh is told from one before its last clean shutdown. */
const FRESH_MS = 300_000;

export type Finding =
  | { readonly kind: 'none' }
  | { readonly kind: 'proof'; readonly proof: Proof }
  /** A success that a human claims, or may have claimed, and the policy does not take. */
  | { readonly kind: 'human-not-accepted'; readonly proof: Proof };

export interface Question {
  readonly node: ClusterNode;
  readonly remembered: NodeMemory;
  /** The history of this node only, newest first. */
  readonly fencings: readonly Fencing[];
  readonly snapshot: ClusterSnapshot;
  readonly memory: BridgeMemory;
  readonly policy: Policy;
}

/**
 * Invariant (S1): a finding rests on a successful `off` or `reboot` of this node that completed after the node was last
 * up (or last in an administrator's hands), done by members of our quorate partition or recorded by our DC. Whether
 * quorum, enabled fencing and the node's absence allow a proof now is the caller's question.
 *
 * Two independent things say "after": the record was not listed when the node was last up, and it completed at or after
 * that moment less 3 s. Neither alone would do: a restarted controller lists nothing for some seconds and then all the old
 * records, and clocks differ. node_fenced needs no clock: Pacemaker resets it when the node is back.
 *
 * With no memory of the node, or a gap in it: a remote node needs node_fenced. A cluster node has none; its newest record
 * must be a success of the last five minutes, with the DC's word that it is down. The same word stands after a clean
 * shutdown, so an older record might be from before the node was back.
 */
export function prove(question: Question): Finding {
  const { node } = question;
  const successes = question.fencings.filter(isPowerCut);
  const stampMs = freshStamp(question);
  const stamped = successes.filter(
    (fencing) => stampMs !== undefined && Math.abs(fencing.completedAtMs - stampMs) <= SAME_FENCING_MS,
  );
  const found = chosenFrom([...stamped, ...successes.filter((fencing) => provesAlone(fencing, question))]);
  if (found !== undefined) return judgedBy(question.policy, proofFrom(found, stamped.includes(found), question));
  if (stampMs === undefined) return { kind: 'none' };
  // The history was cleaned, or has not arrived yet: it may have been a human.
  return judgedBy(question.policy, {
    id: unspentId(node.name, stampMs, question.remembered),
    node: node.name,
    kind: 'fenced',
    action: undefined,
    completedAtMs: stampMs,
    by: UNKNOWN,
    origin: undefined,
    evidence: ['node_fenced'],
  });
}

/** For a node that is up: a success that is newer than the last time we saw it up, with or without a gap since. */
export function fencedUnseen(question: Question): Finding {
  const successes = question.fencings.filter(isPowerCut);
  const found = chosenFrom(successes.filter((fencing) => isNewerThanMemory(fencing, question)));
  return found === undefined ? { kind: 'none' } : judgedBy(question.policy, proofFrom(found, false, question));
}

/**
 * For a node that is proven down already: the newest success after the proof that it rests on. When the second witness
 * shows that the former fencing lied (S9), only a later one, or a human's word, can stand in for it.
 */
export function fencedAgain(question: Question, proof: Proof): Proof | undefined {
  const { fencings, snapshot, memory, policy, remembered } = question;
  // By the stamps alone one from before the node was last up would be later, when a fencer's clock is behind.
  const former = remembered.baseline?.fencings ?? [];
  const later = newest(
    fencings
      .filter(isPowerCut)
      .filter((fencing) => !former.includes(fencingKey(fencing)))
      .filter((fencing) => fencing.completedAtMs > proof.completedAtMs && wasOurs(fencing, snapshot, memory)),
  );
  if (later === undefined) return undefined;
  const finding = judgedBy(policy, proofFrom(later, false, question));
  return finding.kind === 'proof' ? finding.proof : undefined;
}

/** A machine's word before a human's, then the newest. */
function chosenFrom(fencings: readonly PowerCut[]): PowerCut | undefined {
  return newest(fencings.filter((fencing) => fencing.delegate !== A_HUMAN)) ?? newest(fencings);
}

function judgedBy(policy: Policy, proof: Proof): Finding {
  const mayBeHuman = proof.kind === 'human' || proof.by === UNKNOWN;
  return { kind: mayBeHuman && !policy.acceptHumanConfirmation ? 'human-not-accepted' : 'proof', proof };
}

const UNKNOWN = 'unknown';

type PowerCut = Fencing & { readonly completedAtMs: number };

/** `on` is unfencing; pending and failed prove nothing, and a later one does not undo a success. */
function isPowerCut(fencing: Fencing): fencing is PowerCut {
  const { status, action, completedAtMs } = fencing;
  return status === 'success' && (action === 'off' || action === 'reboot') && completedAtMs !== undefined;
}

/** node_fenced, unless it already stood at the baseline or was written while we had no quorum. */
function freshStamp(question: Question): number | undefined {
  const { node, remembered, memory } = question;
  const stampMs = node.state?.fencedAtMs;
  if (stampMs === undefined || stampMs === remembered.baseline?.nodeFencedAtMs) return undefined;
  return wasQuorumless(stampMs, memory) ? undefined : stampMs;
}

/** Whether the record is enough without node_fenced. */
function provesAlone(fencing: PowerCut, question: Question): boolean {
  const { node, remembered, snapshot } = question;
  const { baseline } = remembered;
  if (baseline !== null && !isNewerThanMemory(fencing, question)) return false;
  // in_ccm="true": it has been back since, or the DC has not written yet what is in the history; the next look tells.
  if (baseline?.watch === 'unbroken') return node.state?.inMembership !== true;
  return isWrittenDownMember(node) && fencing === question.fencings[0] && isFresh(fencing, snapshot);
}

function isNewerThanMemory(fencing: PowerCut, question: Question): boolean {
  const { node, remembered, snapshot, memory } = question;
  const baseline = remembered.baseline;
  if (baseline === null || baseline.fencings.includes(fencingKey(fencing))) return false;
  if (fencing.completedAtMs < baseline.atMs - CLOCK_SLACK_MS) return false;
  if (wasOurs(fencing, snapshot, memory)) return true;
  return isWrittenDownMember(node) && !wasQuorumless(fencing.completedAtMs, memory);
}

/** A cluster node of which our DC recorded that it is down. */
function isWrittenDownMember(node: ClusterNode): boolean {
  return node.kind === 'cluster' && !node.online && isWrittenDown(node.state);
}

function isFresh(fencing: PowerCut, snapshot: ClusterSnapshot): boolean {
  return Math.abs(snapshot.readAtMs - fencing.completedAtMs) <= FRESH_MS;
}

function newest(fencings: readonly PowerCut[]): PowerCut | undefined {
  return fencings.reduce<PowerCut | undefined>(
    (best, fencing) => (best === undefined || fencing.completedAtMs > best.completedAtMs ? fencing : best),
    undefined,
  );
}

function proofFrom(fencing: PowerCut, isStamped: boolean, { remembered }: Question): Proof {
  return {
    id: unspentId(fencing.target, fencing.completedAtMs, remembered),
    node: fencing.target,
    kind: fencing.delegate === A_HUMAN ? 'human' : 'fenced',
    action: fencing.action,
    completedAtMs: fencing.completedAtMs,
    by: fencing.delegate ?? UNKNOWN,
    origin: fencing.origin,
    evidence: isStamped ? ['history', 'node_fenced'] : ['history'],
  };
}

function unspentId(node: string, completedAtMs: number, remembered: NodeMemory): string {
  const id = `${node}:${Math.floor(completedAtMs / 1000)}`;
  if (!remembered.spentProofs.includes(id)) return id;
  for (let use = 2; ; use += 1) {
    const next = `${id}~${use}`;
    if (!remembered.spentProofs.includes(next)) return next;
  }
}
