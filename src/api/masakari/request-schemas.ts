import { RECOVERY_METHODS } from '../../engine/segments/segment.ts';
import { NOTIFICATION_TYPES, type NotificationType } from '../../engine/registry/registry.ts';
import type { BodySchema } from './check-body.ts';
import type { Microversion } from './microversion.ts';

// Masakari's rules for the bodies of its requests; what each accepts and says was measured on the original.

const TRUTHS = [true, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes'] as const;
const FALSES = [false, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no'] as const;

const BOOLEAN: BodySchema = { type: ['boolean', 'string'], oneOf: [...TRUTHS, ...FALSES] };
const NAME: BodySchema = { type: ['string'], minLength: 1, maxLength: 255, format: 'name' };
/** Every printable character (of what separates only blanks are), and line breaks. */
const DESCRIPTION: BodySchema = { type: ['string', 'null'], pattern: '^(?:\\n|[^\\p{C}\\p{Zl}\\p{Zp}])*$' };
const HOST_NAME: BodySchema = { type: ['string'], minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' };

const SEGMENT_PROPERTIES: Readonly<Record<string, BodySchema>> = {
  name: NAME,
  description: DESCRIPTION,
  recovery_method: { type: ['string'], oneOf: Object.keys(RECOVERY_METHODS) },
  service_type: NAME,
};

/** `enabled` came with 1.2. */
export function segmentSchema(version: Microversion, purpose: 'create' | 'update'): BodySchema {
  const properties = version.minor >= 2 ? { ...SEGMENT_PROPERTIES, enabled: BOOLEAN } : SEGMENT_PROPERTIES;
  const what =
    purpose === 'create' ? { required: ['name', 'recovery_method', 'service_type'] } : { notEmpty: true as const };
  return inside('segment', { type: ['object'], properties, ...what });
}

export function hostSchema(purpose: 'create' | 'update'): BodySchema {
  const properties: Readonly<Record<string, BodySchema>> = {
    name: HOST_NAME,
    // Null is let through by the original's rules, and ends in an error of its own (W15).
    type: { type: ['string'], maxLength: 255, pattern: '^[a-zA-Z0-9]*$' },
    control_attributes: { ...DESCRIPTION, type: ['string'] },
    reserved: BOOLEAN,
    on_maintenance: BOOLEAN,
  };
  const what =
    purpose === 'create' ? { required: ['name', 'type', 'control_attributes'] } : { notEmpty: true as const };
  return inside('host', { type: ['object'], properties, ...what });
}

export const NOTIFICATION_SCHEMA: BodySchema = inside('notification', {
  type: ['object'],
  properties: {
    type: { type: ['string'], oneOf: NOTIFICATION_TYPES, shownAs: 'tuple' },
    hostname: HOST_NAME,
    generated_time: { type: ['string'], format: 'date-time' },
    payload: {
      type: ['object'],
      properties: {},
      others: { pattern: '^[a-zA-Z0-9-_:. ]{1,255}$', schema: { type: ['string'], maxLength: 255 } },
    },
  },
  required: ['type', 'hostname', 'generated_time', 'payload'],
});

const EVENT: BodySchema = { type: ['string'], oneOf: ['STARTED', 'STOPPED'], shownAs: 'tuple' };
const FREE_TEXT: BodySchema = { type: ['string'], minLength: 1, maxLength: 255 };

export const PAYLOAD_SCHEMAS: Readonly<Record<NotificationType, BodySchema>> = {
  COMPUTE_HOST: {
    type: ['object'],
    properties: {
      host_status: { type: ['string'], oneOf: ['NORMAL', 'UNKNOWN'] },
      cluster_status: { type: ['string'], oneOf: ['ONLINE', 'OFFLINE'] },
      event: EVENT,
    },
    required: ['event'],
  },
  PROCESS: {
    type: ['object'],
    properties: { process_name: { type: ['string'], minLength: 1, maxLength: 4_096 }, event: EVENT },
    required: ['process_name', 'event'],
  },
  VM: {
    type: ['object'],
    properties: { instance_uuid: { type: ['string'], format: 'uuid' }, vir_domain_event: FREE_TEXT, event: FREE_TEXT },
    required: ['instance_uuid', 'vir_domain_event', 'event'],
  },
};

export function isTrue(value: unknown): boolean {
  return TRUTHS.some((each) => each === value) || value === 1;
}

function inside(name: string, schema: BodySchema): BodySchema {
  return { type: ['object'], properties: { [name]: schema }, required: [name] };
}
