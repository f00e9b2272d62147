import { describe, expect, it, onTestFinished } from 'vitest';
import { createApi } from '../../../src/api/app.ts';
import { Policy } from '../../../src/api/auth/policy.ts';
import { cloudSamples } from '../../../src/api/metrics/cloud-samples.ts';
import { engineSamples } from '../../../src/api/metrics/engine-samples.ts';
import { exposition } from '../../../src/api/metrics/exposition.ts';
import { METRICS } from '../../../src/api/metrics/metrics.ts';
import { processSamples } from '../../../src/api/metrics/process-samples.ts';
import { RequestBook } from '../../../src/api/metrics/request-book.ts';
import { sample } from '../../../src/api/metrics/sample.ts';
import type { Status } from '../../../src/control/protocol.ts';
import { HOLDS } from '../../../src/bridge/verdict.ts';
import { problemsWith } from '../../support/held-to-document.ts';
import { parseExposition, type Family } from '../../support/parse-exposition.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { badNight } from '../../support/status.ts';
import { callerOf, masakariStage } from './masakari-stage.ts';

const CALLS = [
  { service: 'nova', method: 'GET', outcome: '200', count: 7, totalMs: 700 },
  { service: 'nova', method: 'POST', outcome: 'CLOUD_TIMED_OUT', count: 1, totalMs: 20_000 },
  { service: 'keystone', method: 'POST', outcome: '201', count: 2, totalMs: 300 },
];
const USE = { residentBytes: 9e7, heapBytes: 3e7, cpuSeconds: 1.5, startedAtS: 1_795_000_000 };
const CAPACITY = { looked: 3, short: 1, shortfalls: [], failure: undefined };

interface StageChoice {
  readonly openTo?: readonly string[];
  readonly trustedProxies?: readonly string[];
  readonly status?: Status;
  readonly mayAsk?: () => boolean;
}

async function stage({
  mayAsk = () => true,
  openTo = ['127.0.0.0/8', '::1'],
  status,
  trustedProxies,
}: StageChoice = {}) {
  const { masakari } = await masakariStage();
  const requests = new RequestBook();
  const app = createApi(
    {
      gate: async () => ({ gate: 'open', reason: '' }),
      masakari,
      metrics: {
        requests,
        openTo,
        samples: () => [
          ...engineSamples({
            status: status ?? { ...badNight(), capacity: CAPACITY },
            leaseEpoch: 4,
            ownHold: undefined,
          }),
          ...cloudSamples(CALLS),
          ...processSamples(USE),
        ],
        authenticate: async (token) => {
          if (token === undefined) return { kind: 'refused' };
          return token === 'away' ? { kind: 'unavailable' } : { kind: 'caller', caller: callerOf([token]) };
        },
        policy: () => new Policy(),
        mayAsk,
      },
    },
    recordingLogger(),
    trustedProxies === undefined ? {} : { trustedProxies },
  );
  onTestFinished(() => app.close());
  const from = async (remoteAddress: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await app.inject({ method: 'GET', url: '/metrics', remoteAddress, headers });
    const exchange = { method: 'GET', target: '/metrics', status: answer.statusCode, text: answer.payload };
    expect(problemsWith({ ...exchange, contentType: answer.headers['content-type']?.toString() })).toEqual([]);
    return answer;
  };
  return {
    app,
    from,
    scrape: async (): Promise<readonly Family[]> => parseExposition((await from('127.0.0.1')).payload),
  };
}

function valuesOf(families: readonly Family[], name: string): Readonly<Record<string, number>> {
  const samples = families.find((family) => family.name === name)?.samples ?? [];
  return Object.fromEntries(samples.map((each) => [Object.values(each.labels).join(' '), each.value]));
}

describe('the metrics', () => {
  it('are all of the list, each with its type, its help and its labels, and no other', async () => {
    const { app, from, scrape } = await stage();
    await from('127.0.0.1');
    await app.inject({ method: 'GET', url: '/v1/segments' });
    const families = await scrape();
    expect(families.map(({ name }) => name)).toEqual(Object.keys(METRICS));
    for (const { help, name, samples, type } of families) {
      const metric = METRICS[name as keyof typeof METRICS];
      expect({ help, type }).toEqual({ help: metric.help, type: metric.type });
      for (const { labels } of samples) {
        expect(
          Object.keys(labels).filter((label) => label !== 'le'),
          name,
        ).toEqual([...metric.labels]);
      }
    }
  });

  it('have the type that Prometheus knows the format by', async () => {
    const { headers, statusCode } = await (await stage()).from('127.0.0.1');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
  });

  it('count what lifeboat status shows', async () => {
    const families = await (await stage()).scrape();
    expect(valuesOf(families, 'lifeboat_hosts')).toEqual({ up: 2, 'hands-off': 1, lost: 1, proven: 1 });
    expect(valuesOf(families, 'lifeboat_recoveries')).toMatchObject({ evacuating: 1, released: 1, held: 0 });
    expect(valuesOf(families, 'lifeboat_moves')).toMatchObject({ accepted: 1, failed: 1, skipped: 1, waiting: 0 });
    expect(valuesOf(families, 'lifeboat_engine_state')).toEqual({ starting: 0, active: 1, paused: 0, deposed: 0 });
    expect(valuesOf(families, 'lifeboat_snapshot_age_seconds')).toEqual({ '': 0.8 });
    expect(valuesOf(families, 'lifeboat_capacity_short_hosts')).toEqual({ '': 1 });
    const holds = valuesOf(families, 'lifeboat_holds');
    expect(Object.keys(holds)).toEqual(Object.keys(HOLDS));
    expect(holds).toMatchObject({ 'fencing-failed': 1, storm: 0 });
    expect(valuesOf(families, 'lifeboat_cloud_calls_total')).toMatchObject({ 'nova POST CLOUD_TIMED_OUT': 1 });
    const durations = families.find(({ name }) => name === 'lifeboat_cloud_call_duration_seconds')?.samples;
    expect(durations).toContainEqual({
      name: 'lifeboat_cloud_call_duration_seconds_sum',
      labels: { service: 'nova' },
      value: 20.7,
    });
  });

  it('leave out what is not known', async () => {
    const { capacity: _, ...unread } = { ...badNight(), snapshotAgeMs: undefined, cloud: 'unknown' as const };
    const names = (await (await stage({ status: unread })).scrape()).map(({ name }) => name);
    expect(names).not.toContain('lifeboat_snapshot_age_seconds');
    expect(names).not.toContain('lifeboat_cloud_available');
    expect(names).not.toContain('lifeboat_capacity_short_hosts');
  });

  it.each([
    ['no-lease', 0, 1],
    ['store-unusable', 0, 0],
    [undefined, 1, 1],
  ] as const)(
    'say of an engine that is kept by %s whether it has the lease (%i) and the store (%i)',
    (ownHold, lease, store) => {
      const text = exposition(engineSamples({ status: badNight(), leaseEpoch: undefined, ownHold }));
      const families = parseExposition(text);
      expect(valuesOf(families, 'lifeboat_lease_held')).toEqual({ '': lease });
      expect(valuesOf(families, 'lifeboat_store_usable')).toEqual({ '': store });
      expect(valuesOf(families, 'lifeboat_lease_epoch')).toEqual({});
    },
  );

  it('know requests by their route, whatever strangers ask for', async () => {
    const { app, scrape } = await stage();
    const ask = (method: 'GET' | 'POST' | 'PUT' | 'TRACE', url: string, token = 'admin') =>
      app.inject({ method, url, headers: { 'x-auth-token': token, 'content-type': 'application/json' } });
    await ask('GET', '/v1/segments?limit=1');
    await ask('GET', '/v1/96e35855adc5430e996416fd17c3bf36/segments/abc');
    await ask('GET', '/v1/segments/abc.json');
    await ask('PUT', '/v1/notifications/abc');
    await ask('GET', '/v1/segments', 'nobody');
    await ask('GET', '/lifeboat/v1/hosts/cmp1/gate');
    for (let index = 0; index < 50; index += 1) {
      await ask('GET', `/v1/nosuch${index}`);
      await ask('GET', `/nosuch${index}`);
      await ask('GET', `/v1/%zz${index}`);
      await ask('GET', `/v1/segments/%c0${index}`);
      await ask('TRACE', `/v1/segments/${index}`);
    }
    const families = await scrape();
    expect(valuesOf(families, 'lifeboat_api_requests_total')).toMatchObject({
      'GET /v1/segments 200': 1,
      'GET /v1/segments 401': 1,
      'GET /v1/segments/{segment} 404': 2,
      'PUT /v1/notifications/{notification} 405': 1,
      'GET /lifeboat/v1/hosts/{host}/gate 200': 1,
      'GET none 404': 100,
      'other none 404': 50,
    });
    const series = families.flatMap(({ samples }) => samples).length;
    expect(series).toBeLessThan(300);
    const durations = families.find(({ name }) => name === 'lifeboat_api_request_duration_seconds')?.samples ?? [];
    const counted = durations.find(({ labels, name }) => name.endsWith('_count') && labels['route'] === '/v1/segments');
    expect(counted?.value).toBe(2);
  });

  it('write any text as a label', () => {
    const version = 'a "quoted" back\\slash\nand a line';
    const text = exposition([sample('lifeboat_build_info', { version }, 1)]);
    expect(parseExposition(text)[0]?.samples).toEqual([{ name: 'lifeboat_build_info', labels: { version }, value: 1 }]);
  });
});

describe('who may read the metrics', () => {
  it.each([
    ['127.0.0.1', {}, 200],
    ['127.9.9.9', {}, 200],
    ['::1', {}, 200],
    ['::ffff:127.0.0.1', {}, 200],
    ['10.0.0.9', {}, 401],
    ['::2', {}, 401],
    ['::ffff:10.0.0.9', {}, 401],
    ['10.0.0.9', { 'x-auth-token': 'admin' }, 200],
    ['10.0.0.9', { 'x-auth-token': 'member' }, 403],
    ['10.0.0.9', { 'x-auth-token': 'away' }, 503],
    // A proxy on this machine that nobody has named must not make everybody a neighbour.
    ['127.0.0.1', { 'x-forwarded-for': '10.0.0.9' }, 401],
    ['127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }, 401],
    ['127.0.0.1', { forwarded: 'for=10.0.0.9' }, 401],
    ['127.0.0.1', { 'x-forwarded-for': '10.0.0.9', 'x-auth-token': 'admin' }, 200],
    ['10.0.0.9', { 'x-forwarded-for': '127.0.0.1' }, 401],
  ] as const)('from %s with %j: %i', async (address, headers, status) => {
    const answer = await (await stage()).from(address, headers);
    expect(answer.statusCode).toBe(status);
    if (status !== 200) expect(answer.payload).not.toContain('lifeboat_hosts');
  });

  it.each([
    ['10.0.0.20', '10.0.0.20', 200],
    ['10.0.0.21', '10.0.0.20', 401],
    ['10.0.1.21', '10.0.0.0/16', 200],
    ['10.1.1.21', '10.0.0.0/16', 401],
    ['fd00::9', 'fd00::/8', 200],
    ['fe80::9', 'fd00::/8', 401],
  ])('from %s, open to %s: %i', async (address, openTo, status) => {
    expect((await (await stage({ openTo: [openTo] })).from(address)).statusCode).toBe(status);
    // What is open by default is so no more.
    expect((await (await stage({ openTo: [openTo] })).from('127.0.0.1')).statusCode).toBe(401);
  });

  it('behind a proxy that is trusted, by its client’s address', async () => {
    const { from } = await stage({ trustedProxies: ['127.0.0.1'], openTo: ['10.0.0.20'] });
    expect((await from('127.0.0.1', { 'x-forwarded-for': '10.0.0.20' })).statusCode).toBe(200);
    expect((await from('127.0.0.1', { 'x-forwarded-for': '10.0.0.21' })).statusCode).toBe(401);
    expect((await from('127.0.0.1', { 'x-forwarded-for': '10.0.0.20, 10.0.0.21' })).statusCode).toBe(401);
    expect((await from('127.0.0.1', { 'x-forwarded-for': 'nonsense' })).statusCode).toBe(401);
  });

  it('not more often than anybody may ask', async () => {
    expect((await (await stage({ mayAsk: () => false })).from('127.0.0.1')).statusCode).toBe(429);
  });
});

describe('the reader of the exposition format, which these tests rest on', () => {
  const head = '# HELP a_total words\n# TYPE a_total counter\n';
  const histogram = '# HELP h words\n# TYPE h histogram\n';
  it.each([
    ['a_total 1\n', 'without help'],
    [`${head}a_total 1`, 'no end'],
    [`${head}a_total one\n`, 'no number'],
    [`${head}a_total{b="x} 1\n`, 'an open label'],
    [`${head}a_total{b="x\\t"} 1\n`, 'an unknown escape'],
    [`${head}a_total{b="1",b="2"} 1\n`, 'a label twice'],
    [`${head}a_total 1\na_total 2\n`, 'a series twice'],
    [`${head}a_total{b="1",c="2"} 1\na_total{c="2",b="1"} 2\n`, 'a series twice, otherwise written'],
    [`${head}b_total 1\n`, 'a sample of another'],
    [`${head}a_total -1\n`, 'a negative counter'],
    [head, 'no sample'],
    [`${head}${head}a_total 1\n`, 'a metric twice'],
    ['# HELP a words\n# TYPE a counter\na 1\n', 'a counter without _total'],
    [`${histogram}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n`, 'no last bucket'],
    [`${histogram}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`, 'buckets that fall'],
    [`${histogram}h_bucket{le="2"} 1\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`, 'out of order'],
    [`${histogram}h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n`, 'another count'],
  ])('refuses %j: %s', (text) => {
    expect(() => parseExposition(text)).toThrow();
  });

  it('takes what is right', () => {
    const text = `${histogram}h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3.5e-7\nh_count 2\n${head}a_total 7\n`;
    expect(parseExposition(text).map(({ name, samples }) => [name, samples.length])).toEqual([
      ['h', 4],
      ['a_total', 1],
    ]);
  });
});
