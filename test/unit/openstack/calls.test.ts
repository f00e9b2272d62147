import { describe, expect, it } from 'vitest';
import type { RequestEffect } from '../../emulator/index.ts';
import { openStage, thrown, timingsFor } from './stage.ts';

const TROUBLE: readonly RequestEffect[] = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429, retryAfterSeconds: 0 },
  { kind: 'status', status: 500 },
  { kind: 'html', status: 502 },
  { kind: 'drop', when: 'before-executing' },
  { kind: 'drop', when: 'after-executing' },
  { kind: 'delay', ms: 1_500 },
];

describe('what is safe to repeat', () => {
  it.each(TROUBLE)('is tried again after %j', async (effect) => {
    await using stage = await openStage({ timings: timingsFor(effect) });
    await stage.emulator.fault({ effect, times: 1, route: 'services.list' });
    const [service] = await stage.cloud.computeServices();
    await stage.emulator.fault({ effect, times: 1, route: 'services.update' });
    expect(await stage.cloud.setForcedDown(service?.id ?? '', true)).toMatchObject({ forcedDown: true });
  });

  it('is tried as often as the attempts allow, and then the last error stands', async () => {
    await using stage = await openStage({ timings: { attempts: 3 } });
    await stage.cloud.warmUp();
    await stage.emulator.fault({ route: 'services.list', effect: { kind: 'status', status: 503, message: 'enough' } });
    await expect(stage.cloud.computeServices()).rejects.toMatchObject({ code: 'CLOUD_UNAVAILABLE' });
    expect((await stage.seen()).filter((line) => line === 'GET os-services 503')).toHaveLength(3);
  });

  it.each([400, 403, 404, 409])('is not tried again after %d, which a repetition would not change', async (status) => {
    await using stage = await openStage();
    await stage.emulator.fault({ route: 'services.list', effect: { kind: 'status', status } });
    await thrown(stage.cloud.computeServices());
    expect((await stage.seen()).filter((line) => line.startsWith('GET os-services'))).toHaveLength(1);
  });
});

describe('a kept connection', () => {
  it('that died of age is replaced without counting as an attempt', async () => {
    await using stage = await openStage({ options: { connections: 'closed-silently' }, timings: { attempts: 1 } });
    for (let round = 0; round < 20; round += 1) {
      const [service] = await stage.cloud.computeServices();
      expect(await stage.cloud.setForcedDown(service?.id ?? '', true)).toMatchObject({ forcedDown: true });
    }
    expect(stage.log).toEqual([]);
  });

  it('is used again while it lives', async () => {
    await using stage = await openStage();
    await stage.cloud.warmUp();
    for (let round = 0; round < 20; round += 1) await stage.cloud.computeServices();
    expect(await stage.emulator.connections()).toBeLessThanOrEqual(2);
  });
});

describe('evacuate', () => {
  it.each(TROUBLE)('is sent once and not again after %j', async (effect) => {
    await using stage = await openStage({ timings: timingsFor(effect) });
    const id = await stage.emulator.addInstance({ host: 'c1' });
    await stage.emulator.fault({ route: 'evacuate', effect, times: 1 });
    await stage.cloud.warmUp();
    const code =
      effect.kind === 'drop' ? 'CLOUD_UNREACHABLE' : effect.kind === 'delay' ? 'CLOUD_TIMED_OUT' : 'CLOUD_UNAVAILABLE';
    await expect(stage.cloud.evacuate(id, undefined)).rejects.toMatchObject({ code });
    await expect
      .poll(async () => (await stage.seen()).filter((line) => line.startsWith('POST action')), { timeout: 4_000 })
      .toHaveLength(1);
  });

  it('may have been executed although its answer was lost', async () => {
    await using stage = await openStage();
    const id = await stage.emulator.addInstance({ host: 'c1' });
    const [service] = await stage.cloud.computeServices();
    await stage.cloud.setForcedDown(service?.id ?? '', true);
    await stage.emulator.fault({ route: 'evacuate', effect: { kind: 'drop', when: 'after-executing' } });
    await expect(stage.cloud.evacuate(id, undefined)).rejects.toMatchObject({ code: 'CLOUD_UNREACHABLE' });
    expect(await stage.emulator.evacuateCalls()).toMatchObject([{ instanceId: id, outcome: 'accepted' }]);
  });

  it('goes again with a new token after a 401, which executed nothing', async () => {
    await using stage = await openStage();
    const id = await stage.emulator.addInstance({ host: 'c1' });
    const [service] = await stage.cloud.computeServices();
    await stage.cloud.setForcedDown(service?.id ?? '', true);
    await stage.emulator.revokeTokens();
    await stage.cloud.evacuate(id, undefined);
    expect((await stage.seen()).slice(-3)).toEqual(['POST action 401', 'POST login 201', 'POST action 200']);
    expect(await stage.emulator.evacuateCalls()).toHaveLength(1);
  });

  it('leaves on a connection of its own, so that none that died of age can swallow it', async () => {
    await using stage = await openStage({ options: { connections: 'closed-silently' } });
    const [service] = await stage.cloud.computeServices();
    await stage.cloud.setForcedDown(service?.id ?? '', true);
    const ids = await stage.emulator.addInstances('c1', 20, 'vm');
    await Promise.all(ids.map((id) => stage.cloud.evacuate(id, undefined)));
    expect((await stage.emulator.evacuateCalls()).map((call) => call.outcome)).toEqual(ids.map(() => 'accepted'));
  });
});

describe('after warmUp', () => {
  it('from forced down to evacuate accepted there are two requests and nothing else', async () => {
    await using stage = await openStage();
    const id = await stage.emulator.addInstance({ host: 'c1' });
    const { hosts } = await stage.emulator.state();
    expect(await stage.cloud.warmUp()).toEqual({ endpoint: stage.emulator.novaUrl, microversion: '2.93' });
    const before = (await stage.seen()).length;
    await stage.cloud.setForcedDown(hosts[0]?.serviceId ?? '', true);
    await stage.cloud.evacuate(id, undefined);
    expect((await stage.seen()).slice(before)).toEqual(['PUT os-services 200', 'POST action 200']);
  });

  it('many first calls share one login and one look at the version document', async () => {
    await using stage = await openStage();
    await Promise.all(Array.from({ length: 20 }, () => stage.cloud.computeServices()));
    const seen = await stage.seen();
    expect(seen.filter((line) => line.startsWith('POST'))).toHaveLength(1);
    expect(seen).toHaveLength(22);
  });

  it('one caller that gives up does not take the login away from another', async () => {
    await using stage = await openStage();
    await stage.emulator.fault({ route: 'token', effect: { kind: 'delay', ms: 50 }, times: 1 });
    const abort = new AbortController();
    const leaving = stage.cloud.computeServices(abort.signal);
    const staying = stage.cloud.computeServices();
    abort.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    expect(await staying).toHaveLength(3);
  });
});

describe('a token', () => {
  const logins = async (stage: { seen(): Promise<readonly string[]> }): Promise<number> =>
    (await stage.seen()).filter((line) => line.startsWith('POST login')).length;

  it('that was revoked is replaced by one login, however many calls it fails', async () => {
    await using stage = await openStage();
    await stage.cloud.warmUp();
    await stage.emulator.revokeTokens();
    const answers = await Promise.all(Array.from({ length: 10 }, () => stage.cloud.computeServices()));
    expect(answers).toHaveLength(10);
    expect(await logins(stage)).toBe(2);
  });

  it('that is refused although it is new is an error and no endless loop', async () => {
    await using stage = await openStage();
    await stage.cloud.warmUp();
    await stage.emulator.fault({ route: 'services.list', effect: { kind: 'status', status: 401 } });
    await expect(stage.cloud.computeServices()).rejects.toMatchObject({ code: 'CLOUD_UNAUTHORIZED' });
    expect(await logins(stage)).toBe(2);
  });
});

describe('microversions', () => {
  it.each([
    ['2.53', '2.53'],
    ['2.79', '2.79'],
    ['2.93', '2.93'],
    ['2.100', '2.93'],
  ])('a Nova that speaks up to %s is spoken to in %s', async (maxMicroversion, microversion) => {
    await using stage = await openStage({ options: { maxMicroversion } });
    expect(await stage.cloud.warmUp()).toMatchObject({ microversion });
  });

  it('a Nova before 2.53 is too old, and asked anew the next time', async () => {
    await using stage = await openStage({ options: { maxMicroversion: '2.52' } });
    await expect(stage.cloud.computeServices()).rejects.toMatchObject({ code: 'CLOUD_TOO_OLD' });
    await stage.emulator.setOptions({ maxMicroversion: '2.60' });
    expect(await stage.cloud.computeServices()).toHaveLength(3);
  });

  it('are negotiated again when the API was rolled back under us', async () => {
    await using stage = await openStage();
    await stage.cloud.warmUp();
    await stage.emulator.setOptions({ maxMicroversion: '2.90' });
    expect(await stage.cloud.computeServices()).toHaveLength(3);
    expect(await stage.cloud.warmUp()).toMatchObject({ microversion: '2.90' });
  });
});

describe('long lists', () => {
  it('are read to their last page', async () => {
    await using stage = await openStage({ options: { pageLimit: 7 } });
    const ids = await stage.emulator.addInstances('c1', 50, 'vm');
    const found = (await stage.cloud.instancesOn('c1')).map((instance) => instance.id);
    expect([...found].sort()).toEqual([...ids].sort());
    expect((await stage.seen()).filter((line) => line === 'GET servers 200')).toHaveLength(8);
  });

  it('are read anew when the row that marks the next page vanished', async () => {
    await using stage = await openStage({ options: { pageLimit: 2 } });
    await stage.emulator.addInstances('c1', 5, 'vm');
    const marker = { kind: 'status', status: 400, message: 'marker [x] not found' } as const;
    await stage.emulator.fault({ route: 'servers.list', effect: marker, times: 1 });
    expect(await stage.cloud.instancesOn('c1')).toHaveLength(5);
  });

  it.each([
    ['without a marker', 'http://nova/servers/detail', /has no marker/],
    ['that leads in a circle', 'http://elsewhere:1/servers/detail?marker=a', /without an end/],
  ])('with a next link %s are garbage', async (_, href, message) => {
    await using stage = await openStage();
    const body = JSON.stringify({ servers: [], servers_links: [{ rel: 'next', href }] });
    await stage.emulator.fault({ route: 'servers.list', effect: { kind: 'body', body } });
    await expect(stage.cloud.instancesOn('c1')).rejects.toMatchObject({
      code: 'CLOUD_GARBAGE',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('rows', () => {
  it.each([
    ['id', undefined],
    ['OS-EXT-STS:vm_state', undefined],
    ['OS-EXT-STS:power_state', 'on'],
    ['OS-EXT-SRV-ATTR:host', undefined],
    ['metadata', []],
    ['created', 'yesterday'],
    ['tags', 'none'],
  ])('whose %s is %j are refused by that name', async (field, value) => {
    await using stage = await openStage();
    const row: Record<string, unknown> = {
      id: 'a',
      name: 'vm',
      tenant_id: 'p',
      status: 'ACTIVE',
      'OS-EXT-STS:vm_state': 'active',
      'OS-EXT-STS:task_state': null,
      'OS-EXT-STS:power_state': 1,
      'OS-EXT-SRV-ATTR:host': 'c1',
      metadata: {},
      tags: [],
      created: '2026-11-22T06:35:01Z',
    };
    const answer = (server: object): Promise<void> =>
      stage.emulator.fault({
        route: 'servers.show',
        effect: { kind: 'body', body: JSON.stringify({ server }) },
        times: 1,
      });
    await answer(row);
    expect(await stage.cloud.instance('a')).toMatchObject({ id: 'a' });
    await answer({ ...row, [field]: value });
    await expect(stage.cloud.instance('a')).rejects.toMatchObject({
      code: 'CLOUD_GARBAGE',
      message: expect.stringContaining(`show instance a: the answer's ${field}`) as string,
    });
  });
});
