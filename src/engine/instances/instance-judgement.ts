import type { Instance, RecordedAction } from '../../openstack/cloud.ts';
import type { InstanceWork } from './work.ts';

export type InstanceJudgement =
  | { readonly kind: 'wait'; readonly message: string }
  | { readonly kind: 'call'; readonly action: InstanceCall; readonly work: InstanceWork }
  | { readonly kind: 'end'; readonly status: 'finished' | 'failed' | 'ignored'; readonly message: string };

export type InstanceCall = 'stop' | 'start' | 'migrate' | 'confirm-resize';

export interface InstanceFacts {
  /** Undefined: Nova has none of that id. */
  readonly instance: Instance | undefined;
  /**
   * Where the report came from, or where the recovery of that host has brought what we had stopped; of one that is being
   * migrated: where Nova has it.
   */
  readonly host: string;
  /** When it was made there, ms since the epoch. */
  readonly reportedAtMs: number;
  /**
   * The last thing that somebody had Nova do with it; only asked for before the first call of ours, and for a migration,
   * then before the instance was.
   */
  readonly lastAction: RecordedAction | undefined;
  /** Why it is none of ours by the operator's selection. */
  readonly reasonToLeave: string | undefined;
  /** Restarts of the instance within the limit's time, this one left out. */
  readonly restarts: number;
  /** When it was brought to another host within the limit's time, ms since the epoch, this report left out. */
  readonly migratedAtMs: number | undefined;
  readonly now: number;
}

/** Nova's power_state of a guest that runs. */
export const RUNNING = 1;

export function ignored(message: string): InstanceJudgement {
  return { kind: 'end', status: 'ignored', message };
}

export function failed(message: string): InstanceJudgement {
  return { kind: 'end', status: 'failed', message };
}

export function waits(message: string): InstanceJudgement {
  return { kind: 'wait', message };
}
