import type {
  Entry,
  HostEntry,
  NotificationEntry,
  SegmentEntry,
  VmoveEntry,
  WorkflowTask,
} from '../../engine/registry/registry.ts';

type Json = Readonly<Record<string, unknown>>;

/** YYYY-MM-DDTHH:MM:SS.ffffff, UTC without saying so, as Masakari writes it. */
export function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString().replace('Z', '000');
}

function whenOf({ createdAtMs, updatedAtMs }: Entry): Json {
  return { created_at: timeOf(createdAtMs), updated_at: timeOf(updatedAtMs), deleted_at: null, deleted: false };
}

export function segmentView(segment: SegmentEntry): Json {
  return {
    id: segment.id,
    uuid: segment.uuid,
    name: segment.name,
    service_type: segment.serviceType,
    enabled: segment.enabled,
    description: segment.description ?? null,
    recovery_method: segment.recoveryMethod,
    ...whenOf(segment),
  };
}

export function hostView(host: HostEntry): Json {
  return {
    id: host.id,
    uuid: host.uuid,
    name: host.name,
    failover_segment_id: host.segment.uuid,
    failover_segment: segmentView(host.segment),
    type: host.type,
    reserved: host.reserved,
    control_attributes: host.controlAttributes,
    on_maintenance: host.onMaintenance,
    ...whenOf(host),
  };
}

export function notificationView(notification: NotificationEntry): Json {
  return {
    id: notification.id,
    notification_uuid: notification.uuid,
    generated_time: timeOf(notification.generatedAtMs),
    source_host_uuid: notification.sourceHostUuid,
    failover_segment_uuid: notification.segmentUuid ?? null,
    type: notification.type,
    payload: notification.payload,
    status: notification.status,
    message: notification.message ?? null,
    ...whenOf(notification),
  };
}

export function progressView(tasks: readonly WorkflowTask[]): readonly Json[] {
  return tasks.map(({ name, progress, state, steps }) => ({
    name,
    state,
    progress,
    progress_details: steps.map((step) => ({
      timestamp: timeOf(step.atMs)?.replace('T', ' '),
      message: step.message,
      progress: step.progress.toFixed(1),
    })),
  }));
}

export function vmoveView(vmove: VmoveEntry): Json {
  return {
    id: vmove.id,
    uuid: vmove.uuid,
    notification_uuid: vmove.notificationUuid,
    instance_uuid: vmove.instanceUuid,
    instance_name: vmove.instanceName,
    source_host: vmove.sourceHost,
    dest_host: vmove.destHost ?? null,
    start_time: timeOf(vmove.startedAtMs),
    end_time: timeOf(vmove.endedAtMs),
    type: vmove.type,
    status: vmove.status,
    message: vmove.message ?? null,
    ...whenOf(vmove),
  };
}
