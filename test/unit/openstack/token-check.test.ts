import { describe, expect, it } from 'vitest';
import type { AuthorizedPorts } from '../../../src/openstack/authorized.ts';
import type { Reply } from '../../../src/openstack/failure.ts';
import type { HttpCall } from '../../../src/openstack/http.ts';
import { DEFAULT_TIMINGS } from '../../../src/openstack/timings.ts';
import { checkToken } from '../../../src/openstack/token-check.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const SUBJECT = 'gAAAAA-of-somebody';
const NOW = Date.parse('2026-11-22T06:00:00Z');

const TOKEN = {
  methods: ['password'],
  user: { id: 'u1', name: 'masakari', domain: { id: 'default', name: 'Default' } },
  project: { id: 'p1', name: 'service', domain: { id: 'default', name: 'Default' } },
  roles: [{ id: 'r1', name: 'Admin' }],
  expires_at: '2026-11-22T06:10:00.000000Z',
};

function scene(answer: Partial<Reply>) {
  const sent: HttpCall[] = [];
  const own = { value: 'our-own', catalog: [], userId: undefined, expiresAt: 1e9, lifetimeMs: 1e9, cloudClockMs: NOW };
  const ports: AuthorizedPorts = {
    http: {
      send: async (call) => {
        sent.push(call);
        return { status: 200, headers: {}, body: undefined, form: 'json', ...answer };
      },
      close: () => undefined,
    },
    keystone: {
      token: async () => own,
      renew: async () => own,
      endpoint: async () => 'http://unused',
      timeMs: () => NOW,
    },
    patience: {
      clock: virtualClock(),
      randomness: { next: () => 0, uuid: () => '' },
      logger: recordingLogger(),
      timings: { ...DEFAULT_TIMINGS, attempts: 1 },
    },
  };
  return { sent, check: (token = SUBJECT) => checkToken(ports, 'http://k', token) };
}

describe('a token of somebody', () => {
  it('is told with whom it belongs to, their roles, and how long it is good for by Keystone’s clock', async () => {
    const { check, sent } = scene({ body: { token: TOKEN } });
    expect(await check()).toEqual({
      userId: 'u1',
      userName: 'masakari',
      userDomainId: 'default',
      projectId: 'p1',
      domainId: undefined,
      systemScope: undefined,
      roles: ['admin'],
      leftMs: 600_000,
    });
    expect(sent[0]).toMatchObject({
      method: 'GET',
      headers: { 'x-auth-token': 'our-own', 'x-subject-token': SUBJECT },
    });
  });

  it('may have no roles and no project', async () => {
    const { project: _p, roles: _r, ...unscoped } = TOKEN;
    expect(await scene({ body: { token: unscoped } }).check()).toMatchObject({ projectId: undefined, roles: [] });
  });

  it('that Keystone does not know is none', async () => {
    const body = { error: { code: 404, message: `Could not find token: ${SUBJECT}.`, title: 'Not Found' } };
    expect(await scene({ status: 404, body }).check()).toBeUndefined();
  });

  it('is not refused for the 404 of a proxy, which says nothing of it', async () => {
    await expect(scene({ status: 404, form: 'unreadable' }).check()).rejects.toMatchObject({ code: 'CLOUD_GARBAGE' });
  });

  it('is in no message, also when Keystone quotes it', async () => {
    const body = { error: { code: 400, message: `bad token ${SUBJECT} by our-own`, title: 'Bad Request' } };
    await expect(scene({ status: 400, body }).check()).rejects.toThrow('400 bad token *** by ***');
  });

  it('that cannot stand in a header is not asked about', async () => {
    const { check, sent } = scene({ body: { token: TOKEN } });
    for (const token of ['', 'two words', 'a\r\nX-Other: y', 'ä']) expect(await check(token)).toBeUndefined();
    expect(sent).toEqual([]);
  });
});
