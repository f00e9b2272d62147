import type { Recovery, RecoveryState } from '../recovery.ts';
import type { EntryStatus } from './registry.ts';

/** How the recovery of a host stands in Masakari's words; see docs/decisions/0040. Undefined: as it ended. */
const STATUSES: Readonly<Record<RecoveryState, EntryStatus | undefined>> = {
  accepted: 'new',
  isolating: 'running',
  evacuating: 'running',
  held: 'running',
  recovered: 'finished',
  failed: 'failed',
  released: undefined,
  superseded: undefined,
};

export interface RecoveryStatus {
  readonly status: EntryStatus;
  readonly message: string | undefined;
  /** Which notifications of the recovery take it. */
  readonly over: 'all' | 'unfinished';
}

/** What the notifications of the recovery show from now on. One that was closed before it ended brought nobody home. */
export function statusOfRecovery(recovery: Recovery): RecoveryStatus {
  const status = STATUSES[recovery.state];
  const message = messageOf(recovery);
  return status === undefined ? { status: 'failed', message, over: 'unfinished' } : { status, message, over: 'all' };
}

function messageOf({ hold, reason }: Recovery): string | undefined {
  if (hold === undefined) return reason;
  return hold.remedy === undefined ? hold.reason : `${hold.reason}; ${hold.remedy}`;
}
