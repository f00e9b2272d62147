import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/edge/clock.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import { openCloud } from '../../../src/openstack/open-cloud.ts';
import { startEmulator, type Emulator } from '../../emulator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { differences, recording, shapeOf } from './recordings.ts';

describe('actions on one instance', () => {
  let emulator: Emulator;
  let cloud: Cloud;
  const logger = recordingLogger();

  beforeAll(async () => {
    emulator = await startEmulator();
    await emulator.addHost({ name: 'cmp1' });
    cloud = await openCloud({
      source: { kind: 'environment', variables: emulator.environment },
      clock: systemClock,
      randomness: systemRandomness,
      logger,
    });
  });
  afterAll(() => emulator.close());

  it.each([
    ['pause', 'paused'],
    ['suspend', 'suspended'],
    ['rescue', 'rescued'],
    ['stop', 'stopped'],
  ] as const)('%s brings an active one into %s, and is refused when it comes a second time', async (action, state) => {
    const id = await emulator.addInstance({ host: 'cmp1' });
    await cloud.act(id, action);
    await expect(cloud.act(id, action)).rejects.toMatchObject({ code: 'CLOUD_CONFLICT' });
    await eventually(state, async () => (await cloud.instance(id))?.vmState === state);
    await expect(cloud.act(id, action)).rejects.toMatchObject({ code: 'CLOUD_CONFLICT' });
    const user = expect.stringMatching(/./) as string;
    expect(await cloud.lastAction(id)).toEqual({
      requestId: expect.stringMatching(/^req-/) as string,
      name: action,
      atMs: expect.any(Number) as number,
      userId: user,
      isOwn: true,
      failure: undefined,
      begun: [{ event: `compute_${action}_instance`, host: 'cmp1' }],
    });
    expect(logger.lines.join()).not.toContain('secret of the instance');
  });

  it('a reset leaves an instance in error with no task, and is not its last action', async () => {
    const stop = { name: 'stop', call: 'queued' } as const;
    const id = await emulator.addInstance({ host: 'cmp1', taskState: 'powering-off', lastAction: stop });
    await cloud.resetState(id);
    expect(await cloud.instance(id)).toMatchObject({ vmState: 'error', taskState: undefined });
    expect(await cloud.lastAction(id)).toMatchObject({ name: 'stop', begun: [] });
  });

  it('a guest that dies by itself is stopped by Nova when it hears of that, and no user has asked for it', async () => {
    await emulator.setOptions({ crashHeardMs: 50 });
    const id = await emulator.addInstance({ host: 'cmp1' });
    await emulator.crashInstance(id);
    expect(await cloud.instance(id)).toMatchObject({ vmState: 'active', powerState: 1 });
    await eventually('Nova has heard', async () => (await cloud.instance(id))?.vmState === 'stopped');
    expect(await cloud.lastAction(id)).toMatchObject({ name: 'stop', userId: undefined, isOwn: false });
  });

  it('a migration of somebody else is not ours, and one that has failed says why', async () => {
    await emulator.addHost({ name: 'cmp2' });
    const id = await emulator.addInstance({ host: 'cmp1', vmState: 'stopped' });
    await emulator.fault({ effect: { kind: 'no-valid-host' }, instanceId: id, times: 1 });
    await cloud.act(id, 'migrate');
    await eventually('it has ended', async () => (await cloud.instance(id))?.taskState === undefined);
    expect(await cloud.lastAction(id)).toMatchObject({
      isOwn: true,
      failure: expect.stringContaining('No valid host') as string,
    });
    await emulator.migrateAsSomebody(id);
    await eventually('it has arrived', async () => (await cloud.instance(id))?.vmState === 'resized');
    const user = expect.stringMatching(/./) as string;
    expect(await cloud.lastAction(id)).toMatchObject({
      name: 'migrate',
      isOwn: false,
      userId: user,
      failure: undefined,
    });
  });

  it('there is none of an instance that is gone, or that had none', async () => {
    const id = await emulator.addInstance({ host: 'cmp1' });
    expect(await cloud.lastAction(id)).toBeUndefined();
    await emulator.removeInstance(id);
    expect(await cloud.lastAction(id)).toBeUndefined();
  });

  it('look in the emulator as they did on a real Nova', async () => {
    const stop = { name: 'stop', call: 'taken' } as const;
    const id = await emulator.addInstance({ host: 'cmp1', lastAction: stop });
    const seen: unknown[] = [];
    const token = await logIn(emulator);
    const get = async (path: string): Promise<unknown> => {
      const answer = await fetch(`${emulator.novaUrl}/servers/${id}/os-instance-actions${path}`, {
        headers: { 'x-auth-token': token, 'openstack-api-version': 'compute 2.93' },
      });
      return answer.json();
    };
    const list = (await get('')) as { readonly instanceActions: readonly { readonly request_id: string }[] };
    seen.push(list, await get(`/${list.instanceActions[0]?.request_id}`));
    const recorded = ['nova-instance-actions', 'nova-instance-action-taken'].map(
      (name) => recording(name).response.body,
    );
    expect(recorded.map((body, index) => differences(shapeOf(body), shapeOf(seen[index])))).toEqual([[], []]);
  });
});

async function logIn(emulator: Emulator): Promise<string> {
  const user = { name: 'admin', domain: { id: 'default' }, password: 'secret' };
  const scope = { project: { name: 'admin', domain: { id: 'default' } } };
  const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } });
  const answer = await fetch(`${emulator.authUrl}/auth/tokens`, { method: 'POST', body });
  return answer.headers.get('x-subject-token') ?? '';
}
