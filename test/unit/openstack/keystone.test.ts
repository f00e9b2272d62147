import { describe, expect, it } from 'vitest';
import { chooseEndpoint } from '../../../src/openstack/catalog.ts';
import type { Reply } from '../../../src/openstack/failure.ts';
import type { Http } from '../../../src/openstack/http.ts';
import { createKeystone } from '../../../src/openstack/keystone.ts';
import { DEFAULT_TIMINGS } from '../../../src/openstack/timings.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';
import { recording } from './recordings.ts';
import { recordingLogger } from './stage.ts';
import type { LoggedLine } from './stage.ts';

const DOMAIN = { id: 'default' };
const HOUR = 3_600_000;

/** A Keystone that issues the recorded token, good for four hours, under a new name each time. */
function scene(): {
  readonly clock: VirtualClock;
  readonly keystone: ReturnType<typeof createKeystone>;
  readonly answers: { next: Reply | undefined };
  readonly log: readonly LoggedLine[];
  readonly logins: () => number;
} {
  const clock = virtualClock();
  const log: LoggedLine[] = [];
  const answers: { next: Reply | undefined } = { next: undefined };
  let logins = 0;
  const http: Http = {
    send: async () => {
      logins += 1;
      const { status, body } = recording('keystone-token-issue').response;
      return answers.next ?? { status, headers: { 'x-subject-token': `token-${logins}` }, body, form: 'json' };
    },
    close: () => undefined,
  };
  const keystone = createKeystone(
    http,
    {
      authUrl: 'http://k',
      login: { kind: 'password', user: { name: 'a', domain: DOMAIN }, password: 's', project: { id: 'p' } },
      region: 'RegionOne',
      interface: 'public',
      tls: { kind: 'system' },
    },
    {
      clock,
      randomness: { next: () => 0, uuid: () => '' },
      logger: recordingLogger(log),
      timings: { ...DEFAULT_TIMINGS, attempts: 1 },
    },
  );
  return { clock, keystone, answers, log, logins: () => logins };
}

describe('a token', () => {
  it('is used until shortly before its end, by the clock that does not jump', async () => {
    const { clock, keystone, logins } = scene();
    expect((await keystone.token()).value).toBe('token-1');
    clock.jump(-24 * HOUR);
    await clock.advance(4 * HOUR - DEFAULT_TIMINGS.renewBeforeMs - 1_000);
    expect((await keystone.token()).value).toBe('token-1');
    expect(logins()).toBe(1);
  });

  it('is renewed beside the work before it ends: nobody waits for the login', async () => {
    const { clock, keystone } = scene();
    await keystone.token();
    await clock.advance(4 * HOUR - DEFAULT_TIMINGS.renewBeforeMs + 1_000);
    expect((await keystone.token()).value).toBe('token-1');
    await clock.settle();
    expect((await keystone.token()).value).toBe('token-2');
  });

  it('is not used in its last seconds', async () => {
    const { clock, keystone } = scene();
    await keystone.token();
    await clock.advance(4 * HOUR - 5_000);
    expect((await keystone.token()).value).toBe('token-2');
  });

  it('goes on being used while its renewal fails, and the failure is logged', async () => {
    const { clock, keystone, answers, log } = scene();
    await keystone.token();
    await clock.advance(4 * HOUR - DEFAULT_TIMINGS.renewBeforeMs + 1_000);
    answers.next = { status: 503, headers: {}, body: undefined, form: 'empty' };
    expect((await keystone.token()).value).toBe('token-1');
    await clock.settle();
    expect((await keystone.token()).value).toBe('token-1');
    expect(log.map((line) => line.message)).toContain('the token could not be renewed yet');
  });

  it('that was refused is renewed once, however many were refused with it', async () => {
    const { keystone, logins } = scene();
    const refused = await keystone.token();
    const renewed = await Promise.all([keystone.renew(refused), keystone.renew(refused), keystone.renew(refused)]);
    expect(new Set(renewed.map((token) => token.value))).toEqual(new Set(['token-2']));
    expect((await keystone.renew(refused)).value).toBe('token-2');
    expect(logins()).toBe(2);
  });

  it.each([
    ['no token in the header', { headers: {} }, /no X-Subject-Token/],
    ['no token in the body', { body: {} }, /token is not an object/],
    ['no end', { body: { token: { issued_at: '2026-11-22T06:34:54.000000Z' } } }, /expires_at is not a time/],
  ])('with %s is garbage', async (_, part, message) => {
    const { keystone, answers } = scene();
    answers.next = { status: 201, headers: { 'x-subject-token': 't' }, body: {}, form: 'json', ...part };
    await expect(keystone.token()).rejects.toMatchObject({
      code: 'CLOUD_GARBAGE',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('the catalog', () => {
  const { token } = recording('keystone-token-issue').response.body as {
    readonly token: { readonly catalog: unknown };
  };
  const endpoint = (region: string, url: string, place = 'public'): object => ({
    interface: place,
    region_id: region,
    region,
    url,
  });
  const nova = (...endpoints: readonly object[]): readonly object[] => [{ type: 'compute', endpoints }];

  it('gives the recorded endpoint of Nova', () => {
    const choice = { region: 'RegionOne', interface: 'internal' } as const;
    expect(chooseEndpoint(token.catalog, ['compute'], choice)).toBe('http://127.0.0.1:8774/v2.1');
    expect(chooseEndpoint(token.catalog, ['compute'], { ...choice, region: undefined })).toMatch(/8774/);
  });

  it.each([
    [[], 'the catalog has no service of type compute'],
    [undefined, 'the catalog has no service of type compute'],
    [nova(endpoint('a', 'http://a'), endpoint('b', 'http://b')), 'compute is in several regions, say which: a, b'],
    [nova(endpoint('a', 'http://a', 'admin')), 'no compute endpoint public in any region; the catalog has admin in a'],
    [nova(endpoint('a', 'nonsense')), "the catalog's compute endpoint public is not a URL"],
  ])('%j says what is wrong with it', (catalog, message) => {
    expect(() => chooseEndpoint(catalog, ['compute'], { region: undefined, interface: 'public' })).toThrow(message);
  });
});
