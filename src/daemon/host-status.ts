import type { Verdict } from '../bridge/verdict.ts';
import type { HostStatus } from '../control/protocol.ts';

/** A loss is on its way to be fenced for this long before its hold counts as one. */
const BRIEF_MS = 15_000;

export function isBrief(verdict: Extract<Verdict, { state: 'lost' }>, now: number): boolean {
  const onItsWay = verdict.hold.kind === 'fencing-pending' || verdict.hold.kind === 'not-fenced';
  return onItsWay && now - verdict.lostSinceMs < BRIEF_MS;
}

export function hostStatus(verdict: Verdict): HostStatus {
  const { node, host, state } = verdict;
  const lostSinceMs = state === 'lost' || state === 'proven' ? verdict.lostSinceMs : undefined;
  switch (state) {
    case 'up':
      return { node, host, state, lostSinceMs, reason: undefined, remedy: undefined };
    case 'hands-off':
      return { node, host, state, lostSinceMs, reason: verdict.reason, remedy: undefined };
    case 'lost':
      return { node, host, state, lostSinceMs, reason: verdict.hold.reason, remedy: verdict.hold.remedy };
    case 'proven':
      return { node, host, state, lostSinceMs, reason: `fenced by ${verdict.proof.by}`, remedy: undefined };
  }
}
