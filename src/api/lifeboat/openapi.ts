import { PAYLOAD_SCHEMAS, NOTIFICATION_SCHEMA, hostSchema, segmentSchema } from '../masakari/request-schemas.ts';
import type { BodySchema } from '../masakari/check-body.ts';
import { MAX_VERSION } from '../masakari/microversion.ts';
import { OWN_ROUTES, type OwnRoute } from './routes.ts';
import { FAULT, type Schema } from './schemas.ts';

export const OWN_PREFIX = '/lifeboat/v1';

type Operation = Readonly<Record<string, unknown>>;

/** The whole API in OpenAPI 3.1: ours from the table that the server validates by, Masakari's from its rules. */
export function openApi(version: string): Readonly<Record<string, unknown>> {
  return {
    openapi: '3.1.0',
    info: { title: 'Lifeboat', version, description: 'Masakari’s API, version 1.0 to 1.3, and Lifeboat’s own.' },
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } } },
    paths: { ...ownPaths(), ...masakariPaths() },
  };
}

function ownPaths(): Readonly<Record<string, Readonly<Record<string, Operation>>>> {
  const paths: Record<string, Record<string, Operation>> = {
    [`${OWN_PREFIX}/events`]: {
      get: {
        summary: 'What changes, as server-sent events; Last-Event-ID resumes',
        responses: { 200: { description: 'events', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
      },
    },
    [`${OWN_PREFIX}/hosts/{host}/gate`]: {
      get: {
        summary: 'Whether nova-compute of the host may start; without a token',
        security: [],
        parameters: [pathParameter('host'), { name: 'for', in: 'query', schema: { type: 'string' } }],
        responses: { 200: json({ type: 'object' }), 400: json(FAULT) },
      },
    },
  };
  for (const route of OWN_ROUTES) {
    const path = `${OWN_PREFIX}${route.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    (paths[path] ??= {})[route.method.toLowerCase()] = ownOperation(route);
  }
  return paths;
}

function ownOperation({ answers, body, params = {}, query = {}, rule, summary }: OwnRoute): Operation {
  return {
    summary,
    description: `Policy: ${rule}`,
    parameters: [
      ...Object.entries(params).map(([name, schema]) => ({ name, in: 'path', required: true, schema })),
      ...Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema })),
    ],
    ...(body && { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, schema]) => [status, json(schema)])),
      ...Object.fromEntries([400, 401, 403, 429, 503].map((status) => [status, json(FAULT)])),
    },
  };
}

function masakariPaths(): Readonly<Record<string, Readonly<Record<string, Operation>>>> {
  const one = { type: 'object' };
  const answer = (status: number, name: string, schema: Schema = one): Readonly<Record<number, object>> => ({
    [status]: json({ type: 'object', properties: { [name]: schema }, required: [name] }),
  });
  const list = (name: string): Operation =>
    masakari(`List ${name}`, [], undefined, answer(200, name, { type: 'array' }));
  const show = (name: string, ...ids: readonly string[]): Operation =>
    masakari(`Show one ${name}`, ids, undefined, answer(200, name));
  const make = (name: string, status: number, body: BodySchema, ...ids: readonly string[]): Operation =>
    masakari(`Create a ${name}`, ids, body, answer(status, name));
  const change = (name: string, body: BodySchema, ...ids: readonly string[]): Operation =>
    masakari(`Change a ${name}`, ids, body, answer(200, name));
  const remove = (name: string, ...ids: readonly string[]): Operation =>
    masakari(`Remove a ${name}`, ids, undefined, { 204: { description: 'it is gone' } });
  const version = MAX_VERSION;
  return {
    '/': { get: { ...masakari('Versions', [], undefined, answer(200, 'versions', { type: 'array' })), security: [] } },
    '/v1/': { get: masakari('The version', [], undefined, answer(200, 'version')) },
    '/v1/segments': { get: list('segments'), post: make('segment', 201, segmentSchema(version, 'create')) },
    '/v1/segments/{segment}': {
      get: show('segment', 'segment'),
      put: change('segment', segmentSchema(version, 'update'), 'segment'),
      delete: remove('segment', 'segment'),
    },
    '/v1/segments/{segment}/hosts': {
      get: masakari('List hosts', ['segment'], undefined, answer(200, 'hosts', { type: 'array' })),
      post: make('host', 201, hostSchema('create'), 'segment'),
    },
    '/v1/segments/{segment}/hosts/{host}': {
      get: show('host', 'segment', 'host'),
      put: change('host', hostSchema('update'), 'segment', 'host'),
      delete: remove('host', 'segment', 'host'),
    },
    '/v1/notifications': { get: list('notifications'), post: make('notification', 202, notificationBody()) },
    '/v1/notifications/{notification}': { get: show('notification', 'notification') },
    '/v1/notifications/{notification}/vmoves': {
      get: masakari('List moves', ['notification'], undefined, answer(200, 'vmoves', { type: 'array' })),
    },
    '/v1/notifications/{notification}/vmoves/{vmove}': { get: show('vmove', 'notification', 'vmove') },
    '/v1/extensions': { get: list('extensions') },
    '/v1/extensions/{extension}': { get: show('extension', 'extension') },
  };
}

function masakari(
  summary: string,
  ids: readonly string[],
  body: BodySchema | undefined,
  answers: Readonly<Record<number, object>>,
): Operation {
  return {
    summary,
    parameters: ids.map(pathParameter),
    ...(body && { requestBody: { content: { 'application/json': { schema: schemaOf(body) } } } }),
    responses: {
      ...answers,
      ...Object.fromEntries(
        [400, 401, 403, 404, 406, 409, 413, 415, 429, 503].map((s) => [s, json({ type: 'object' })]),
      ),
    },
  };
}

/** The payload follows from the type of the notification. */
function notificationBody(): BodySchema {
  const inner = NOTIFICATION_SCHEMA.properties?.['notification'] ?? {};
  return {
    ...NOTIFICATION_SCHEMA,
    properties: { notification: { ...inner, properties: { ...inner.properties, payload: { type: ['object'] } } } },
  };
}

export const PAYLOADS: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.entries(PAYLOAD_SCHEMAS).map(([type, schema]) => [type, schemaOf(schema)]),
);

function schemaOf({ properties, required, type = [], notEmpty, oneOf, ...rest }: BodySchema): Schema {
  const { format, maxLength, minLength, pattern } = rest;
  return {
    ...(type.length > 0 && { type: type.length === 1 ? type[0] : [...type] }),
    ...(oneOf !== undefined && { enum: [...oneOf] }),
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
    ...(pattern !== undefined && { pattern }),
    ...(format !== undefined && format !== 'name' && { format }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, schemaOf(child)])),
      additionalProperties: false,
    }),
    ...(required !== undefined && { required: [...required] }),
    ...(notEmpty === true && { minProperties: 1 }),
  };
}

function pathParameter(name: string): Operation {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

function json(schema: Schema): Operation {
  return { description: 'an answer', content: { 'application/json': { schema } } };
}
