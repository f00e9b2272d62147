import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/monitor/delivery/credential.ts';
import type { PostCall, PostReply } from '../../../src/monitor/delivery/post.ts';
import { toApi } from '../../../src/monitor/delivery/to-api.ts';
import { reportOf } from '../../../src/monitor/spool/report.ts';
import { death } from './notifications.ts';

const SIGNAL = new AbortController().signal;
const REPORT = reportOf(death(1), 0);
const ADDRESSES = ['http://ctl1:15868', 'http://ctl2:15868/v1', 'http://ctl3:15868/v1/0123'];

function fault(status: number, message: string, name = 'badRequest'): PostReply {
  return { status, headers: {}, body: { [name]: { code: status, message } } };
}
const ACCEPTED: PostReply = { status: 202, headers: {}, body: { notification: {} } };

function bench(answer: (call: PostCall, n: number) => PostReply | string, credential: Partial<Credential> = {}) {
  const calls: PostCall[] = [];
  const deliver = toApi({
    addresses: () => Promise.resolve(ADDRESSES),
    credential: {
      token: () => Promise.resolve('lbk_secret'),
      refused: () => false,
      remedy: 'make a key',
      ...credential,
    },
    post: (call) => {
      calls.push(call);
      const given = answer(call, calls.length);
      return typeof given === 'string' ? Promise.reject(new Error(given)) : Promise.resolve(given);
    },
  });
  return { calls, deliver: () => deliver(REPORT, SIGNAL) };
}

describe('the delivery to the API', () => {
  it('sends the report in Masakari’s words, with its name and what the API knows the host by', async () => {
    const { calls, deliver } = bench(() => ACCEPTED);
    expect(await deliver()).toMatchObject({ kind: 'taken' });
    expect(calls[0]).toMatchObject({
      url: 'http://ctl1:15868/v1/notifications',
      body: { notification: death(1) },
      headers: { 'x-auth-token': 'lbk_secret', 'x-lifeboat-report': REPORT.id },
    });
    expect(REPORT.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('asks each address in turn, and the one that took the last report first', async () => {
    const { calls, deliver } = bench(({ url }) => (url.includes('ctl3') ? ACCEPTED : 'ECONNREFUSED'));
    expect(await deliver()).toMatchObject({ kind: 'taken' });
    await deliver();
    expect(calls.map(({ url }) => url)).toEqual([
      'http://ctl1:15868/v1/notifications',
      'http://ctl2:15868/v1/notifications',
      'http://ctl3:15868/v1/0123/notifications',
      'http://ctl3:15868/v1/0123/notifications',
    ]);
  });

  it('takes a duplicate, and a host on maintenance, for delivered', async () => {
    const said = 'Notification received from host cmp1 of type VM is duplicate.';
    expect(await bench(() => fault(409, said, 'conflictingRequest')).deliver()).toEqual({ kind: 'taken', said });
  });

  it('is refused what the API says can never be taken', async () => {
    expect(await bench(() => fault(400, "'x' is not a 'uuid'")).deliver()).toEqual({
      kind: 'refused',
      said: "'x' is not a 'uuid'",
    });
  });

  it.each<readonly [string, PostReply | string]>([
    ['nobody listens', 'ECONNREFUSED'],
    ['no answer comes in time', 'no answer within 10 s'],
    ['a proxy says 400 to it', { status: 400, headers: {}, body: undefined }],
    ['a proxy says 409 to it', { status: 409, headers: {}, body: { error: 'x' } }],
    ['the host is in no segment yet', fault(400, 'Host with name cmp1 could not be found.')],
    ['the credential is refused', { status: 401, headers: {}, body: undefined }],
    ['the role is missing', fault(403, "Policy doesn't allow it", 'forbidden')],
    ['it is another server', { status: 404, headers: {}, body: undefined }],
    ['it leads elsewhere', { status: 302, headers: { location: 'http://evil' }, body: undefined }],
    ['the engine fails', fault(500, 'Unexpected API Error', 'masakariFault')],
    ['it answers 200 and means nothing', { status: 200, headers: {}, body: {} }],
  ])('is to be tried again when %s, and says what to do', async (_when, reply) => {
    const delivery = await bench(() => reply).deliver();
    expect(delivery).toMatchObject({ kind: 'trouble', said: expect.any(String) as string, remedy: /./ });
    expect(JSON.stringify(delivery)).not.toContain('secret');
  });

  it('tells what the one that answers says, and not who refuses to connect', async () => {
    const { deliver } = bench(({ url }) => (url.includes('ctl2') ? fault(503, 'try again', 'x') : 'ECONNREFUSED'));
    expect(await deliver()).toMatchObject({ said: 'http://ctl2:15868/v1: it answers 503: try again' });
  });

  it('waits as long as the API asks for', async () => {
    const { deliver } = bench(() => ({ ...fault(503, 'later', 'x'), headers: { 'retry-after': '5' } }));
    expect(await deliver()).toMatchObject({ kind: 'trouble', notBeforeMs: 5_000 });
  });

  it('comes once more with a new credential when the old one is refused', async () => {
    let token = 'old';
    const { calls, deliver } = bench(
      ({ headers }) => (headers['x-auth-token'] === 'new' ? ACCEPTED : { status: 401, headers: {}, body: {} }),
      {
        token: () => Promise.resolve(token),
        refused: () => {
          token = 'new';
          return true;
        },
      },
    );
    expect(await deliver()).toMatchObject({ kind: 'taken' });
    expect(calls).toHaveLength(2);
  });

  it('is in trouble, and not broken, when there is no credential now', async () => {
    const { deliver } = bench(() => ACCEPTED, { token: () => Promise.reject(new Error('Keystone does not answer')) });
    expect(await deliver()).toMatchObject({ kind: 'trouble', said: 'Keystone does not answer' });
  });
});
