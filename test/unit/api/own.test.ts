import { Ajv2020 } from 'ajv/dist/2020.js';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApi } from '../../../src/api/app.ts';
import { Policy } from '../../../src/api/auth/policy.ts';
import { EventLog } from '../../../src/api/lifeboat/event-log.ts';
import { EventStream } from '../../../src/api/lifeboat/event-stream.ts';
import { openApi } from '../../../src/api/document/openapi.ts';
import { OWN_ROUTES } from '../../../src/api/lifeboat/routes.ts';
import type { Order, Status } from '../../../src/control/protocol.ts';
import { systemClock } from '../../../src/edge/clock.ts';
import { LifeboatError } from '../../../src/errors.ts';
import { problemsWith } from '../../support/held-to-document.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { callerOf } from './masakari-stage.ts';

const STATUS: Status = {
  state: 'active',
  version: '0.1.0',
  pid: 7,
  node: 'ctl1',
  recovering: 1,
  held: 1,
  failed: 0,
  summary: 'active, 1 recovering, 1 held',
  holds: [
    { host: 'cmp2', kind: 'not-fenced', inShort: 'not fenced', reason: 'nothing has fenced it', remedy: undefined },
  ],
  snapshotAgeMs: 10,
  uptimeMs: 1_000,
  cloud: 'ok',
  deaf: [{ address: '10.0.0.11:15868', reason: 'EADDRINUSE' }],
  capacity: {
    looked: 2,
    short: 1,
    shortfalls: [{ host: 'cmp1', homeless: 1, of: 3, sentence: '1 of 3 instances of cmp1 would have no place' }],
    failure: undefined,
  },
  hosts: [
    { node: 'cmp1', host: 'cmp1', state: 'proven', lostSinceMs: 5, reason: undefined, remedy: undefined },
    { node: 'cmp2', host: undefined, state: 'lost', lostSinceMs: 6, reason: 'r', remedy: 'x' },
  ],
  recoveries: [
    {
      id: 'r1',
      host: 'cmp1',
      node: 'cmp1',
      state: 'evacuating',
      reason: undefined,
      remedy: undefined,
      startedAtMs: 7,
      finishedAtMs: undefined,
      proof: { by: 'ctl2', action: 'reboot', completedAtMs: 6 },
      moves: [
        { instance: 'i1', name: 'web', state: 'accepted', from: 'cmp1', to: undefined, reason: undefined, seconds: 2 },
      ],
    },
  ],
};

function stage() {
  let status = STATUS;
  const orders: Order[] = [];
  const log = new EventLog({ series: 's', clock: systemClock, status: () => status });
  const app = createApi(
    {
      gate: async () => ({ gate: 'open', reason: '' }),
      own: {
        source: {
          status: () => status,
          plan: async (host) => {
            if (host === 'nova-is-away') throw new LifeboatError('CLOUD_UNREACHABLE', 'inside');
            return host === 'cmp1'
              ? { outcome: 'planned', host, obstacles: [], failure: undefined, moves: [] }
              : { outcome: 'refused', reason: `there is no host ${host}`, remedy: 'openstack compute service list' };
          },
          order: async (order) => {
            orders.push(order);
            return { outcome: order.op === 'retry' ? 'refused' : 'done', lines: ['a line'] };
          },
        },
        events: new EventStream({ log, clock: systemClock }),
        version: '0.1.0',
        authenticate: async (token) => {
          if (token === undefined) return { kind: 'refused' };
          if (token === 'away') return { kind: 'unavailable' };
          return { kind: 'caller', caller: callerOf([token]) };
        },
        policy: () => new Policy(),
        logger: recordingLogger(),
        requestId: () => 'x',
        corsOrigins: [],
        mayAsk: () => true,
      },
    },
    recordingLogger(),
  );
  onTestFinished(() => app.close());
  return {
    app,
    log,
    orders,
    change: (next: Partial<Status>) => {
      status = { ...status, ...next };
      log.look();
    },
    ask: async (method: 'GET' | 'POST', path: string, payload?: object, token = 'admin') => {
      const answer = await app.inject({
        method,
        url: `/lifeboat/v1${path}`,
        headers: { 'x-auth-token': token },
        ...(payload && { payload }),
      });
      const exchange = { method, target: `/lifeboat/v1${path}`, status: answer.statusCode, text: answer.payload };
      expect(problemsWith({ ...exchange, contentType: answer.headers['content-type']?.toString() }), path).toEqual([]);
      return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
    },
  };
}

describe('the own API', () => {
  const ajv = new Ajv2020({ strict: false });
  const examples: readonly (readonly ['GET' | 'POST', string, object | undefined, number])[] = [
    ['GET', '/status', undefined, 200],
    ['GET', '/hosts', undefined, 200],
    ['GET', '/hosts/cmp2', undefined, 200],
    ['GET', '/hosts/none', undefined, 404],
    ['GET', '/hosts/cmp1/plan', undefined, 200],
    ['GET', '/hosts/none/plan', undefined, 409],
    ['GET', '/recoveries', undefined, 200],
    ['GET', '/recoveries/r1', undefined, 200],
    ['GET', '/recoveries/none', undefined, 404],
    ['GET', '/recoveries/r1/moves', undefined, 200],
    ['GET', '/holds', undefined, 200],
    ['POST', '/pause', { reason: 'maintenance' }, 200],
    ['POST', '/resume', {}, 200],
    ['POST', '/proceed', { hosts: ['cmp1'] }, 200],
    ['POST', '/recoveries/r1/retry', {}, 409],
    ['POST', '/recoveries/r1/cancel', { reason: 'enough' }, 200],
    ['POST', '/recoveries/cmp1/acknowledge', {}, 200],
  ];

  it.each(examples)('answers %s %s by its document', async (method, path, payload, status) => {
    const { ask } = stage();
    const answer = await ask(method, path, payload);
    expect(answer.status).toBe(status);
    const route = OWN_ROUTES.find(
      (each) => each.method === method && new RegExp(`^${each.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(path),
    );
    const schema = route?.answers[status];
    expect(schema, `${path} ${status}`).toBeDefined();
    const isValid = ajv.validate(schema ?? false, answer.body);
    expect(ajv.errors ?? [], JSON.stringify(answer.body)).toEqual([]);
    expect(isValid).toBe(true);
  });

  it('has every route in the examples, and every one of them in the document', async () => {
    for (const { method, path } of OWN_ROUTES) {
      const matches = new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`);
      expect(
        examples.some(([m, p]) => m === method && matches.test(p)),
        `${method} ${path}`,
      ).toBe(true);
    }
    const { ask } = stage();
    const { body } = await ask('GET', '/openapi.json');
    expect(body).toEqual(JSON.parse(JSON.stringify(openApi('0.1.0'))));
    expect(Object.keys(body['paths'] as object)).toContain('/v1/notifications/{notification}/vmoves');
  });

  it.each([
    ['POST', '/pause', {}],
    ['POST', '/pause', { reason: '' }],
    ['POST', '/pause', { reason: 'x'.repeat(256) }],
    ['POST', '/pause', { reason: 'a\u0007' }],
    ['POST', '/proceed', { hosts: [{}] }],
    ['GET', '/recoveries?limit=0', undefined],
    ['GET', '/recoveries?limit=x', undefined],
    ['GET', '/recoveries?limit=1001', undefined],
    ['GET', '/recoveries?limit=1.5', undefined],
    ['GET', '/recoveries?marker=', undefined],
    ['GET', '/recoveries?marker=none', undefined],
    ['GET', '/recoveries?marker=r1&marker=r1', undefined],
    ['GET', `/recoveries?marker=${'x'.repeat(256)}`, undefined],
    ['GET', '/recoveries?marker=r1%00', undefined],
    ['GET', '/recoveries?state=nosuch', undefined],
  ] as const)('refuses %s %s with %j', async (method, path, payload) => {
    const { ask, orders } = stage();
    expect((await ask(method, path, payload)).status).toBe(400);
    expect(orders).toEqual([]);
  });

  it('gives recoveries page by page, each once, whatever becomes of the one that the marker names', async () => {
    const { ask, change } = stage();
    const [first] = STATUS.recoveries;
    if (first === undefined) throw new Error('the status has no recovery');
    const ids = ['r5', 'r4', 'r3', 'r2', 'r1'];
    const standing = ids.map((id) => ({ ...first, id, host: id === 'r4' ? 'cmp4' : 'cmp1' }));
    change({ recoveries: standing });
    const page = async (query: string) => {
      const { body } = await ask('GET', `/recoveries?${query}`);
      return [(body['recoveries'] as readonly { readonly id: string }[]).map(({ id }) => id), body['next']];
    };
    expect(await page('limit=2')).toEqual([['r5', 'r4'], 'r4']);
    expect(await page('limit=2&marker=r4')).toEqual([['r3', 'r2'], 'r2']);
    expect(await page('limit=2&marker=r2')).toEqual([['r1'], undefined]);
    expect(await page('limit=2&marker=r1')).toEqual([[], undefined]);
    expect(await page('limit=2&host=cmp1')).toEqual([['r5', 'r3'], 'r3']);
    expect(await page('limit=2&host=cmp1&marker=r3')).toEqual([['r2', 'r1'], undefined]);
    // A newer one came, and the one of the marker has ended: what follows it is the same.
    const [newest, ...others] = standing;
    change({
      recoveries: [{ ...first, id: 'r6' }, newest ?? first, ...others.map((each) => endedIf(each, 'r4'))],
    });
    expect(await page('limit=2&state=evacuating&marker=r4')).toEqual([['r3', 'r2'], 'r2']);
  });

  it('knows who gives an order, and lets only those whom the policy allows', async () => {
    const { ask, orders, app } = stage();
    await ask('POST', '/recoveries/cmp1/cancel', { reason: 'enough' });
    expect(orders).toEqual([{ op: 'cancel', by: 'admin', target: 'cmp1', reason: 'enough' }]);
    expect((await ask('POST', '/pause', { reason: 'x' }, 'member')).status).toBe(403);
    expect((await ask('GET', '/status', undefined, 'away')).status).toBe(503);
    expect((await app.inject({ method: 'GET', url: '/lifeboat/v1/status' })).statusCode).toBe(401);
    expect((await ask('GET', '/hosts/nova-is-away/plan')).status).toBe(503);
    expect(orders).toHaveLength(1);
  });
});

function endedIf(recovery: Status['recoveries'][number], id: string): Status['recoveries'][number] {
  return recovery.id === id ? { ...recovery, state: 'recovered' } : recovery;
}

describe('the events', () => {
  async function listen(stands: ReturnType<typeof stage>, lastEventId?: string) {
    if (stands.app.server.address() === null) await stands.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = stands.app.server.address() as AddressInfo;
    let text = '';
    const request = get({
      ...{ host: '127.0.0.1', port, path: '/lifeboat/v1/events' },
      headers: { 'x-auth-token': 'admin', ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
    });
    request.on('error', () => undefined);
    request.on('response', (response) => {
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('error', () => undefined);
    });
    await eventually('it is answered', () => text.includes('event: '));
    return { text: () => text, close: () => request.destroy() };
  }
  const lastId = (text: string): string =>
    text
      .match(/id: (\S+)/g)
      ?.at(-1)
      ?.slice(4) ?? '';

  it('tell what changes, and a client that comes back what it missed', async () => {
    const stands = stage();
    const first = await listen(stands);
    stands.change({ recoveries: STATUS.recoveries.map((each) => ({ ...each, state: 'recovered' as const })) });
    await eventually('it is told', () => first.text().includes('event: recovery'));
    expect(first.text()).toContain('"state":"recovered"');
    const id = lastId(first.text());
    first.close();
    stands.change({ holds: [] });
    stands.change({ summary: 'active, 0 recovering, 0 held' });
    const second = await listen(stands, id);
    await eventually('it has all', () => second.text().includes('event: engine'));
    expect(second.text()).toContain('{"gone":"cmp2 not-fenced"}');
    expect(second.text()).not.toContain('event: recovery');
    second.close();
  });

  it('tell a client to read anew whose last event is not remembered', async () => {
    const stands = stage();
    for (const id of ['other-3', 's-99', 'nonsense']) {
      const reader = await listen(stands, id);
      expect(reader.text(), id).toContain('event: reset');
      reader.close();
    }
  });

  it('are not compared while nobody listens', () => {
    let looked = 0;
    const log = new EventLog({
      series: 's',
      clock: systemClock,
      status: () => {
        looked += 1;
        return STATUS;
      },
    });
    log.look();
    expect(looked).toBe(0);
    log.listen(() => undefined)();
    expect(looked).toBe(1);
  });
});
