import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { expectRefusal } from './scene.ts';
import type { Scene } from './scene.ts';
import { NOBODY } from './stage.ts';

/** A cold migration, by which an instance leaves a host that lives. */
export function migrationContract(scene: Scene): void {
  /** Nova refuses it while it holds the host for down, as after a heartbeat that a busy machine has delayed. */
  const migrate = async (id: string): Promise<void> => {
    await eventually('Nova holds the host for up', async () => (await scene.serviceOf(scene.source)).state === 'up', {
      withinMs: scene.stage.patienceMs,
    });
    await scene.cloud.act(id, 'migrate');
  };
  const untilResized = (id: string) => scene.until(id, ({ vmState }) => vmState === 'resized');

  it('migrates a stopped instance to another host, where it waits to be confirmed and is stopped then', async () => {
    const { cloud, source } = scene;
    const id = await scene.stage.boot(source, { state: 'stopped' });
    await migrate(id);
    const arrived = await untilResized(id);
    expect(arrived).toMatchObject({ status: 'VERIFY_RESIZE', taskState: undefined, powerState: 4 });
    expect(arrived.host).not.toBe(source);
    await cloud.act(id, 'confirm-resize');
    const confirmed = await scene.until(id, ({ vmState }) => vmState !== 'resized');
    expect(confirmed).toMatchObject({ vmState: 'stopped', taskState: undefined, powerState: 4, host: arrived.host });
    expect(await cloud.evacuationsFrom(source)).toEqual([]);
    await cloud.act(id, 'start');
    expect(await scene.until(id, ({ vmState }) => vmState === 'active')).toMatchObject({ powerState: 1 });
  });

  it('runs an instance at its new host before it is confirmed when it ran before', async () => {
    const { cloud, source } = scene;
    const id = await scene.stage.boot(source);
    await migrate(id);
    const arrived = await untilResized(id);
    await cloud.act(id, 'confirm-resize');
    const confirmed = await scene.until(id, ({ vmState }) => vmState !== 'resized');
    expect(confirmed).toMatchObject({ vmState: 'active', host: arrived.host });
  });

  it('records each action with its own request, and that we have asked for it', async () => {
    const { cloud, source } = scene;
    const id = await scene.stage.boot(source, { state: 'stopped' });
    const before = await cloud.lastAction(id);
    await migrate(id);
    await untilResized(id);
    const after = await cloud.lastAction(id);
    expect(after).toMatchObject({ name: 'migrate', isOwn: true, failure: undefined });
    expect(after?.requestId).toMatch(/^req-/);
    expect(after?.requestId).not.toBe(before?.requestId);
    expect(after?.begun?.map(({ event }) => event).toSorted()).toEqual([
      'compute_finish_resize',
      'compute_prep_resize',
      'compute_resize_instance',
    ]);
  });

  it('leaves an instance as it was when no host can take it, and only the record of the action tells', async () => {
    const { cloud, source } = scene;
    const id = await scene.stage.boot(source, { state: 'stopped' });
    const others = (await cloud.computeServices()).filter(({ host }) => host !== source);
    await Promise.all(others.map((service) => cloud.disableService(service.id, 'the contract wants no host left')));
    await migrate(id);
    const ended = await scene.until(id, ({ taskState }) => taskState === undefined);
    expect(ended).toMatchObject({ vmState: 'stopped', host: source, fault: undefined });
    // Nova frees the instance first and writes the end of the action after it.
    await expect
      .poll(async () => (await cloud.lastAction(id))?.failure, { timeout: scene.stage.patienceMs })
      .toMatch(/no valid host/i);
    expect(await cloud.lastAction(id)).toMatchObject({ name: 'migrate', isOwn: true });
    await cloud.act(id, 'start');
    expect(await scene.until(id, ({ vmState }) => vmState === 'active')).toMatchObject({ host: source });
  });

  it('refuses to migrate what is paused, and what is nowhere', async () => {
    const { cloud, source, stage } = scene;
    const id = await stage.boot(source, { state: 'paused' });
    await expectRefusal(cloud.act(id, 'migrate'), 'CLOUD_CONFLICT');
    await expectRefusal(cloud.act(NOBODY, 'migrate'), 'CLOUD_NOT_FOUND');
    expect(await cloud.instance(id)).toMatchObject({ vmState: 'paused', taskState: undefined, host: source });
  });

  it('refuses to migrate from a host that is down', async () => {
    const { cloud, source, stage } = scene;
    const id = await stage.boot(source, { state: 'stopped' });
    await scene.lose(source);
    await expectRefusal(cloud.act(id, 'migrate'), 'CLOUD_CONFLICT');
    expect(await cloud.instance(id)).toMatchObject({ vmState: 'stopped', taskState: undefined, host: source });
  });

  it('refuses a second migration, while the first is under way and while it waits to be confirmed', async () => {
    const { cloud, source, stage } = scene;
    const id = await stage.boot(source, { state: 'stopped' });
    await stage.slowSpawns(1_000);
    await migrate(id);
    await expectRefusal(cloud.act(id, 'migrate'), 'CLOUD_CONFLICT');
    await untilResized(id);
    await expectRefusal(cloud.act(id, 'migrate'), 'CLOUD_CONFLICT');
  });

  it('refuses to confirm what is not resized, and what came from a host that is down until that is up', async () => {
    const { cloud, source, stage } = scene;
    const id = await stage.boot(source, { state: 'stopped' });
    await expectRefusal(cloud.act(id, 'confirm-resize'), 'CLOUD_CONFLICT');
    await migrate(id);
    const arrived = await untilResized(id);
    const serviceId = await scene.force(source);
    await expectRefusal(cloud.act(id, 'confirm-resize'), 'CLOUD_CONFLICT');
    expect(await cloud.instance(id)).toMatchObject({ vmState: 'resized', taskState: undefined, host: arrived.host });
    await cloud.setForcedDown(serviceId, false);
    // Nova shows it up with the next heartbeat that it counts.
    await eventually('its source up', async () => (await scene.serviceOf(source)).state === 'up', {
      withinMs: stage.patienceMs,
    });
    await cloud.act(id, 'confirm-resize');
    const confirmed = await scene.until(id, ({ vmState }) => vmState !== 'resized');
    expect(confirmed).toMatchObject({ vmState: 'stopped', host: arrived.host });
  });
}
