import { GATE_PURPOSES } from '../../engine/gate.ts';
import { OWN_PREFIX } from '../lifeboat/prefix.ts';
import { OWN_ROUTES, type OwnRoute } from '../lifeboat/routes.ts';
import { FAULT, GATE } from '../lifeboat/schemas.ts';
import { answers, json, pathParameter, queryParameters, requestBody, type Operation, type Paths } from './operation.ts';

const REFUSALS = [400, 401, 403, 413, 415, 429, 500, 503];

/** Of Lifeboat's own API, from the table that the server validates by. */
export function ownPaths(): Paths {
  const paths: Record<string, Record<string, Operation>> = {
    [`${OWN_PREFIX}/events`]: {
      get: {
        summary: 'What changes, as server-sent events; Last-Event-ID resumes',
        description: 'Policy: lifeboat_api:read',
        responses: {
          200: { description: 'events', content: { 'text/event-stream': { schema: { type: 'string' } } } },
          ...answers(REFUSALS, FAULT),
        },
      },
    },
    [`${OWN_PREFIX}/openapi.json`]: {
      get: {
        summary: 'This document',
        security: [],
        responses: { 200: json('this document', { type: 'object' }), ...answers([429, 500], FAULT) },
      },
    },
    [`${OWN_PREFIX}/hosts/{host}/gate`]: {
      get: {
        summary: 'Whether nova-compute of the host may start; without a token',
        security: [],
        parameters: [pathParameter('host'), ...queryParameters({ for: { enum: [...GATE_PURPOSES] } })],
        responses: { 200: json('as a reading of the cluster says', GATE), ...answers([400, 500], FAULT) },
      },
    },
  };
  for (const route of OWN_ROUTES) {
    const path = `${OWN_PREFIX}${route.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(route);
  }
  return paths;
}

function operation({ answers: given, body, params = {}, query = {}, rule, summary }: OwnRoute): Operation {
  return {
    summary,
    description: `Policy: ${rule}`,
    parameters: [
      ...Object.entries(params).map(([name, schema]) => ({ name, in: 'path', required: true, schema })),
      ...queryParameters(query),
    ],
    ...(body && { requestBody: requestBody(body) }),
    responses: {
      ...answers(REFUSALS, FAULT),
      ...Object.fromEntries(Object.entries(given).map(([status, schema]) => [status, json('the answer', schema)])),
    },
  };
}
