import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METRICS_PATH } from '../../../src/api/metrics/metrics-path.ts';
import { OWN_ROUTES } from '../../../src/api/lifeboat/routes.ts';
import { parseTime, problemOf, type BodySchema } from '../../../src/api/masakari/check-body.ts';
import { MAX_VERSION } from '../../../src/api/masakari/microversion.ts';
import {
  NOTIFICATION_SCHEMA,
  PAYLOAD_SCHEMAS,
  hostSchema,
  segmentSchema,
} from '../../../src/api/masakari/request-schemas.ts';
import { MASAKARI_OPERATIONS } from '../../../src/api/masakari/route-table.ts';
import { NOTIFICATION_TYPES } from '../../../src/engine/registry/registry.ts';
import { documented, problemsWith, requestSchemaAt } from '../../support/held-to-document.ts';

describe('the document of the API', () => {
  it('has every route of the server, and no other', () => {
    const own = OWN_ROUTES.map(({ method, path }) => `${method} /lifeboat/v1${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    const others = [
      ...['GET /', 'GET /healthcheck', `GET ${METRICS_PATH}`, 'GET /lifeboat/v1/hosts/{host}/gate'],
      ...['GET /lifeboat/v1/events', 'GET /lifeboat/v1/openapi.json'],
    ];
    expect(documented().toSorted()).toEqual([...own, ...MASAKARI_OPERATIONS, ...others].toSorted());
  });
});

/** Valid ones, and such with something changed: what is taken and what is refused must both be met. */
const TEXTS = fc.oneof(
  fc.constantFrom('auto', 'COMPUTE', 'compute-1', 'True', 'off', 'VM', 'PROCESS', 'STOPPED', 'NORMAL', 'OFFLINE'),
  fc.constantFrom('', ' a', 'a ', 'a\u0000', 'a\u2028', 'a\n', 'ä', '💥', 'x'.repeat(255), '💥'.repeat(256), '\ufeff'),
  fc.constantFrom('2026-11-22T06:38:18', '20261122', '2026-11-22T06', '2026-11-22T06:38:18.5+01:00', '2026-1-2', 'now'),
  fc.constantFrom('e4be025a-95e7-4e92-b017-c110aea1a0a8', 'E4BE025A95E74E92B017C110AEA1A0A8', 'e4be025a'),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const VALUES = fc.oneof(
  { weight: 6, arbitrary: TEXTS },
  fc.constantFrom<unknown>(true, false, null, 0, 1, [], {}, ['auto']),
);

/** Most bodies have most of the properties, and most of those are right. */
function bodies(name: string, right: Readonly<Record<string, readonly unknown[]>>): fc.Arbitrary<unknown> {
  const properties = Object.fromEntries(
    Object.entries(right).map(([key, values]) => [
      key,
      fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: VALUES }),
    ]),
  );
  const inner = fc.record(properties, { requiredKeys: [] });
  const odd = fc.dictionary(fc.constantFrom('more', ...Object.keys(right)), VALUES, { maxKeys: 3 });
  const inside = fc.oneof(
    { weight: 8, arbitrary: fc.record(properties) },
    { weight: 3, arbitrary: inner },
    odd,
    VALUES,
  );
  return fc.oneof(
    { weight: 9, arbitrary: inside.map((value) => ({ [name]: value })) },
    inside.map((value) => ({ [name]: value, more: 1 })),
    VALUES,
  );
}

const SEGMENT = {
  name: ['seg', 'a b', 'ä'],
  description: ['made', '', null, 'two\nlines'],
  recovery_method: ['auto', 'rh_priority'],
  service_type: ['COMPUTE'],
  enabled: [true, 'False', 'on'],
};
const HOST = {
  name: ['compute-1', 'a.b_c'],
  type: ['COMPUTE', ''],
  control_attributes: ['SSH', 'two\nlines'],
  reserved: [false, 'True'],
  on_maintenance: ['0', true],
};
const PAYLOADS = [
  { event: 'STOPPED', host_status: 'NORMAL', cluster_status: 'OFFLINE' },
  { event: 'STARTED', process_name: 'nova-compute' },
  { event: 'LIFECYCLE', instance_uuid: 'e4be025a-95e7-4e92-b017-c110aea1a0a8', vir_domain_event: 'STOPPED_FAILED' },
  { event: 'STOPPED', process_name: 'x'.repeat(256) },
  { event: 'STOPPED', 'a/b': 'x' },
  { event: 5 },
  {},
];
const NOTIFICATION = {
  type: [...NOTIFICATION_TYPES],
  hostname: ['compute-1'],
  generated_time: ['2026-11-22T06:38:18.937562', '2026-11-22 06:38:18Z', '20261122T0638'],
  payload: PAYLOADS,
};

type Check = (body: unknown) => string | undefined;
const bySchema =
  (schema: BodySchema): Check =>
  (body) =>
    problemOf(body, schema);
/** As the server: the notification, then what its type must have. */
const byType: Check = (body) => {
  const problem = problemOf(body, NOTIFICATION_SCHEMA);
  if (problem !== undefined) return problem;
  const { notification } = body as { notification: { type: keyof typeof PAYLOAD_SCHEMAS; payload: unknown } };
  return problemOf(notification.payload, PAYLOAD_SCHEMAS[notification.type]);
};

describe('what the document says of a request is what the server says', () => {
  const ajv = new Ajv2020({ strict: false });
  it.each<readonly [string, string, Check, fc.Arbitrary<unknown>]>([
    ['POST', '/v1/segments', bySchema(segmentSchema(MAX_VERSION, 'create')), bodies('segment', SEGMENT)],
    ['PUT', '/v1/segments/{segment}', bySchema(segmentSchema(MAX_VERSION, 'update')), bodies('segment', SEGMENT)],
    ['POST', '/v1/segments/{segment}/hosts', bySchema(hostSchema('create')), bodies('host', HOST)],
    ['PUT', '/v1/segments/{segment}/hosts/{host}', bySchema(hostSchema('update')), bodies('host', HOST)],
    ['POST', '/v1/notifications', byType, bodies('notification', NOTIFICATION)],
  ])('%s %s', (method, path, check, arbitrary) => {
    const validate = ajv.compile(requestSchemaAt(method, path) ?? false);
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(arbitrary, (body) => {
        const problem = check(body);
        seen[problem === undefined ? 'taken' : 'refused'] += 1;
        // Of a day that does not exist no pattern can tell.
        if (problem?.includes("is not a 'date-time'") === true && isNoDay(body)) return;
        expect(validate(body), `${JSON.stringify(body)}: ${problem ?? 'taken'}`).toBe(problem === undefined);
      }),
      { numRuns: 1_500 },
    );
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(25);
  });
});

function isNoDay(body: unknown): boolean {
  const { notification } = body as { notification: { generated_time: string } };
  return (
    parseTime(notification.generated_time) === undefined && /^\d{4}-?\d{2}-?\d{2}/.test(notification.generated_time)
  );
}

describe('the answers are held against the document by a check', () => {
  const EMPTY = { text: '' };
  const exchange = { method: 'GET', target: '/v1/segments', status: 200, contentType: 'application/json' };
  const row = {
    ...{ id: 1, uuid: 'u', name: 'n', service_type: 's', enabled: true, description: null, recovery_method: 'auto' },
    ...{ created_at: '2026-11-22T06:38:14.000000', updated_at: null, deleted_at: null, deleted: false },
  };
  const textOf = (change: object): string => JSON.stringify({ segments: [{ ...row, ...change }] });

  it('that takes what is described', () => {
    for (const target of ['/v1/segments', '/v1/segments/', '/v1/segments.json', '/v1/0a1b/segments?limit=1']) {
      expect(problemsWith({ ...exchange, target, text: textOf({}) })).toEqual([]);
    }
  });

  it.each([
    ['a field that is not described', { text: textOf({ more: 1 }) }],
    ['a field that is missing', { text: textOf({ name: undefined }) }],
    ['another type', { text: textOf({ enabled: 'True' }) }],
    ['a time of another form', { text: textOf({ created_at: '2026-11-22T06:38:14Z' }) }],
    ['a status that is not described', { status: 202, text: textOf({}) }],
    ['another media type', { contentType: 'text/html', text: textOf({}) }],
    ['no JSON', { text: '{' }],
    ['a fault of another name', { status: 404, text: '{"notFound": {"code": 404, "message": "m"}}' }],
    ['a body where there is none', { method: 'DELETE', target: '/v1/segments/x', status: 204, text: 'x' }],
    ['an answer where there is nothing', { target: '/v1/nosuch', text: '{}' }],
  ])('that finds %s', (_, different) => {
    expect(problemsWith({ ...exchange, ...EMPTY, ...different })).not.toEqual([]);
  });
});
