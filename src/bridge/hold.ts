import type { ClusterSnapshot, Fencing } from '../crm/snapshot.ts';
import type { HostMatch } from './host-map.ts';
import type { Authority, Phase } from './memory.ts';
import type { Policy } from './policy.ts';
import type { Finding } from './prove.ts';
import { timeOfDay } from './time-of-day.ts';
import type { Hold } from './verdict.ts';

/** What is known when a lost or proven node must be held, or not. */
export interface HoldQuestion {
  readonly node: string;
  readonly phase: Extract<Phase, { kind: 'lost' | 'proven' }>;
  readonly authority: Authority;
  readonly match: HostMatch;
  readonly finding: Finding;
  /** The history of this node only, newest first. */
  readonly fencings: readonly Fencing[];
  readonly snapshot: ClusterSnapshot;
  readonly policy: Policy;
}

/** The first reason that stands, in the order in which an operator must hear them; undefined: go. */
export function holdOn(question: HoldQuestion): Hold | undefined {
  const { policy, phase, snapshot } = question;
  if (policy.paused) return pausedHold(question);
  if (question.authority !== 'granted') return authorityHold(snapshot);
  if (phase.kind === 'proven') return hostHold(question);
  if (!snapshot.options.stonithEnabled) {
    return {
      kind: 'fencing-disabled',
      reason: 'fencing is disabled (stonith-enabled=false), so nothing will prove it down',
      remedy: 'pcs property set stonith-enabled=true',
    };
  }
  return fencingHold(question, phase);
}

function pausedHold({ node, phase }: HoldQuestion): Hold {
  const proof = phase.kind === 'proven' ? `; the proof of ${timeOfDay(phase.proof.completedAtMs)} is kept` : '';
  return { kind: 'paused', reason: `Lifeboat is paused, ${node} waits${proof}`, remedy: 'lifeboat resume' };
}

function authorityHold(snapshot: ClusterSnapshot): Hold {
  if (snapshot.dc !== undefined) {
    const reason = `the partition of ${snapshot.localNode} has no quorum`;
    return { kind: 'no-quorum', reason, remedy: 'bring the other controllers back' };
  }
  return { kind: 'no-dc', reason: 'the cluster has no DC: an election is under way', remedy: undefined };
}

function hostHold({ node, match, policy }: HoldQuestion): Hold | undefined {
  const remedy = `in the configuration, under hosts.map, write the Nova host of ${node}; or: crm_attribute --node ${node} --name ${policy.hostAttribute} --update NOVA_HOST`;
  switch (match.kind) {
    case 'matched':
      return undefined;
    case 'unread': {
      const reason = `${node} is proven down, but Nova did not say yet which hosts it has`;
      return { kind: 'cloud-unavailable', reason, remedy: undefined };
    }
    case 'none': {
      const wanted = match.wanted === undefined ? 'no Nova host has that name' : `Nova knows no host ${match.wanted}`;
      return { kind: 'host-unknown', reason: `${node} is proven down, but ${wanted}`, remedy };
    }
    case 'ambiguous': {
      const reason = `${node} is proven down, but nodes ${match.nodes.join(', ')} match Nova hosts ${match.hosts.join(', ')}`;
      return { kind: 'host-unknown', reason, remedy };
    }
  }
}

function fencingHold(question: HoldQuestion, phase: Extract<Phase, { kind: 'lost' }>): Hold {
  const { node, fencings, finding } = question;
  const confirm = `see to the power of ${node}; when it is surely off: stonith_admin --confirm ${node}`;
  const failed = fencings.find((fencing) => fencing.status === 'failed' && fencing.action !== 'on');
  const hasFailed = isLater(failed, phase.sinceMs - FAILURE_LEAD_MS);
  const pending = fencings.find((fencing) => fencing.status === 'pending' && fencing.action !== 'on');
  // Pacemaker tries again and again: a try under way must not take back what the operator was told of the last.
  if (pending !== undefined && !hasFailed) {
    const since = phase.fencingSeenAtMs === null ? '' : ` since ${timeOfDay(phase.fencingSeenAtMs)}`;
    const by = pending.delegate === undefined ? `asked on ${pending.origin}` : `by ${pending.delegate}`;
    return {
      kind: 'fencing-pending',
      reason: `fencing (${pending.action}, ${by}) is under way${since}`,
      remedy: undefined,
    };
  }
  if (finding.kind === 'human-not-accepted' && !isLater(failed, finding.proof.completedAtMs)) {
    const { by, completedAtMs } = finding.proof;
    const words =
      by === 'unknown'
        ? `node_fenced says that it was fenced at ${timeOfDay(completedAtMs)}, no record says by whom`
        : `a human confirmed at ${timeOfDay(completedAtMs)} that it is off`;
    return {
      kind: 'human-not-accepted',
      reason: `${words}, and the policy does not accept that`,
      remedy: `stonith_admin --reboot ${node}, or accept human confirmations in the configuration`,
    };
  }
  if (finding.kind === 'proof') {
    const at = timeOfDay(finding.proof.completedAtMs);
    const reason = `fenced at ${at}, but the cluster still shows it as taking part`;
    return { kind: 'fencing-pending', reason, remedy: undefined };
  }
  if (failed !== undefined && hasFailed) {
    const why = failed.exitReason === undefined ? '' : `: ${failed.exitReason}`;
    const at = failed.completedAtMs === undefined ? '' : ` at ${timeOfDay(failed.completedAtMs)}`;
    const again = pending === undefined ? '' : '; it is being tried again';
    return { kind: 'fencing-failed', reason: `fencing (${failed.action}) failed${at}${why}${again}`, remedy: confirm };
  }
  return { kind: 'not-fenced', reason: 'nothing has fenced it yet', remedy: confirm };
}

/** A failure seen together with the loss began before it; one much older belongs to another day. */
const FAILURE_LEAD_MS = 300_000;

function isLater(fencing: Fencing | undefined, atMs: number): boolean {
  return fencing?.completedAtMs !== undefined && fencing.completedAtMs > atMs;
}
