import type { Rank } from './order/rank.ts';
import type { MoveWay } from './segments/way.ts';
import type { WantedState } from './restoration.ts';

/** The states of a move, each in one sentence. */
export const MOVE_STATES = {
  waiting: 'not sent to Nova yet',
  preparing: 'its state keeps Nova from evacuating it; a call that changes it may be under way',
  sending: 'an evacuate call may be under way; only Nova knows whether it took it',
  accepted: 'Nova took it; the instance is on its way',
  restoring: 'runs on another host; a call that brings it into the state that it should have may be under way',
  done: 'the instance was seen on another host in the state that it should have',
  skipped: 'needs no move; the reason says why',
  failed: 'could not be moved; the reason says why',
} as const;

export type MoveState = keyof typeof MOVE_STATES;

/** One instance's way from the dead host to a live one (Masakari: vmove). Times are milliseconds since the epoch. */
export interface Move {
  readonly id: string;
  readonly recoveryId: string;
  readonly instanceId: string;
  readonly name: string;
  readonly state: MoveState;
  readonly reason: string | undefined;
  readonly sourceHost: string;
  readonly targetHost: string | undefined;
  /** Nova's vm_state when the move was made. */
  readonly formerVmState: string;
  /** What the instance is to be on its new host; on disk before a reset of its state wipes it out of Nova. */
  readonly wantedState: WantedState;
  /** Calls of the present step, to evacuate or to restore, that Nova took and that then failed. */
  readonly failures: number;
  /** Evacuation records of Nova up to this id belong to the past, or to an attempt that failed. */
  readonly pastEvacuationId: number;
  readonly sentAtMs: number | undefined;
  readonly acceptedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** Undefined in what an older Lifeboat wrote: as any other. */
  readonly rank?: Rank | undefined;
  /** Undefined: nothing but the first way of the recovery method was tried. */
  readonly way?: MoveWay | undefined;
}

export function isEnded(move: Move): boolean {
  return move.state === 'done' || move.state === 'skipped' || move.state === 'failed';
}

/** Sent and not ended: counts against the bound on parallel evacuations. */
export function isInFlight(move: Move): boolean {
  return move.state === 'sending' || move.state === 'accepted';
}

/** A call of it had no answer: its outcome is open, or it has to be sent again. */
export function wasCutOff(move: Move): boolean {
  return move.state === 'sending' || (move.state === 'waiting' && move.sentAtMs !== undefined && move.failures === 0);
}

/** A move that has failed, to be tried again from its beginning. What Nova shows of its instance decides, as ever (S3). */
export function triedAgain(move: Move, reason: string): Move {
  return {
    ...move,
    state: 'waiting',
    reason,
    failures: 0,
    targetHost: undefined,
    sentAtMs: undefined,
    acceptedAtMs: undefined,
    endedAtMs: undefined,
  };
}

export interface Tally {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
}

export function tally(moves: readonly Move[]): Tally {
  const count = (state: MoveState): number => moves.filter((move) => move.state === state).length;
  const skipped = count('skipped');
  return { total: moves.length - skipped, done: count('done'), failed: count('failed'), skipped };
}
