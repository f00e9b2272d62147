import { fencingKey } from '../crm/snapshot.ts';
import type { Baseline, NodeMemory, Phase } from './memory.ts';
import type { Presence } from './presence.ts';
import type { Proof } from './proof.ts';
import { fencedUnseen, prove } from './prove.ts';
import type { Finding, Question } from './prove.ts';

/** What a quorate snapshot with a DC does to one node. */
export interface Step {
  readonly remembered: NodeMemory;
  /** What was found of its fencing; also why a lost node is not proven yet. */
  readonly finding: Finding;
  /** A fencing whose host is up again before anyone could be told that it was proven down. */
  readonly missed: Proof | undefined;
}

export interface Sight extends Question {
  readonly presence: Presence;
  /** The administrator's mark (hands-off.ts), in words. */
  readonly mark: string | undefined;
}

/**
 * Invariant: a node becomes `proven` only from `lost`, only on a finding of `prove`, only while it does not take part and
 * fencing is enabled; it stays proven until it is seen up, and what was listed then proves nothing later.
 */
export function stepNode(sight: Sight): Step {
  if (sight.presence.kind === 'up') return sight.mark === undefined ? seenUp(sight) : seenUpMarked(sight, sight.mark);
  const finding = prove(sight);
  const settled = settleBlink(sight);
  const next =
    sight.mark === undefined ? seenDown(settled.sight, finding) : seenDownMarked(settled.sight, finding, sight.mark);
  return { remembered: next.remembered, finding, missed: settled.missed ?? next.missed };
}

function seenUp(sight: Sight): Step {
  const { remembered } = sight;
  const finding = fencedUnseen(sight);
  const { phase } = remembered;
  const rested = { ...remembered, baseline: baselineOf('up', sight) };
  const isUp = (missed: Proof | undefined): Step => ({
    remembered: spend({ ...rested, phase: { kind: 'up' } }, missed),
    finding,
    missed,
  });
  if (phase.kind === 'proven') return isUp(phase.announcedAtMs === null ? phase.proof : undefined);
  if (phase.kind === 'blinked') return isUp(phase.proof);
  if (finding.kind !== 'proof') return isUp(undefined);
  if (phase.kind === 'lost') return isUp(finding.proof);
  // A fencing that nobody saw. The history may have been read later than the rest, so one more look decides.
  return { remembered: { ...rested, phase: { kind: 'blinked', proof: finding.proof } }, finding, missed: undefined };
}

/**
 * The look after a blink shows the node down. When node_fenced stands, the reads had crossed and this is the loss that the
 * record belongs to. Else the node was really back in between: that fencing was missed, and this is another loss.
 */
function settleBlink(sight: Sight): { readonly sight: Sight; readonly missed: Proof | undefined } {
  const { phase } = sight.remembered;
  if (phase.kind !== 'blinked') return { sight, missed: undefined };
  const crossed = sight.node.state?.fencedAtMs !== undefined;
  const missed = crossed ? undefined : phase.proof;
  const remembered = spend({ ...sight.remembered, phase: { kind: 'up' } as const }, missed);
  return { sight: { ...sight, remembered }, missed };
}

function seenDown(sight: Sight, finding: Finding): Step {
  const { presence, remembered } = sight;
  const { phase } = remembered;
  if (phase.kind === 'proven') return { remembered, finding, missed: undefined };
  if (phase.kind === 'lost') return tryProof(sight, phase, finding);
  const sign = signOfLoss(sight, finding);
  if (sign !== undefined) return tryProof(sight, newLoss(sight, sign), finding);
  // A connection that starts or moves is no news; a node that has left is left alone.
  if (presence.kind === 'changing' && phase.kind !== 'away') return { remembered, finding, missed: undefined };
  return { remembered: { ...remembered, phase: away('itself', signIn(presence)) }, finding, missed: undefined };
}

/** See the table in hands-off.ts, also for the next function. */
function seenUpMarked(sight: Sight, mark: string): Step {
  const up = seenUp(sight);
  const { phase } = up.remembered;
  // No second look will come: under the mark every fencing is the administrator's.
  const unseen = phase.kind === 'blinked' && wasOurs(sight.remembered.phase) ? phase.proof : undefined;
  const missed = up.missed ?? unseen;
  const remembered = { ...up.remembered, baseline: baselineOf('administrator', sight) };
  return { ...up, remembered: spend({ ...remembered, phase: away('administrator', mark) }, missed), missed };
}

function seenDownMarked(sight: Sight, finding: Finding, mark: string): Step {
  const { remembered } = sight;
  const { phase } = remembered;
  if (phase.kind === 'proven') return { remembered, finding, missed: undefined };
  if (phase.kind === 'lost') return tryProof(sight, phase, finding);
  const fencing = wasOurs(phase) ? fencingNews(sight, finding) : undefined;
  if (fencing !== undefined) return tryProof(sight, newLoss(sight, fencing), finding);
  const baseline = baselineOf('administrator', sight);
  return { remembered: { ...remembered, baseline, phase: away('administrator', mark) }, finding, missed: undefined };
}

function wasOurs(phase: Phase): boolean {
  return phase.kind === 'up' || (phase.kind === 'away' && phase.by === 'itself');
}

type Lost = Extract<Phase, { kind: 'lost' }>;

function newLoss(sight: Sight, sign: string): Lost {
  return { kind: 'lost', sinceMs: sight.snapshot.readAtMs, sign, fencingSeenAtMs: null };
}

function tryProof(sight: Sight, lost: Lost, finding: Finding): Step {
  const { remembered, presence, snapshot } = sight;
  const mayProve = presence.membership === 'gone' && snapshot.options.stonithEnabled;
  if (mayProve && finding.kind === 'proof') {
    const { sinceMs, sign } = lost;
    const phase: Phase = { kind: 'proven', sinceMs, sign, proof: finding.proof, announcedAtMs: null };
    return { remembered: spend({ ...remembered, phase }, finding.proof), finding, missed: undefined };
  }
  const fencingSeenAtMs = isFencingPending(sight) ? (lost.fencingSeenAtMs ?? snapshot.readAtMs) : null;
  return { remembered: { ...remembered, phase: { ...lost, fencingSeenAtMs } }, finding, missed: undefined };
}

/** Why a node that is not up counts as lost from now on; undefined when nothing speaks for that. */
function signOfLoss(sight: Sight, finding: Finding): string | undefined {
  const { presence, remembered } = sight;
  if (presence.kind === 'failed' || presence.kind === 'fenced-but-shown') return presence.sign;
  if (presence.kind === 'dropped' && remembered.phase.kind !== 'away') return presence.sign;
  return fencingNews(sight, finding);
}

/**
 * "online=false unclean=false" is shown while a fencing is under way that may fail yet, so a clean look means nothing
 * while there is one, or when one has ended since the node was up.
 */
function fencingNews(sight: Sight, finding: Finding): string | undefined {
  if (isFencingPending(sight)) return 'its fencing is under way';
  if (sight.presence.membership === 'seen') return undefined;
  if (finding.kind !== 'none') return 'fenced';
  return newFailure(sight) === undefined ? undefined : 'its fencing failed';
}

export function isFencingPending(sight: Sight): boolean {
  return sight.fencings.some((fencing) => fencing.status === 'pending' && fencing.action !== 'on');
}

function newFailure(sight: Sight): string | undefined {
  const baseline = sight.remembered.baseline;
  if (baseline === null) return undefined;
  const failure = sight.fencings.find(
    (fencing) =>
      fencing.status === 'failed' &&
      fencing.action !== 'on' &&
      (fencing.completedAtMs ?? 0) >= baseline.atMs &&
      !baseline.fencings.includes(fencingKey(fencing)),
  );
  return failure === undefined ? undefined : fencingKey(failure);
}

function baselineOf(kind: Baseline['kind'], sight: Sight): Baseline {
  return {
    kind,
    watch: 'unbroken',
    atMs: sight.snapshot.readAtMs,
    fencings: sight.fencings.filter((fencing) => fencing.status !== 'pending').map(fencingKey),
    nodeFencedAtMs: sight.node.state?.fencedAtMs ?? null,
  };
}

function away(by: 'administrator' | 'itself', reason: string): Phase {
  return { kind: 'away', by, reason };
}

function signIn(presence: Presence): string {
  return presence.kind === 'up' ? '' : presence.sign;
}

const SPENT_KEPT = 16;

function spend(remembered: NodeMemory, proof: Proof | undefined): NodeMemory {
  if (proof === undefined || remembered.spentProofs.includes(proof.id)) return remembered;
  return { ...remembered, spentProofs: [...remembered.spentProofs, proof.id].slice(-SPENT_KEPT) };
}
