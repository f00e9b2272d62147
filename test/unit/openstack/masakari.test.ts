import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/edge/clock.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { createHttp } from '../../../src/openstack/http.ts';
import type { Keystone, Token } from '../../../src/openstack/keystone.ts';
import { createMasakari, type MasakariApi } from '../../../src/openstack/masakari.ts';
import { DEFAULT_TIMINGS } from '../../../src/openstack/timings.ts';
import { fakeMasakari, type FakeMasakari } from '../../support/fake-masakari.ts';
import { recordingLogger } from '../../support/recording-logger.ts';

const FENCED = Date.UTC(2026, 10, 25, 20, 0, 7);
const report = { host: 'cmp1', fencedAtMs: FENCED };
const may = (): void => undefined;

let masakari: FakeMasakari;
const http = createHttp({ kind: 'system' }, { connectMs: 2_000, requestMs: 2_000 }, systemClock);
beforeEach(async () => {
  masakari = await fakeMasakari(['cmp1', 'cmp2']);
});
afterEach(() => masakari.close());

let renewals = 0;
function keystone(endpoint: () => string): Keystone {
  const token: Token = {
    value: 'token-1',
    catalog: [],
    userId: 'u',
    expiresAt: 1e12,
    lifetimeMs: 1e12,
    cloudClockMs: 0,
  };
  return {
    token: async () => token,
    renew: async () => {
      renewals += 1;
      return { ...token, value: 'token-2' };
    },
    endpoint: async () => endpoint(),
    timeMs: () => undefined,
  };
}

function client(endpoint?: string, ofCatalog: () => string = () => masakari.url): MasakariApi {
  const timings = { ...DEFAULT_TIMINGS, attempts: 1 };
  const patience = { clock: systemClock, randomness: systemRandomness, logger: recordingLogger(), timings };
  return createMasakari({ http, keystone: keystone(ofCatalog), patience }, endpoint);
}

describe('a report to Masakari', () => {
  it('is what its host monitor would send of a host that is down, with the time of the fencing', async () => {
    expect(await client().reportDown(report, may)).toEqual({ kind: 'taken' });
    expect(masakari.reports).toMatchObject([
      {
        type: 'COMPUTE_HOST',
        hostname: 'cmp1',
        generated_time: '2026-11-25T20:00:07',
        payload: { event: 'STOPPED', host_status: 'NORMAL', cluster_status: 'OFFLINE' },
      },
    ]);
  });

  it.each(['', '/', '/v1', '/v1/'])('goes to the endpoint of the catalog, written as %j at its end', async (end) => {
    expect(await client(undefined, () => `${masakari.url}${end}`).reportDown(report, may)).toEqual({ kind: 'taken' });
  });

  it('goes to the endpoint that is configured, whatever the catalog says', async () => {
    const nowhere = (): string => {
      throw new Error('nobody asks the catalog');
    };
    expect(await client(masakari.url, nowhere).reportDown(report, may)).toEqual({ kind: 'taken' });
  });

  it('is known when an earlier telling of the same failure is there, also when its host is on maintenance since', async () => {
    await client().reportDown(report, may);
    expect(await client().reportDown(report, may)).toMatchObject({ kind: 'duplicate', known: true });
    masakari.work();
    expect(await client().reportDown(report, may)).toMatchObject({ kind: 'maintenance', known: true });
  });

  it('is not known when what is there is another failure, or another host', async () => {
    await client().reportDown(report, may);
    await client().reportDown({ host: 'cmp2', fencedAtMs: FENCED + 9_000 }, may);
    const later = { host: 'cmp1', fencedAtMs: FENCED + 9_000 };
    expect(await client().reportDown(later, may)).toMatchObject({ kind: 'duplicate', known: false });
    masakari.work();
    expect(await client().reportDown(later, may)).toMatchObject({ kind: 'maintenance', known: false });
  });

  it('is refused of a host that is in no segment, in the words of Masakari', async () => {
    expect(await client().reportDown({ host: 'cmp9', fencedAtMs: FENCED }, may)).toEqual({
      kind: 'refused',
      said: 'Host with name cmp9 could not be found.',
    });
  });

  it.each([
    [{ kind: 'status', status: 503 }, 'CLOUD_UNAVAILABLE'],
    [{ kind: 'status', status: 500 }, 'CLOUD_UNAVAILABLE'],
    [{ kind: 'status', status: 403, body: '{"forbidden": {"message": "Policy"}}' }, 'CLOUD_FORBIDDEN'],
    [{ kind: 'status', status: 409, body: '<html>a proxy</html>' }, 'CLOUD_GARBAGE'],
    [{ kind: 'status', status: 400, body: '<html>a proxy</html>' }, 'CLOUD_GARBAGE'],
    [{ kind: 'drop', when: 'before' }, 'CLOUD_UNREACHABLE'],
    [{ kind: 'drop', when: 'after' }, 'CLOUD_UNREACHABLE'],
  ] as const)('is trouble when %j comes instead of an answer', async (fault, code) => {
    masakari.faults.push(fault);
    await expect(client().reportDown(report, may)).rejects.toMatchObject({ code });
    expect(masakari.posts).toBe(1);
  });

  it('goes once more with a new token when the old one is refused, for that executed nothing', async () => {
    renewals = 0;
    masakari.faults.push({ kind: 'status', status: 401 });
    expect(await client().reportDown(report, may)).toEqual({ kind: 'taken' });
    expect(masakari.tokens).toEqual(['token-1', 'token-2']);
    expect(renewals).toBe(1);
  });

  it('does not leave when it may not any more', async () => {
    const may = (): void => {
      throw new Error('the host is back');
    };
    await expect(client().reportDown(report, may)).rejects.toThrow('the host is back');
    expect(masakari.posts).toBe(0);
  });
});

describe('the Masakari of these tests', () => {
  const recorded = (
    name: string,
  ): { readonly status: number; readonly body: Readonly<Record<string, { readonly message: string }>> } => {
    const path = resolve(import.meta.dirname, `../../samples/masakari/${name}.json`);
    return (JSON.parse(readFileSync(path, 'utf8')) as { response: ReturnType<typeof recorded> }).response;
  };
  const send = async (hostname: string): Promise<{ readonly status: number; readonly message: string | undefined }> => {
    const body = {
      notification: {
        ...{ type: 'COMPUTE_HOST', hostname, generated_time: '2026-11-22T06:59:01' },
        payload: { event: 'STOPPED', cluster_status: 'OFFLINE', host_status: 'NORMAL' },
      },
    };
    const response = await fetch(`${masakari.url}/v1/notifications`, { method: 'POST', body: JSON.stringify(body) });
    const faults = (await response.json()) as Readonly<Record<string, { readonly message?: string }>>;
    return { status: response.status, message: Object.values(faults)[0]?.message };
  };
  const messageOf = (name: string): string | undefined => Object.values(recorded(name).body)[0]?.message;

  it('speaks as the recorded one', async () => {
    expect(await send('cmp1')).toMatchObject({ status: recorded('notification-host-stopped-202').status });
    expect(await send('cmp1')).toEqual({
      status: 409,
      message: messageOf('notification-duplicate-409')?.replace(
        /host \S+ of type \S+ is/,
        'host cmp1 of type COMPUTE_HOST is',
      ),
    });
    masakari.work();
    expect(await send('cmp1')).toEqual({
      status: recorded('notification-on-maintenance-409').status,
      message: messageOf('notification-on-maintenance-409')?.replace('compute-4', 'cmp1'),
    });
    expect(await send('nosuch')).toEqual({
      status: recorded('notification-unknown-host-400').status,
      message: messageOf('notification-unknown-host-400'),
    });
  });
});
