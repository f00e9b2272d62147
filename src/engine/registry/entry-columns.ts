import type { Entry, HostEntry, SegmentEntry, VmoveEntry } from './registry.ts';

/** Entries that stand in no table, with the columns by which they are searched and sorted. */

export function segmentColumns(entry: SegmentEntry) {
  return {
    entry,
    ...entryColumns(entry),
    name: entry.name,
    description: entry.description ?? null,
    service_type: entry.serviceType,
    recovery_method: entry.recoveryMethod,
    enabled: Number(entry.enabled),
  };
}

export function hostColumns(entry: HostEntry) {
  return {
    entry,
    ...entryColumns(entry),
    segment_uuid: entry.segment.uuid,
    name: entry.name,
    type: entry.type,
    control_attributes: entry.controlAttributes,
    reserved: Number(entry.reserved),
    on_maintenance: Number(entry.onMaintenance),
  };
}

export function vmoveColumns(entry: VmoveEntry) {
  return {
    entry,
    ...entryColumns(entry),
    notification_uuid: entry.notificationUuid,
    instance_uuid: entry.instanceUuid,
    instance_name: entry.instanceName,
    source_host: entry.sourceHost,
    dest_host: entry.destHost ?? null,
    start_time: entry.startedAtMs ?? null,
    end_time: entry.endedAtMs ?? null,
    type: entry.type,
    status: entry.status,
    message: entry.message ?? null,
  };
}

function entryColumns({ createdAtMs, id, updatedAtMs, uuid }: Entry) {
  return { number: id, uuid, created_at: createdAtMs, updated_at: updatedAtMs ?? null };
}
