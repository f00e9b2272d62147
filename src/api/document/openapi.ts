import { METRICS_PATH } from '../metrics/metrics-path.ts';
import { FAULT } from '../lifeboat/schemas.ts';
import { masakariPaths } from './masakari-paths.ts';
import { answers, json, plain, type Paths } from './operation.ts';
import { ownPaths } from './own-paths.ts';

const DESCRIPTION =
  'Masakari’s API, version 1.0 to 1.3, and Lifeboat’s own. Each path under /v1 is also there with the id of the caller’s ' +
  'project after /v1, and with a slash, .json or .xml at its end. Requests are validated by what stands here. What is no ' +
  'HTTP, or too large or too slow to be read, is answered with 400, 408 or 431 and an error of Lifeboat’s own, whatever the ' +
  'address.';

/** The whole API in OpenAPI 3.1: ours from the table that the server validates by, Masakari's from its rules. */
export function openApi(version: string): Readonly<Record<string, unknown>> {
  return {
    openapi: '3.1.0',
    info: { title: 'Lifeboat', version, description: DESCRIPTION },
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } } },
    paths: { ...ownPaths(), ...masakariPaths(), ...otherPaths() },
  };
}

function otherPaths(): Paths {
  return {
    '/healthcheck': {
      get: {
        summary: 'For load balancers: whether the engine can do what it is asked for',
        security: [],
        responses: { 200: plain('it can'), 429: json('too many requests', OVER_LIMIT), 503: plain('it cannot; why') },
      },
    },
    [METRICS_PATH]: {
      get: {
        summary: 'The metrics, for Prometheus',
        description: 'Policy: lifeboat_api:metrics; without a token from api.metrics_open_to',
        security: [{ token: [] }, {}],
        responses: { 200: plain('in the text format 0.0.4'), ...answers([401, 403, 429, 500, 503], FAULT) },
      },
    },
  };
}

const OVER_LIMIT = { type: 'object', required: ['overLimit'] };
