import { RECOVERY_METHODS } from '../../engine/segments/segment.ts';
import { NOTIFICATION_TYPES } from '../../engine/registry/registry.ts';
import { FAULT, listOf, object, type Schema } from '../lifeboat/schemas.ts';
import { FAULT_NAMES } from '../masakari/fault.ts';

// What Masakari's API answers with, as views.ts writes it.

const text: Schema = { type: 'string' };
const textOrNone: Schema = { type: ['string', 'null'] };
const truth: Schema = { type: 'boolean' };
const whole: Schema = { type: 'integer' };
const time: Schema = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}$',
  description: 'UTC, without saying so',
};
const timeOrNone: Schema = { ...time, type: ['string', 'null'] };
const link = object({ rel: text, href: text, type: text }, ['type']);

/** What every row has. */
const row = {
  id: whole,
  created_at: time,
  updated_at: timeOrNone,
  deleted_at: { type: 'null' },
  deleted: { const: false },
};

const segment = object({
  ...{ uuid: text, name: text, service_type: text, enabled: truth, description: textOrNone },
  recovery_method: { enum: Object.keys(RECOVERY_METHODS) },
  ...row,
});

const host = object({
  ...{ uuid: text, name: text, failover_segment_id: text, failover_segment: segment, type: text },
  ...{ reserved: truth, control_attributes: text, on_maintenance: truth },
  ...row,
});

const notification = {
  notification_uuid: text,
  generated_time: time,
  source_host_uuid: text,
  failover_segment_uuid: textOrNone,
  type: { enum: [...NOTIFICATION_TYPES] },
  payload: { type: 'object', additionalProperties: text },
  status: { enum: ['new', 'running', 'error', 'failed', 'ignored', 'finished'] },
  message: textOrNone,
  ...row,
};

const task = object({
  name: text,
  state: { enum: ['PENDING', 'RUNNING', 'SUCCESS', 'FAILURE'] },
  progress: { type: 'number', minimum: 0, maximum: 1 },
  progress_details: listOf(object({ timestamp: text, message: text, progress: text })),
});

const vmove = object({
  ...{ uuid: text, notification_uuid: text, instance_uuid: text, instance_name: text, source_host: text },
  ...{ dest_host: textOrNone, start_time: timeOrNone, end_time: timeOrNone, type: { const: 'evacuation' } },
  status: { enum: ['pending', 'ongoing', 'ignored', 'failed', 'succeeded'] },
  message: textOrNone,
  ...row,
});

const extension = object({
  ...{ name: text, alias: text, description: text, namespace: text, updated: text },
  links: { type: 'array', maxItems: 0 },
});

const version = {
  ...{ id: text, status: text, version: text, min_version: text, updated: text, links: listOf(link) },
};

export const ANSWERS = {
  versions: object({ versions: listOf(object(version)) }),
  version: object({
    version: object({ ...version, 'media-types': listOf(object({ base: text, type: text })) }),
  }),
  segment: object({ segment }),
  segments: object({ segments: listOf(segment) }),
  host: object({ host }),
  hosts: object({ hosts: listOf(host) }),
  notification: object({ notification: object(notification) }),
  /** With microversion 1.1 and later it has its progress. */
  followed: object({
    notification: object({ ...notification, recovery_workflow_details: listOf(task) }, ['recovery_workflow_details']),
  }),
  notifications: object({ notifications: listOf(object(notification)) }),
  vmove: object({ vmove }),
  vmoves: object({ vmoves: listOf(vmove) }),
  extension: object({ extension }),
  extensions: object({ extensions: listOf(extension) }),
} as const;

/** By status. 401 is what Keystone's middleware answers, which stands before the original. */
export function faultSchema(status: number): Schema {
  if (status === 401) return FAULT;
  const name = FAULT_NAMES[status] ?? 'masakariFault';
  return object({ [name]: object({ code: { const: status }, message: text, retryAfter: text }, ['retryAfter']) });
}
