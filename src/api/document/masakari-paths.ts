import type { Schema } from '../lifeboat/schemas.ts';
import { MAX_VERSION } from '../masakari/microversion.ts';
import { hostSchema, segmentSchema } from '../masakari/request-schemas.ts';
import { ANSWERS, faultSchema } from './masakari-answers.ts';
import { json, pathParameters, queryParameters, requestBody, type Operation, type Paths } from './operation.ts';
import { notificationRequestSchema, requestSchema } from './request-schema.ts';

interface Described {
  readonly summary: string;
  readonly query?: readonly string[];
  readonly body?: Schema;
  /** Undefined: without a body. */
  readonly answer: readonly [status: number, schema: Schema | undefined];
}

const PAGE = ['limit', 'marker', 'sort_key', 'sort_dir'];
const QUERIES: Readonly<Record<string, Schema>> = {
  limit: { type: 'integer', minimum: 0 },
  marker: { type: 'integer', description: 'the id of the row before the first one' },
  sort_dir: { enum: ['asc', 'desc'] },
  'generated-since': { type: 'string', description: 'a time in ISO 8601' },
};
const REFUSALS = [400, 401, 403, 404, 406, 409, 413, 415, 429, 500, 503];

/** By method and address; the table of routes has the same, which a test holds. */
const DESCRIBED: Readonly<Record<string, Described>> = {
  'GET /v1': { summary: 'The version', answer: [200, ANSWERS.version] },
  'GET /v1/segments': {
    summary: 'List segments',
    query: [...PAGE, 'recovery_method', 'service_type', 'enabled'],
    answer: [200, ANSWERS.segments],
  },
  'POST /v1/segments': {
    summary: 'Create a segment',
    body: requestSchema(segmentSchema(MAX_VERSION, 'create')),
    answer: [201, ANSWERS.segment],
  },
  'GET /v1/segments/{segment}': { summary: 'Show a segment', answer: [200, ANSWERS.segment] },
  'PUT /v1/segments/{segment}': {
    summary: 'Change a segment',
    body: requestSchema(segmentSchema(MAX_VERSION, 'update')),
    answer: [200, ANSWERS.segment],
  },
  'DELETE /v1/segments/{segment}': { summary: 'Remove a segment', answer: [204, undefined] },
  'GET /v1/segments/{segment}/hosts': {
    summary: 'List the hosts of a segment',
    query: [...PAGE, 'name', 'type', 'control_attributes', 'on_maintenance', 'reserved'],
    answer: [200, ANSWERS.hosts],
  },
  'POST /v1/segments/{segment}/hosts': {
    summary: 'Create a host in a segment',
    body: requestSchema(hostSchema('create')),
    answer: [201, ANSWERS.host],
  },
  'GET /v1/segments/{segment}/hosts/{host}': { summary: 'Show a host', answer: [200, ANSWERS.host] },
  'PUT /v1/segments/{segment}/hosts/{host}': {
    summary: 'Change a host',
    body: requestSchema(hostSchema('update')),
    answer: [200, ANSWERS.host],
  },
  'DELETE /v1/segments/{segment}/hosts/{host}': { summary: 'Remove a host', answer: [204, undefined] },
  'GET /v1/notifications': {
    summary: 'List notifications',
    query: [...PAGE, 'source_host_uuid', 'type', 'status', 'generated-since'],
    answer: [200, ANSWERS.notifications],
  },
  'POST /v1/notifications': {
    summary: 'Report a failure; it is on disk when this is answered',
    body: notificationRequestSchema(),
    answer: [202, ANSWERS.notification],
  },
  'GET /v1/notifications/{notification}': {
    summary: 'Show a notification; from version 1.1 on with its progress',
    answer: [200, ANSWERS.followed],
  },
  'GET /v1/notifications/{notification}/vmoves': {
    summary: 'List the moves of a notification',
    query: [...PAGE, 'type', 'status'],
    answer: [200, ANSWERS.vmoves],
  },
  'GET /v1/notifications/{notification}/vmoves/{vmove}': { summary: 'Show a move', answer: [200, ANSWERS.vmove] },
  'GET /v1/extensions': { summary: 'List extensions', answer: [200, ANSWERS.extensions] },
  'GET /v1/extensions/{extension}': { summary: 'Show an extension', answer: [200, ANSWERS.extension] },
};

/** Of Masakari's API. */
export function masakariPaths(): Paths {
  const paths: Record<string, Record<string, Operation>> = {
    '/': {
      get: {
        summary: 'Versions',
        security: [],
        responses: { 200: json('the versions', ANSWERS.versions), ...refusals([429, 500]) },
      },
    },
  };
  for (const [key, described] of Object.entries(DESCRIBED)) {
    const [method = '', path = ''] = key.split(' ');
    (paths[path] ??= {})[method.toLowerCase()] = operation(path, described);
  }
  return paths;
}

function operation(path: string, { answer: [status, schema], body, query = [], summary }: Described): Operation {
  const parameters = Object.fromEntries(query.map((name) => [name, QUERIES[name] ?? { type: 'string' }]));
  return {
    summary,
    parameters: [...pathParameters(path), ...queryParameters(parameters)],
    ...(body && { requestBody: requestBody(body) }),
    responses: {
      [status]: schema === undefined ? { description: 'done' } : json('done', schema),
      ...refusals(REFUSALS),
    },
  };
}

function refusals(statuses: readonly number[]): Readonly<Record<number, Operation>> {
  return Object.fromEntries(
    statuses.map((status) => [status, json('refused; the answer says why', faultSchema(status))]),
  );
}
