import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvacuation, readInstance, readService } from '../../../src/openstack/nova-rows.ts';
import type { Row } from '../../../src/openstack/rows.ts';
import { startEmulator } from '../../emulator/index.ts';
import type { Emulator } from '../../emulator/index.ts';
import { differences, recording, shapeOf } from './recordings.ts';

/** Headers that belong to the connection and not to the answer, or that a body of another length changes. */
const OF_THE_CONNECTION = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];

describe('the emulator answers like the recorded cloud', () => {
  let emulator: Emulator;
  let serviceId: string;
  let admin: string;
  let demo: string;
  const ids: Record<string, string> = {};

  const logIn = async (user: string): Promise<string> => {
    const identity = {
      methods: ['password'],
      password: { user: { name: user, domain: { id: 'default' }, password: 'secret' } },
    };
    const scope = { project: { name: user, domain: { id: 'default' } } };
    const body = JSON.stringify({ auth: { identity, scope } });
    const response = await fetch(`${emulator.authUrl}/auth/tokens`, { method: 'POST', body });
    return response.headers.get('x-subject-token') ?? '';
  };

  beforeAll(async () => {
    emulator = await startEmulator({ options: { schedulerMs: 0, spawnMs: 0 } });
    serviceId = await emulator.addHost({ name: 'compute-9' });
    for (const name of ['compute-3', 'compute-12']) await emulator.addHost({ name });
    for (const state of ['active', 'stopped', 'error', 'paused', 'suspended', 'resized', 'shelved_offloaded']) {
      ids[state] = await emulator.addInstance({ host: 'compute-9', vmState: state });
    }
    ids.moved = await emulator.addInstance({ host: 'compute-9' });
    ids.rebuilding = await emulator.addInstance({ host: 'compute-9', taskState: 'rebuilding' });
    for (const name of ['m50-1', 'm50-2', 'm50-3']) await emulator.addInstance({ host: 'compute-3', name });
    [admin, demo] = await Promise.all([logIn('admin'), logIn('demo')]);
  });
  afterAll(() => emulator.close());

  const put = (body: object): Promise<Response> =>
    fetch(`${emulator.novaUrl}/os-services/${serviceId}`, {
      method: 'PUT',
      headers: { 'x-auth-token': admin, 'openstack-api-version': 'compute 2.53' },
      body: JSON.stringify(body),
    });

  /** Sends what was recorded, to the instance or service that stands for the recorded one. */
  const check = async (name: string, instance?: string, token = admin): Promise<void> => {
    const { request, response } = recording(name);
    const asked = new URL(request.url);
    let path = asked.pathname;
    if (instance !== undefined) path = path.replace(/servers\/[0-9a-f-]{36}/, `servers/${ids[instance] ?? instance}`);
    if (!path.includes('00000000')) path = path.replace(/os-services\/[0-9a-f-]{36}/, `os-services/${serviceId}`);
    const keystone = asked.port === '5000';
    const base = keystone ? emulator.authUrl.replace(/\/v3$/, '') : emulator.novaUrl.replace(/\/v2\.1$/, '');
    const headers: Record<string, string> = { ...request.headers };
    if ('x-auth-token' in headers) headers['x-auth-token'] = token;
    const body = request.body === null ? undefined : JSON.stringify(request.body).replace('labpw', 'secret');
    const answer = await fetch(`${base}${path}${asked.search}`, {
      method: request.method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    expect(answer.status).toBe(response.status);
    const emulated: unknown = text === '' ? null : JSON.parse(text);
    expect(differences(shapeOf(response.body), shapeOf(emulated))).toEqual([]);
    const own = (names: readonly string[]): readonly string[] =>
      names.filter((header) => !OF_THE_CONNECTION.includes(header)).sort();
    expect(own([...answer.headers.keys()])).toEqual(own(Object.keys(response.headers)));
    expect(answer.headers.get('content-type')).toBe(response.headers['content-type']);
    if (response.status >= 400 && !keystone) expect(messageShape(emulated)).toBe(messageShape(response.body));
  };

  /** The words of an error, with what differs from cloud to cloud taken out. */
  const messageShape = (body: unknown): string => {
    const [envelope] = Object.values(body as Record<string, { readonly message: string }>);
    return (envelope?.message ?? '').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID');
  };

  it.each([
    'keystone-token-issue',
    'keystone-token-unscoped',
    'keystone-token-badpassword-401',
    'keystone-token-badproject-401',
    'keystone-v3-version',
    'nova-v2.1-version',
    'nova-notoken-401',
    'nova-mv-bad-400',
    'nova-mv-too-high-406',
    'nova-services-2.1',
    'nova-services-2.11',
    'nova-services-2.53',
    'nova-services-nosuchhost',
    'nova-service-404',
    'nova-service-badbody-400',
    'nova-servers-by-host-paged',
    'nova-servers-by-host-nosuch',
    'nova-servers-unknown-filter',
    'nova-server-404',
  ])('%s', (name) => check(name));

  it.each([['nova-badtoken-401', undefined, 'gAAAAAbogus']] as const)('%s', check);

  it.each(['nova-demo-services-403', 'nova-demo-service-403', 'nova-demo-servers-all-tenants-403'])('%s', (name) =>
    check(name, undefined, demo),
  );

  it.each([
    ['nova-server-active-2.1', 'active'],
    ['nova-server-active-2.90', 'active'],
    ['nova-server-stopped', 'stopped'],
    ['nova-server-paused', 'paused'],
    ['nova-server-suspended', 'suspended'],
    ['nova-server-resized', 'resized'],
    ['nova-server-shelved', 'shelved_offloaded'],
    ['nova-server-evacuating-dup', 'rebuilding'],
    ['nova-evacuate-host-up-400', 'active'],
    ['nova-evacuate-paused-2.90', 'paused'],
    ['nova-evacuate-suspended-2.90', 'suspended'],
    ['nova-evacuate-resized-2.90', 'resized'],
    ['nova-evacuate-shelved-2.90', 'shelved_offloaded'],
    ['nova-evacuate-nohost-host-2.90', 'active'],
    ['nova-evacuate-bad-2.1-78', 'active'],
    ['nova-evacuate-bad-2.90-80', 'active'],
    ['nova-evacuate-bad-2.90-81', 'active'],
  ])('%s', check);

  it('nova-demo-evacuate-404', () => check('nova-demo-evacuate-404', 'active', demo));

  it('a service that is forced down, disabled and enabled, with the precise time of a change', async () => {
    await check('nova-service-force-down-2.53');
    await check('nova-service-force-down-2.53-again');
    await check('nova-services-forced-down');
    await check('nova-service-disable-2.53');
    await check('nova-service-disable-longreason-400');
    await check('nova-service-enable');
    await check('nova-server-active-host-down', 'active');
    await put({ forced_down: false });
    const stamp = async (body: object): Promise<string> => {
      const answer = (await (await put(body)).json()) as { readonly service: { readonly updated_at: string } };
      return answer.service.updated_at;
    };
    expect(await stamp({ forced_down: true })).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(await stamp({ forced_down: true })).toMatch(/\.000000$/);
  });

  it('an evacuation, its migration record, and the unforce that is refused after it', async () => {
    await put({ forced_down: true });
    await check('nova-evacuate-active-2.90', 'moved');
    await expect
      .poll(async () => (await emulator.state()).instances.find((instance) => instance.id === ids.moved)?.host)
      .not.toBe('compute-9');
    await check('nova-server-after-evacuate-active', 'moved');
    for (const version of ['2.23', '2.59', '2.80']) await check(`nova-migrations-${version}`);
    await check('nova-service-unforce-with-evacuations');
  });

  it('an evacuation without a valid host', async () => {
    await put({ forced_down: true });
    await emulator.fault({ effect: { kind: 'no-valid-host' }, times: 1 });
    await check('nova-evacuate-aff1-2.90', 'stopped');
    await expect
      .poll(async () => (await emulator.state()).instances.find((instance) => instance.id === ids.stopped)?.status)
      .toBe('ERROR');
    await check('nova-server-after-evacuate-anti1', 'stopped');
  });
});

describe('the client reads every recorded row', () => {
  const rows = (name: string, key: string): readonly Row[] =>
    (recording(name).response.body as Record<string, readonly Row[]>)[key] ?? [];

  it.each(['nova-services-2.53', 'nova-services-forced-down'])('services of %s', (name) => {
    const services = rows(name, 'services').map((row) => readService(row, name));
    expect(services.length).toBeGreaterThan(0);
    expect(services.every((service) => service.updatedAtMs !== undefined)).toBe(true);
  });

  it.each(['nova-migrations-2.59', 'nova-migrations-2.80', 'nova-migrations-failed'])('migrations of %s', (name) => {
    const evacuations = rows(name, 'migrations').map((row) => readEvacuation(row, name));
    expect(evacuations.length).toBeGreaterThan(0);
    expect(evacuations.every((evacuation) => evacuation.createdAtMs > Date.UTC(2026, 0))).toBe(true);
  });

  it.each([
    ['nova-server-active-2.90', { status: 'ACTIVE', vmState: 'active', host: 'compute-9', taskState: undefined }],
    ['nova-server-shelved', { status: 'SHELVED_OFFLOADED', host: undefined }],
    ['nova-server-evacuating-dup', { status: 'REBUILD', taskState: 'rebuilding' }],
    ['nova-server-after-evacuate-anti1', { status: 'ERROR', fault: expect.stringMatching(/^No valid host/) as string }],
  ])('instance of %s', (name, expected) => {
    const { server } = recording(name).response.body as { readonly server: Row };
    expect(readInstance(server, name)).toMatchObject(expected);
  });
});
