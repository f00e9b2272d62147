import { pauseText, type Pause } from '../bridge/pause.ts';
import type { Hold } from '../bridge/verdict.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';

/**
 * Whether effects are allowed at this moment (S2, S8). What is not known to be allowed is not: without a snapshot, or with
 * one that is too old, the cluster may have lost its quorum long ago.
 */
export function permissionFrom(
  snapshot: ClusterSnapshot | undefined,
  ageMs: number,
  maxAgeMs: number,
  pause: Pause | undefined,
): Hold | undefined {
  if (snapshot === undefined) return { kind: 'no-dc', reason: 'the cluster was not read yet', remedy: undefined };
  if (ageMs > maxAgeMs) {
    const seconds = Math.round(ageMs / 1000);
    return {
      kind: 'no-dc',
      reason: `the cluster could not be read for ${seconds} s`,
      remedy: `crm_mon on ${snapshot.localNode}`,
    };
  }
  if (!snapshot.quorate) {
    return {
      kind: 'no-quorum',
      reason: `the partition of ${snapshot.localNode} has no quorum`,
      remedy: 'bring controllers back',
    };
  }
  if (snapshot.dc === undefined) return { kind: 'no-dc', reason: 'the cluster has no DC', remedy: undefined };
  // Last, because what is in flight is followed while this is all that forbids anything (`mayOnlyFollow`).
  return pause && pausedHold(pause);
}

function pausedHold(pause: Pause): Hold {
  return { kind: 'paused', reason: `Lifeboat is paused ${pauseText(pause)}`, remedy: 'lifeboat resume' };
}

/** Nothing may be sent, but Nova may be asked what becomes of what was. */
export function mayOnlyFollow(forbidden: Hold | undefined): boolean {
  return forbidden?.kind === 'paused';
}
