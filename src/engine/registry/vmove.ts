import type { Move, MoveState } from '../move.ts';
import type { Recovery } from '../recovery.ts';
import { numberOfUuid } from './name-uuid.ts';
import type { VmoveEntry } from './registry.ts';

const STATUSES: Readonly<Record<MoveState, VmoveEntry['status']>> = {
  waiting: 'pending',
  preparing: 'ongoing',
  sending: 'ongoing',
  accepted: 'ongoing',
  restoring: 'ongoing',
  done: 'succeeded',
  skipped: 'ignored',
  failed: 'failed',
};

/** A move of ours as Masakari shows it, under the notification that was asked for. */
export function vmoveOf(move: Move, recovery: Recovery, notificationUuid: string): VmoveEntry {
  return {
    id: numberOfUuid(move.id),
    uuid: move.id,
    createdAtMs: recovery.createdAtMs,
    updatedAtMs: move.endedAtMs ?? move.acceptedAtMs ?? move.sentAtMs,
    notificationUuid,
    instanceUuid: move.instanceId,
    instanceName: move.name,
    sourceHost: move.sourceHost,
    destHost: move.targetHost,
    startedAtMs: move.sentAtMs,
    endedAtMs: move.endedAtMs,
    type: 'evacuation',
    status: STATUSES[move.state],
    message: move.reason,
  };
}
