import { ENTRY_STATUSES } from '../../engine/registry/notice.ts';
import { NOTIFICATION_TYPES, type VmoveEntry } from '../../engine/registry/registry.ts';
import { RECOVERY_METHODS } from '../../engine/segments/segment.ts';
import type { HeldHost, HeldNotification, HeldRow, HeldSegment, HeldVmove } from '../holdings.ts';
import type { Row } from './open.ts';
import { RowProblem } from './row-problem.ts';

/** Rows of Masakari to values. Throws RowProblem; nothing is guessed but the defaults of Masakari's own columns. */

export function isDeleted({ deleted }: Row): boolean {
  return deleted !== null && Number(deleted) !== 0;
}

export function segmentOf(row: Row): HeldSegment {
  return {
    ...rowOf(row, 'uuid'),
    name: text(row, 'name'),
    serviceType: text(row, 'service_type'),
    enabled: truth(row, 'enabled', true),
    description: optional(row, 'description'),
    recoveryMethod: oneOf(row, 'recovery_method', Object.keys(RECOVERY_METHODS) as HeldSegment['recoveryMethod'][]),
  };
}

export function hostOf(row: Row): HeldHost {
  return {
    ...rowOf(row, 'uuid'),
    segmentUuid: text(row, 'failover_segment_id'),
    name: text(row, 'name'),
    type: given(row, 'type'),
    controlAttributes: given(row, 'control_attributes'),
    reserved: truth(row, 'reserved', false),
    onMaintenance: truth(row, 'on_maintenance', false),
  };
}

/** `hosts`: also deleted ones, by uuid. */
export function notificationOf(row: Row, hosts: ReadonlyMap<string, Row>): HeldNotification {
  const sourceHostUuid = text(row, 'source_host_uuid');
  const host = hosts.get(sourceHostUuid);
  if (host === undefined) throw new RowProblem(`source_host_uuid is ${sourceHostUuid}, and there is no such host`);
  return {
    ...rowOf(row, 'notification_uuid'),
    type: oneOf(row, 'type', NOTIFICATION_TYPES),
    sourceHostUuid,
    host: text(host, 'name'),
    // Null in every row that is older than the column, which Masakari itself cannot show then.
    segmentUuid: optional(row, 'failover_segment_uuid') ?? optional(host, 'failover_segment_id'),
    payload: payloadOf(row),
    generatedAtMs: time(row, 'generated_time') ?? missing('generated_time'),
    status: oneOf(row, 'status', Object.keys(ENTRY_STATUSES) as HeldNotification['status'][]),
    message: optional(row, 'message'),
  };
}

const VMOVE_STATUSES = [
  'pending',
  'ongoing',
  'ignored',
  'failed',
  'succeeded',
] as const satisfies readonly VmoveEntry['status'][];

export function vmoveOf(row: Row): HeldVmove {
  oneOf(row, 'type', ['evacuation']);
  return {
    ...rowOf(row, 'uuid'),
    notificationUuid: text(row, 'notification_uuid'),
    instanceUuid: text(row, 'instance_uuid'),
    instanceName: given(row, 'instance_name'),
    sourceHost: optional(row, 'source_host'),
    destHost: optional(row, 'dest_host'),
    startedAtMs: time(row, 'start_time'),
    endedAtMs: time(row, 'end_time'),
    status: oneOf(row, 'status', VMOVE_STATUSES),
    message: optional(row, 'message'),
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function rowOf(row: Row, uuidColumn: string): HeldRow {
  const uuid = text(row, uuidColumn);
  if (!UUID.test(uuid)) throw new RowProblem(`${uuidColumn} is ${quoted(uuid)}, which is no uuid`);
  return { uuid, id: Number(row.id), createdAtMs: time(row, 'created_at'), updatedAtMs: time(row, 'updated_at') };
}

function payloadOf(row: Row): Readonly<Record<string, string>> {
  let payload: unknown;
  try {
    payload = JSON.parse(given(row, 'payload'));
  } catch (error) {
    if (error instanceof RowProblem) throw error;
    throw new RowProblem('payload is no JSON');
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw new RowProblem('payload is no JSON object');
  const odd = Object.entries(payload).find(([, value]) => typeof value !== 'string');
  if (odd !== undefined) throw new RowProblem(`payload has ${quoted(odd[0])}, which is no text`);
  return payload as Readonly<Record<string, string>>;
}

function text(row: Row, column: string): string {
  const value = given(row, column);
  return value === '' ? missing(column) : value;
}

/** May be empty. */
function given(row: Row, column: string): string {
  return optional(row, column) ?? missing(column);
}

function optional(row: Row, column: string): string | undefined {
  const value = row[column];
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'string') throw new RowProblem(`${column} is no text`);
  return value;
}

function truth(row: Row, column: string, byDefault: boolean): boolean {
  const value = row[column];
  if (value === null || value === undefined) return byDefault;
  if (value === 0 || value === 1) return value === 1;
  throw new RowProblem(`${column} is neither 0 nor 1`);
}

function time(row: Row, column: string): number | undefined {
  const written = optional(row, column);
  if (written === undefined) return undefined;
  const atMs = Date.parse(`${written.slice(0, 23)}Z`);
  if (Number.isNaN(atMs)) throw new RowProblem(`${column} is ${quoted(written)}, which is no time`);
  return atMs;
}

function oneOf<T extends string>(row: Row, column: string, allowed: readonly T[]): T {
  const value = given(row, column);
  const found = allowed.find((each) => each === value);
  if (found === undefined)
    throw new RowProblem(`${column} is ${quoted(value)}, which is none of ${allowed.join(', ')}`);
  return found;
}

function missing(column: string): never {
  throw new RowProblem(`${column} is empty`);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
