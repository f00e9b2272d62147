import { LifeboatError } from '../../errors.ts';
import type { Hold } from '../../bridge/verdict.ts';
import type { Proof } from '../../bridge/proof.ts';
import type { Orders } from '../orders.ts';
import { NOTIFICATION_STATUSES, type HostNotification } from '../notification.ts';
import { RECOVERY_STATES, type Isolation, type Recovery } from '../recovery.ts';
import { MOVE_STATES, type Move } from '../move.ts';
import type { Rank } from '../order/rank.ts';
import { WANTED_STATES, wantedStateOf, type WantedState } from '../restoration.ts';
import { RECOVERY_METHODS, type Segment, type SegmentHost } from '../segments/segment.ts';
import { TAKING_STATES, type Taking } from '../segments/taking.ts';
import type { MoveWay } from '../segments/way.ts';
import type { Suspect } from '../suspect.ts';
import type {
  MoveRow,
  NotificationRow,
  RecoveryRow,
  SegmentHostRow,
  SegmentRow,
  StampRow,
  SuspectRow,
  TakingRow,
} from './tables.ts';

/** Rows to values and back. A row that cannot be read is an error that names it; nothing is guessed. */

export function notificationRow(notification: HostNotification): NotificationRow {
  return {
    id: notification.id,
    proof_id: notification.proof.id,
    host: notification.host,
    node: notification.node,
    proof: JSON.stringify(notification.proof),
    lost_since: notification.lostSinceMs,
    status: notification.status,
    created_at: notification.createdAtMs,
  };
}

export function notificationOf(row: NotificationRow): HostNotification {
  const where = `notification ${row.id} of ${row.host}`;
  return {
    id: row.id,
    host: row.host,
    node: row.node,
    proof: parsed<Proof>(row.proof, where),
    lostSinceMs: row.lost_since,
    status: known(NOTIFICATION_STATUSES, row.status, where),
    createdAtMs: row.created_at,
  };
}

export function recoveryRow(recovery: Recovery): RecoveryRow {
  return {
    id: recovery.id,
    notification_id: recovery.notificationId,
    host: recovery.host,
    node: recovery.node,
    state: recovery.state,
    hold: recovery.hold === undefined ? null : JSON.stringify(recovery.hold),
    resume_to: recovery.resumeTo ?? null,
    reason: recovery.reason ?? null,
    proof: JSON.stringify(recovery.proof),
    lost_since: recovery.lostSinceMs,
    isolation: recovery.isolation === undefined ? null : JSON.stringify(recovery.isolation),
    orders: JSON.stringify(recovery.orders),
    created_at: recovery.createdAtMs,
    first_accepted_at: recovery.firstAcceptedAtMs ?? null,
    ended_at: recovery.endedAtMs ?? null,
    released_at: recovery.releasedAtMs ?? null,
  };
}

export function recoveryOf(row: RecoveryRow): Recovery {
  const where = `recovery ${row.id} of ${row.host}`;
  return {
    id: row.id,
    notificationId: row.notification_id,
    host: row.host,
    node: row.node,
    state: known(RECOVERY_STATES, row.state, where),
    hold: row.hold === null ? undefined : parsed<Hold>(row.hold, where),
    resumeTo: row.resume_to === null ? undefined : known(RECOVERY_STATES, row.resume_to, where),
    reason: row.reason ?? undefined,
    proof: parsed<Proof>(row.proof, where),
    lostSinceMs: row.lost_since,
    isolation: row.isolation === null ? undefined : parsed<Isolation>(row.isolation, where),
    orders: row.orders === null ? {} : parsed<Orders>(row.orders, where),
    createdAtMs: row.created_at,
    firstAcceptedAtMs: row.first_accepted_at ?? undefined,
    endedAtMs: row.ended_at ?? undefined,
    releasedAtMs: row.released_at ?? undefined,
  };
}

export function moveRow(move: Move): MoveRow {
  return {
    id: move.id,
    recovery_id: move.recoveryId,
    instance_id: move.instanceId,
    name: move.name,
    state: move.state,
    reason: move.reason ?? null,
    source_host: move.sourceHost,
    target_host: move.targetHost ?? null,
    former_vm_state: move.formerVmState,
    wanted_state: move.wantedState,
    failures: move.failures,
    past_evacuation_id: move.pastEvacuationId,
    sent_at: move.sentAtMs ?? null,
    accepted_at: move.acceptedAtMs ?? null,
    ended_at: move.endedAtMs ?? null,
    rank: move.rank === undefined ? null : JSON.stringify(move.rank),
    way: move.way === undefined ? null : JSON.stringify(move.way),
  };
}

export function moveOf(row: MoveRow): Move {
  return {
    id: row.id,
    recoveryId: row.recovery_id,
    instanceId: row.instance_id,
    name: row.name,
    state: known(MOVE_STATES, row.state, `move ${row.id} of ${row.instance_id}`),
    reason: row.reason ?? undefined,
    sourceHost: row.source_host,
    targetHost: row.target_host ?? undefined,
    formerVmState: row.former_vm_state,
    wantedState: wantedOf(row),
    failures: row.failures,
    pastEvacuationId: row.past_evacuation_id,
    sentAtMs: row.sent_at ?? undefined,
    acceptedAtMs: row.accepted_at ?? undefined,
    endedAtMs: row.ended_at ?? undefined,
    way: row.way === null ? undefined : parsed<MoveWay>(row.way, `move ${row.id} of ${row.instance_id}`),
    rank: row.rank === null ? undefined : parsed<Rank>(row.rank, `move ${row.id} of ${row.instance_id}`),
  };
}

function wantedOf(row: MoveRow): WantedState {
  if (row.wanted_state === null) {
    return wantedStateOf({ vmState: row.former_vm_state, taskState: undefined, powerState: 1 });
  }
  return known(WANTED_STATES, row.wanted_state, `move ${row.id} of ${row.instance_id}`);
}

export function suspectRow(suspect: Suspect): SuspectRow {
  const { host, node, serviceId, wasDisabled, sinceMs, isolated } = suspect;
  return {
    host,
    node,
    service_id: serviceId,
    was_disabled: wasDisabled ? 1 : 0,
    since: sinceMs,
    isolated: isolated ? 1 : 0,
  };
}

export function suspectOf(row: SuspectRow): Suspect {
  const { host, node, service_id, was_disabled, since, isolated } = row;
  return {
    host,
    node,
    serviceId: service_id,
    wasDisabled: was_disabled !== 0,
    sinceMs: since,
    isolated: isolated !== 0,
  };
}

export function segmentRow(segment: Omit<Segment, 'hosts'>, position: number): Omit<SegmentRow, keyof StampRow> {
  return {
    uuid: segment.uuid,
    name: segment.name,
    description: segment.description ?? null,
    service_type: segment.serviceType,
    recovery_method: segment.recoveryMethod,
    enabled: segment.enabled ? 1 : 0,
    declared: segment.declared ? 1 : 0,
    position,
  };
}

export function segmentHostRow(
  host: SegmentHost,
  segmentUuid: string,
  position: number,
): Omit<SegmentHostRow, keyof StampRow> {
  return {
    uuid: host.uuid,
    segment_uuid: segmentUuid,
    name: host.name,
    type: host.type,
    control_attributes: host.controlAttributes,
    reserved: host.reserved ? 1 : 0,
    on_maintenance: host.onMaintenance ? 1 : 0,
    position,
  };
}

/** `hosts`: of this segment, in their order. */
export function segmentOf(row: SegmentRow, hosts: readonly SegmentHostRow[]): Segment {
  return {
    name: row.name,
    description: row.description ?? undefined,
    serviceType: row.service_type,
    recoveryMethod: known(RECOVERY_METHODS, row.recovery_method, `segment ${row.name}`),
    enabled: row.enabled !== 0,
    hosts: hosts.map((host) => ({
      name: host.name,
      type: host.type,
      controlAttributes: host.control_attributes,
      reserved: host.reserved !== 0,
      onMaintenance: host.on_maintenance !== 0,
      uuid: host.uuid,
    })),
    uuid: row.uuid,
    declared: row.declared !== 0,
  };
}

export function takingRow(taking: Taking): TakingRow {
  return {
    host: taking.host,
    service_id: taking.serviceId,
    failed_host: taking.failedHost,
    state: taking.state,
    was_enabled: taking.wasEnabled ? 1 : 0,
    former_reason: taking.formerReason ?? null,
    aggregates: JSON.stringify(taking.aggregates),
    since: taking.sinceMs,
  };
}

export function takingOf(row: TakingRow): Taking {
  return {
    host: row.host,
    serviceId: row.service_id,
    failedHost: row.failed_host,
    state: known(TAKING_STATES, row.state, `taking of ${row.host}`),
    wasEnabled: row.was_enabled !== 0,
    formerReason: row.former_reason ?? undefined,
    aggregates: parsed<readonly string[]>(row.aggregates, `taking of ${row.host}`),
    sinceMs: row.since,
  };
}

export function known<S extends string>(table: Readonly<Record<S, unknown>>, state: string, where: string): S {
  if (Object.hasOwn(table, state)) return state as S;
  throw new LifeboatError('STORE_DAMAGED', `${where} has the unknown state ${JSON.stringify(state)}`);
}

export function parsed<T>(json: string, where: string): T {
  try {
    return JSON.parse(json) as T;
  } catch (cause) {
    throw new LifeboatError('STORE_DAMAGED', `${where} holds unreadable JSON`, { cause });
  }
}
