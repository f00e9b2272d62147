import type { Hold, Verdict } from '../../bridge/verdict.ts';
import { isUnfinished, keepsOut, type Recovery } from '../recovery.ts';
import type { Notice } from './notice.ts';

/** What is known of the host that a claim names. */
export interface ClaimSight {
  /** Of the host, the newest first. */
  readonly recoveries: readonly Recovery[];
  readonly verdict: Verdict | undefined;
  /** Why a failure of the host is none of ours, if so (S8). */
  readonly leftAlone: Hold | undefined;
  /** It was lost or proven down since the claim came. */
  readonly wasLost: boolean;
  readonly ageMs: number;
  readonly patienceMs: number;
}

export type ClaimJudgement =
  /** The recovery answers the failure that it tells of. */
  | { readonly kind: 'join'; readonly recovery: Recovery }
  /** `key` changes when something else is worth telling. */
  | { readonly kind: 'wait'; readonly key: string; readonly message: string }
  | { readonly kind: 'end'; readonly status: 'ignored' | 'failed'; readonly message: string };

/**
 * What becomes of somebody's word that a host is down. Invariant (S1): it is no proof. It begins nothing; it is joined to
 * the recovery that a proof has begun, or waits for one, or ends with the reason.
 */
export function judgeClaim({ generatedAtMs, host }: Notice, sight: ClaimSight): ClaimJudgement {
  const { ageMs, leftAlone, patienceMs, recoveries, verdict, wasLost } = sight;
  const recovery = recoveries.find((each) => answers(each, generatedAtMs, sight));
  if (recovery !== undefined) return { kind: 'join', recovery };
  if (leftAlone !== undefined) return end('ignored', `nothing is done: ${leftAlone.reason}; ${leftAlone.remedy}`);
  const isOver = ageMs >= patienceMs;
  const reported = `${host} is reported down by a monitor`;
  const within = `within ${Math.round(patienceMs / 1000)} s`;
  switch (verdict?.state) {
    case 'up':
      if (wasLost) return end('ignored', `${host} is up again and was not fenced: nothing was evacuated`);
      if (isOver) return end('ignored', `${reported}, and Pacemaker saw it up all the time: nothing was evacuated`);
      return wait('up', `${reported}; Pacemaker sees it up, and nothing is evacuated before Pacemaker has fenced it`);
    case 'hands-off':
      return end('ignored', `${reported}, and its node is in the hands of an administrator: ${verdict.reason}`);
    case 'lost': {
      const { kind, reason, remedy } = verdict.hold;
      const toDo = remedy === undefined ? '' : `; ${remedy}`;
      if (!isOver) return wait(`lost ${kind}`, `${reported}; waits for Pacemaker to fence it: ${reason}${toDo}`);
      return end(
        'failed',
        `${reported}, and was not proven down ${within}, so nothing was evacuated: ${reason}${toDo}`,
      );
    }
    case 'proven':
      return wait('proven', `${reported}, and Pacemaker has fenced it: its recovery is about to begin`);
    case undefined: {
      const why = `no node of the Pacemaker cluster is ${host}, so nothing can prove it down`;
      if (!isOver) return wait('no node', `${reported}; ${why}`);
      const toDo = `make it a remote node with a fence device, or name its node under hosts.map in lifeboat.yaml`;
      return end('failed', `${why} and nothing was evacuated; ${toDo}`);
    }
  }
}

/**
 * One at work answers the present failure; one that has ended does so for as long as its host was not seen back. Else it
 * answers what was told until it ended or gave the host back: a later word may be of the next failure, and one from long
 * before it began is of another day.
 */
function answers(recovery: Recovery, generatedAtMs: number, { patienceMs, verdict }: ClaimSight): boolean {
  if (isUnfinished(recovery)) return true;
  if (keepsOut(recovery) && verdict?.state === 'proven') return true;
  const { endedAtMs = 0, lostSinceMs, releasedAtMs = endedAtMs } = recovery;
  return generatedAtMs >= lostSinceMs - patienceMs && generatedAtMs <= releasedAtMs;
}

function wait(key: string, message: string): ClaimJudgement {
  return { kind: 'wait', key, message };
}

function end(status: 'ignored' | 'failed', message: string): ClaimJudgement {
  return { kind: 'end', status, message };
}
