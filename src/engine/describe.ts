import type { Hold, HoldKind } from '../bridge/verdict.ts';
import { tally, type Move } from './move.ts';
import type { Recovery } from './recovery.ts';

/** The few words that crm_mon shows in the node attribute `lifeboat`. */
export function describeRecovery(recovery: Recovery, moves: readonly Move[]): string {
  const { total, done, failed } = tally(moves);
  switch (recovery.state) {
    case 'accepted':
    case 'isolating':
      return 'isolating';
    case 'evacuating':
      return `evacuating ${done}/${total}`;
    case 'held':
      return recovery.hold === undefined ? 'held' : describeHold(recovery.hold);
    case 'recovered':
    case 'released':
      return failed > 0 ? `failed ${failed}/${total}` : `recovered ${done}/${total}${inSeconds(recovery)}`;
    case 'failed':
      return `failed ${failed}/${total}`;
    case 'superseded':
      return 'superseded';
  }
}

export function describeHold(hold: Hold): string {
  return `held: ${HOLD_WORDS[hold.kind]}`;
}

/** Each hold in the few words that crm_mon has room for. */
export const HOLD_WORDS: Readonly<Record<HoldKind, string>> = {
  'no-quorum': 'no quorum',
  'no-dc': 'no DC',
  'fencing-disabled': 'fencing disabled',
  'not-fenced': 'not fenced yet',
  'fencing-pending': 'fencing under way',
  'fencing-failed': 'fencing failed',
  'human-not-accepted': 'human confirmation not accepted',
  'host-unknown': 'host unknown to Nova',
  returned: 'returned before recovery',
  heartbeat: 'nova-compute still alive',
  'cloud-unavailable': 'Nova unavailable',
  'store-unusable': 'store unusable',
  'no-lease': 'no lease',
  'segment-disabled': 'segment disabled',
  'host-on-maintenance': 'on maintenance',
  paused: 'paused',
  storm: 'too many hosts lost',
  flapping: 'fails too often',
  'gate-was-open': 'may have been let in',
  'masakari-unavailable': 'Masakari unavailable',
  'masakari-refused': 'refused by Masakari',
};

function inSeconds(recovery: Recovery): string {
  if (recovery.endedAtMs === undefined) return '';
  return ` in ${Math.max(0, Math.round((recovery.endedAtMs - recovery.lostSinceMs) / 1000))}s`;
}
