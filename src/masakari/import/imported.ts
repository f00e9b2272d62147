import { numberOfUuid } from '../../engine/registry/name-uuid.ts';
import type { ImportedNotification, ImportedSegment, ImportedVmove } from '../../engine/registry/registry.ts';
import type { HeldRow, HeldVmove } from '../holdings.ts';
import type { ImportPlan, ToldMoves } from './plan.ts';

/** Each with those of its hosts that are new; what is there already the engine leaves as it is. */
export function importedSegments({ hosts, segments }: ImportPlan): readonly ImportedSegment[] {
  return segments.flatMap((segment) => {
    const { description, enabled, name, recoveryMethod, serviceType, uuid } = segment.row;
    const its = hosts.filter(({ kind, row }) => kind === 'new' && row.segmentUuid === uuid);
    if (segment.kind !== 'new' && its.length === 0) return [];
    return [
      {
        ...{ uuid, name, description, serviceType, recoveryMethod, enabled, ...stampOf(segment.row) },
        hosts: its.map(({ row }) => ({
          uuid: row.uuid,
          name: row.name,
          type: row.type,
          controlAttributes: row.controlAttributes,
          reserved: row.reserved,
          onMaintenance: row.onMaintenance,
          ...stampOf(row),
        })),
      },
    ];
  });
}

/** The control socket takes a line of a megabyte; a notification with the moves of a full host is some hundred KB. */
const CHUNK_BYTES = 262_144;

/** Oldest first. */
export function* historyChunks({ notifications }: ImportPlan): Generator<readonly ImportedNotification[]> {
  let chunk: ImportedNotification[] = [];
  let bytes = 0;
  for (const told of notifications.written) {
    const notification = notificationOf(told);
    const size = Buffer.byteLength(JSON.stringify(notification));
    if (chunk.length > 0 && bytes + size > CHUNK_BYTES) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(notification);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

function notificationOf({ notification, vmoves }: ToldMoves): ImportedNotification {
  const { generatedAtMs, host, message, payload, segmentUuid, sourceHostUuid, type, uuid } = notification;
  const told = { uuid, type, host, sourceHostUuid, segmentUuid, payload, generatedAtMs, message };
  return {
    ...told,
    // The plan has left out what has not ended.
    status: notification.status as ImportedNotification['status'],
    ...stampOf(notification),
    createdAtMs: notification.createdAtMs ?? generatedAtMs,
    vmoves: vmoves.map((vmove) => importedVmove(vmove, host)),
  };
}

function importedVmove(vmove: HeldVmove, host: string): ImportedVmove {
  const { createdAtMs = 0, destHost, endedAtMs, id, instanceName, instanceUuid } = vmove;
  const { message, sourceHost = host, startedAtMs, status, updatedAtMs, uuid } = vmove;
  return {
    ...{ id: id ?? numberOfUuid(uuid), uuid, createdAtMs, updatedAtMs, instanceUuid, instanceName, sourceHost },
    ...{ destHost, startedAtMs, endedAtMs, status, message },
  };
}

function stampOf({ createdAtMs, id, updatedAtMs }: HeldRow) {
  return { number: id, createdAtMs, updatedAtMs };
}
