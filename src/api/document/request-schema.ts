import type { Schema } from '../lifeboat/schemas.ts';
import { NAME_PATTERN, TIME_PATTERN, UUID_PATTERN, type BodySchema } from '../masakari/check-body.ts';
import { NOTIFICATION_SCHEMA, PAYLOAD_SCHEMAS } from '../masakari/request-schemas.ts';

const FORMATS: Readonly<Record<NonNullable<BodySchema['format']>, Schema>> = {
  name: { pattern: NAME_PATTERN },
  uuid: { pattern: UUID_PATTERN },
  'date-time': {
    pattern: TIME_PATTERN,
    description: 'ISO 8601; without an offset UTC. A day that does not exist is refused too.',
    examples: ['2026-11-22T06:38:18.123456'],
  },
};

/** In JSON Schema, what the server checks a body of Masakari's API by. */
export function requestSchema(schema: BodySchema): Schema {
  const { format, maxLength, minLength, notEmpty, oneOf, others, pattern, properties, required, type = [] } = schema;
  return {
    ...(type.length > 0 && { type: type.length === 1 ? type[0] : [...type] }),
    ...(oneOf !== undefined && { enum: [...oneOf] }),
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
    ...(pattern !== undefined && { pattern }),
    ...(format !== undefined && FORMATS[format]),
    ...(others !== undefined
      ? { propertyNames: { pattern: others.pattern }, additionalProperties: requestSchema(others.schema) }
      : properties !== undefined && { properties: mapped(properties), additionalProperties: false }),
    ...(required !== undefined && { required: [...required] }),
    ...(notEmpty === true && { minProperties: 1 }),
  };
}

/** What a payload must have follows from the type of the notification. */
export function notificationRequestSchema(): Schema {
  const schema = requestSchema(NOTIFICATION_SCHEMA);
  const { notification } = schema['properties'] as Readonly<Record<string, Schema>>;
  const byType = Object.entries(PAYLOAD_SCHEMAS).map(([type, payload]) => ({
    if: { properties: { type: { const: type } } },
    then: { properties: { payload: requestSchema(payload) } },
  }));
  return { ...schema, properties: { notification: { ...notification, allOf: byType } } };
}

function mapped(properties: Readonly<Record<string, BodySchema>>): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, requestSchema(child)]));
}
