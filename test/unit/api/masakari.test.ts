import { describe, expect, it } from 'vitest';
import { LifeboatError } from '../../../src/errors.ts';
import { rateLimit } from '../../../src/api/rate-limit.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { hostOf, segmentOf } from '../engine/registry/bench.ts';
import { ADMIN_PROJECT, masakariStage } from './masakari-stage.ts';

const SEGMENT = { name: 'a', recovery_method: 'auto', service_type: 'COMPUTE' };

describe('Masakari’s API', () => {
  it('answers with and without the id of a project, and with a format at the end', async () => {
    const { ask } = await masakariStage();
    for (const path of ['/v1/segments', `/v1/${ADMIN_PROJECT}/segments`, '/v1/segments.json', '/v1/segments/']) {
      expect((await ask('GET', path)).status, path).toBe(200);
    }
    const other = await ask('GET', '/v1/ffff/segments');
    expect(other.status).toBe(400);
    expect(other.text).toContain("URL's project_id 'ffff' doesn't match");
  });

  it('is found at /, /v1 and /v1/, the first without a token', async () => {
    const { ask } = await masakariStage();
    const root = await ask('GET', '/', { headers: { 'x-auth-token': '' } });
    expect(root).toMatchObject({ status: 200, body: { versions: [{ version: '1.3', min_version: '1.0' }] } });
    expect(await ask('GET', '/v1')).toMatchObject({ status: 200, body: { version: { version: '1.3' } } });
    expect((await ask('GET', '/v1/', { headers: { 'x-auth-token': '' } })).status).toBe(401);
  });

  it.each([
    ['instance-ha 1.2', 200, 'masakari 1.2'],
    ['instance-ha latest', 200, 'masakari 1.3'],
    ['compute 2.53, instance-ha 1.1', 200, 'masakari 1.1'],
    ['masakari 1.2', 200, 'masakari 1.0'],
    ['instance-ha 1.4', 406, 'instance-ha 1.4'],
    ['instance-ha 2.0', 406, 'instance-ha 2.0'],
    ['instance-ha 1', 400, undefined],
    ['instance-ha 1.02', 400, undefined],
  ])('reads the version %j', async (asked, status, answered) => {
    const { ask } = await masakariStage();
    const answer = await ask('GET', '/v1/segments', { headers: { 'openstack-api-version': asked } });
    expect([answer.status, answer.headers['openstack-api-version']]).toEqual([status, answered]);
  });

  it.each([
    ['{', 'Malformed request body'],
    ['', "None is not of type 'object'"],
    ['[]', "[] is not of type 'object'"],
    ['"x"', "'x' is not of type 'object'"],
    [{ segment: null }, "Invalid input for field/attribute segment. Value: None. None is not of type 'object'"],
    [
      { segment: { ...SEGMENT, name: 5 } },
      "Invalid input for field/attribute name. Value: 5. 5 is not of type 'string'",
    ],
    [{ segment: { ...SEGMENT, name: ' a' } }, "An invalid 'name' value was provided."],
    [{ segment: { ...SEGMENT, name: 'a\u0000' } }, "An invalid 'name' value was provided."],
    [{ segment: { ...SEGMENT, name: 'a'.repeat(256) } }, 'is too long'],
    [{ segment: SEGMENT, more: 1 }, "Additional properties are not allowed ('more' was unexpected)"],
    [{ segment: { ...SEGMENT, description: 'a\u0007' } }, 'does not match'],
    [{ segment: { ...SEGMENT, description: 'a\u2028b' } }, 'does not match'],
    [{ segment: { ...SEGMENT, recovery_method: ['auto'] } }, "['auto'] is not of type 'string'"],
  ])('refuses %j with 400', async (body, words) => {
    const { ask, disk } = await masakariStage();
    const answer = await ask('POST', '/v1/segments', { body });
    expect(answer.status).toBe(400);
    expect((answer.body as { badRequest: { message: string } }).badRequest.message).toContain(words);
    expect(disk.segments).toEqual([]);
  });

  it('refuses brackets without end with 400, however many', async () => {
    const { ask } = await masakariStage();
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    for (const body of [deep, `{"segment":${deep}}`, `{"segment":{"name":${deep}}}`, '{"a":'.repeat(16_000)]) {
      expect((await ask('POST', '/v1/segments', { body })).status, body.slice(0, 20)).toBe(400);
    }
  });

  it('disables a segment by every word for no, and lists by it (W15)', async () => {
    const { ask, registry } = await masakariStage();
    const { uuid } = await registry.addSegment(segmentOf('a'));
    for (const enabled of ['false', 'No', '0', false]) {
      await registry.updateSegment(uuid, { enabled: true });
      const headers = { 'openstack-api-version': 'instance-ha 1.2' };
      const answer = await ask('PUT', `/v1/segments/${uuid}`, { body: { segment: { enabled } }, headers });
      expect(answer.body, String(enabled)).toMatchObject({ segment: { enabled: false } });
    }
    expect((await ask('GET', '/v1/segments?enabled=True')).body).toEqual({ segments: [] });
    expect((await ask('GET', '/v1/segments?enabled=False')).body).toMatchObject({ segments: [{ uuid }] });
    expect((await ask('GET', '/v1/segments?enabled=perhaps')).status).toBe(400);
  });

  it('refuses a host whose type is null with 400, and filters hosts by name (W15)', async () => {
    const { ask, registry } = await masakariStage();
    const { uuid } = await registry.addSegment(segmentOf('a'));
    const body = { host: { name: 'compute-1', type: null, control_attributes: 'SSH' } };
    expect((await ask('POST', `/v1/segments/${uuid}/hosts`, { body })).status).toBe(400);
    for (const name of ['compute-1', 'compute-2']) await registry.addHost(uuid, hostOf(name));
    const found = await ask('GET', `/v1/segments/${uuid}/hosts?name=compute-2`);
    expect(found.body).toMatchObject({ hosts: [{ name: 'compute-2' }] });
  });

  it('takes limit, marker and sorting, and refuses what is none', async () => {
    const { ask, registry } = await masakariStage();
    for (const name of ['a', 'b', 'c']) await registry.addSegment(segmentOf(name));
    const names = async (query: string): Promise<readonly string[]> => {
      const { body } = await ask('GET', `/v1/segments?${query}`);
      return (body as { segments: { name: string; id: number }[] }).segments.map(({ name }) => name);
    };
    expect(await names('limit=2')).toEqual(['c', 'b']);
    expect(await names('limit=0')).toEqual([]);
    expect(await names('sort_key=name&sort_dir=asc')).toEqual(['a', 'b', 'c']);
    const { body } = await ask('GET', '/v1/segments?limit=1');
    const [first] = (body as { segments: { id: number }[] }).segments;
    expect(await names(`marker=${first?.id}`)).toEqual(['b', 'a']);
    for (const bad of [
      'limit=-1',
      'limit=x',
      'marker=none',
      'sort_key=bogus',
      'sort_dir=up',
      'sort_dir=asc&sort_dir=asc',
    ]) {
      expect((await ask('GET', `/v1/segments?${bad}`)).status, bad).toBe(400);
    }
  });

  it('is a 415 for other content types, also without a body, and a 413 for a body that is too large', async () => {
    const { ask } = await masakariStage();
    expect((await ask('GET', '/v1/segments', { headers: { 'content-type': 'application/xml' } })).status).toBe(415);
    const large = await ask('POST', '/v1/segments', { body: 'x'.repeat(200_000) });
    expect(large).toMatchObject({ status: 413, body: { overLimit: { code: 413 } } });
  });

  it('tells the unknown from the forbidden, in text or in JSON as the client wants it', async () => {
    const { ask } = await masakariStage();
    expect((await ask('PATCH', '/v1/segments')).status).toBe(404);
    expect((await ask('DELETE', '/v1/segments')).status).toBe(404);
    const text = await ask('GET', '/v1/nosuch', { headers: { accept: '*/*' } });
    expect(text.headers['content-type']).toContain('text/plain');
    for (const [method, path] of [
      ['POST', '/v1/segments/x/action'],
      ['POST', '/v1/notifications/x/action'],
      ['POST', '/v1/notifications/x/vmoves'],
      ['DELETE', '/v1/notifications/x/vmoves/y'],
      ['PUT', '/v1/extensions/segments'],
    ] as const) {
      expect((await ask(method, path, { body: {} })).status, path).toBe(405);
    }
    expect((await ask('GET', '/v1/%zz')).status).toBe(400);
  });

  it('lets a monitor report a failure, and nothing else', async () => {
    const { ask, registry } = await masakariStage();
    const { uuid } = await registry.addSegment(segmentOf('a'));
    await registry.addHost(uuid, hostOf('compute-1'));
    const headers = { 'x-auth-token': 'monitor' };
    const payload = { event: 'STOPPED', process_name: 'nova-compute' };
    const notification = { type: 'PROCESS', hostname: 'compute-1', generated_time: '2026-11-22T06:38:18', payload };
    expect((await ask('POST', '/v1/notifications', { body: { notification }, headers })).status).toBe(202);
    for (const path of ['/v1/notifications', '/v1/segments', '/v1/extensions']) {
      expect((await ask('GET', path, { headers })).status, path).toBe(403);
    }
  });

  it('asks to come again when the engine, its store or Keystone cannot be used, and says nothing of the inside', async () => {
    const failing = (code: 'STORE_UNUSABLE' | 'LEASE_LOST' | 'CLOUD_UNREACHABLE') =>
      ({ segments: () => Promise.reject(new LifeboatError(code, 'the password of the database is x')) }) as never;
    for (const code of ['STORE_UNUSABLE', 'LEASE_LOST', 'CLOUD_UNREACHABLE'] as const) {
      const { ask } = await masakariStage({ registry: failing(code) });
      const answer = await ask('GET', '/v1/segments');
      expect([answer.status, answer.headers['retry-after']], code).toEqual([503, '5']);
      expect(answer.text).not.toContain('password');
    }
    const { ask } = await masakariStage({ authenticate: async () => ({ kind: 'unavailable' }) });
    expect((await ask('GET', '/v1/segments')).status).toBe(503);
    const broken = await masakariStage({ registry: { segments: () => Promise.reject(new Error('inside')) } as never });
    const answer = await broken.ask('GET', '/v1/segments');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('inside');
  });

  it('writes a line for each change that was asked for, and for no reading', async () => {
    const { ask, logger } = await masakariStage();
    await ask('GET', '/v1/segments');
    await ask('POST', '/v1/segments', { body: { segment: SEGMENT } });
    await ask('POST', '/v1/segments', { body: { segment: SEGMENT }, headers: { 'x-auth-token': 'member' } });
    const audited = logger.lines.filter((line) => line.includes('asked to'));
    expect(audited).toHaveLength(2);
    expect(audited[0]).toContain('admin asked to create /v1/segments: 201');
    expect(audited[1]).toContain('member asked to create /v1/segments: 403');
  });

  it('tells a load balancer where the engine runs', async () => {
    const ready = await masakariStage();
    const noToken = { headers: { 'x-auth-token': '' } };
    expect(await ready.ask('GET', '/healthcheck', noToken)).toMatchObject({ status: 200, text: 'OK' });
    const other = await masakariStage({ notReady: () => 'the engine of ctl2 holds the lease' });
    expect((await other.ask('GET', '/healthcheck', noToken)).status).toBe(503);
  });

  it('lets pages of the named origins ask, and no others', async () => {
    const { ask } = await masakariStage({ corsOrigins: ['https://dashboard.example.com'] });
    const asked = (origin: string) => ask('OPTIONS', '/v1/segments', { headers: { origin, 'x-auth-token': '' } });
    expect((await asked('https://dashboard.example.com')).headers['access-control-allow-headers']).toContain(
      'X-Auth-Token',
    );
    expect((await asked('https://evil.example.com')).headers['access-control-allow-origin']).toBeUndefined();
    const { headers } = await ask('GET', '/v1/segments', { headers: { origin: 'https://dashboard.example.com' } });
    expect(headers['access-control-allow-origin']).toBe('https://dashboard.example.com');
    expect(headers['vary']).toBe('OpenStack-API-Version, Origin');
  });

  it('shows its extensions', async () => {
    const { ask } = await masakariStage();
    const { body } = await ask('GET', '/v1/extensions');
    const aliases = (body as { extensions: { alias: string }[] }).extensions.map(({ alias }) => alias);
    expect(aliases).toEqual(['extensions', 'notifications', 'os-hosts', 'segments', 'versions', 'vmoves']);
    expect((await ask('GET', '/v1/extensions/os-hosts')).body).toEqual({
      extension: {
        name: 'Hosts',
        alias: 'os-hosts',
        description: 'Hosts controller',
        namespace: '',
        updated: '',
        links: [],
      },
    });
    expect((await ask('GET', '/v1/extensions/constructor')).status).toBe(404);
  });
});

describe('the rate of requests', () => {
  it('is limited for each address, and twice of it may come at once', async () => {
    const clock = virtualClock();
    const mayAsk = rateLimit(10, clock);
    const from = (ip: string): boolean => mayAsk({ ip } as never);
    expect(Array.from({ length: 25 }, () => from('10.0.0.1')).filter(Boolean)).toHaveLength(20);
    expect(from('10.0.0.2')).toBe(true);
    await clock.advance(500);
    expect(Array.from({ length: 25 }, () => from('10.0.0.1')).filter(Boolean)).toHaveLength(5);
  });

  it('of too many is answered with 429 and when to come again', async () => {
    const { ask } = await masakariStage({ mayAsk: () => false });
    const answer = await ask('GET', '/v1/segments');
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '1']);
  });
});
