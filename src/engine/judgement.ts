import type { Evacuation, Instance, InstanceAction } from '../openstack/cloud.ts';
import type { Move } from './move.ts';

/** What Nova shows of one instance, read after the move last changed. */
export interface Sight {
  /** Undefined: Nova has no such instance any more. */
  readonly instance: Instance | undefined;
  /** The newest evacuation record of the instance that is not of the past. */
  readonly evacuation: Evacuation | undefined;
  /**
   * The host that it is on its way to: `kept-out` of Nova itself, and perhaps alive for all we know; `proven` down, so
   * that nothing goes on there.
   */
  readonly target: 'alive' | 'kept-out' | 'proven';
  /** Whether nova-compute of the dead host had taken the instance's last call from its queue. */
  readonly lastCall: 'taken' | 'unknown';
}

export interface MoveLimits {
  /** How long an unknown outcome is watched before Nova's silence counts as "it never came". */
  readonly settleMs: number;
  readonly moveTimeoutMs: number;
  /** Calls of one step that may fail before the move has failed. */
  readonly attempts: number;
}

/** A call before or after the evacuation. Its move is written down as it stands here before the call goes out. */
export type Step =
  /** Reads Nova's record of the last call; changes nothing. */
  | { readonly kind: 'ask'; readonly move: Move; readonly instance: Instance }
  | { readonly kind: 'reset' | 'confirm'; readonly move: Move }
  | { readonly kind: 'restore'; readonly move: Move; readonly action: InstanceAction };

export type Judgement =
  | { readonly kind: 'wait' }
  /** Nova shows the instance on the dead host with nothing under way: a call may be sent now (rule S3). */
  | { readonly kind: 'ready' }
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'change'; readonly move: Move }
  /** An attempt failed; another may follow after a delay. */
  | { readonly kind: 'retry'; readonly move: Move };

export function ended(move: Move, state: 'done' | 'skipped' | 'failed', reason: string | undefined): Judgement {
  return { kind: 'change', move: { ...move, state, reason } };
}
