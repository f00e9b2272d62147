import type { HoldQuestion } from './hold.ts';
import { holdOn } from './hold.ts';
import type { HostMatch } from './host-map.ts';
import type { Authority, NodeMemory } from './memory.ts';
import type { Presence } from './presence.ts';
import type { Verdict } from './verdict.ts';

export interface JudgeQuestion extends Omit<HoldQuestion, 'phase'> {
  readonly remembered: NodeMemory;
  /** undefined when the snapshot lists the node no longer, or decides nothing (no quorum, no DC). */
  readonly presence: Presence | undefined;
  readonly mark: string | undefined;
}

/** What is said of a node that stands where it stands. Invariant: `proven` is said only of the phase `proven`. */
export function judge(question: JudgeQuestion): Verdict {
  const { node, remembered, presence, match } = question;
  const { phase } = remembered;
  const host = hostOf(match);
  switch (phase.kind) {
    case 'up':
    case 'blinked':
      // Its connection moves or restarts: not up to be relied on, not lost either.
      if (presence?.kind === 'changing') return { state: 'hands-off', node, host, reason: presence.sign };
      return { state: 'up', node, host };
    case 'unknown':
      return { state: 'hands-off', node, host, reason: unknownReason(question.authority, presence) };
    case 'away':
      return { state: 'hands-off', node, host, reason: phase.reason };
    case 'lost':
    case 'proven': {
      const { sinceMs: lostSinceMs } = phase;
      if (question.policy.ignoredNodes.includes(node)) {
        return { state: 'hands-off', node, host, reason: 'the configuration ignores it' };
      }
      if (phase.kind === 'lost' && question.mark !== undefined) {
        return { state: 'hands-off', node, host, reason: `${question.mark}; before that it was lost (${phase.sign})` };
      }
      const hold = holdOn({ ...question, phase });
      if (hold !== undefined) return { state: 'lost', node, host, lostSinceMs, hold };
      if (phase.kind === 'lost' || host === undefined) throw new TypeError(`${node}: no hold, and no proof or host`);
      return { state: 'proven', node, host, lostSinceMs, proof: phase.proof };
    }
  }
}

function hostOf(match: HostMatch): string | undefined {
  return match.kind === 'matched' ? match.host : undefined;
}

function unknownReason(authority: Authority, presence: Presence | undefined): string {
  if (authority !== 'granted') return 'nothing is known of it yet, and without quorum and a DC nothing is decided';
  return presence === undefined || presence.kind === 'up' ? 'not seen up yet' : `not seen up yet: ${presence.sign}`;
}
