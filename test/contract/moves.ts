import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { expectRefusal } from './scene.ts';
import type { Scene } from './scene.ts';
import { NOBODY } from './stage.ts';

/** Following an evacuation to its end, and the return of the host. */
export function moveContract(scene: Scene): void {
  it('shows an evacuation under way by the task state and a migration record', async () => {
    const { cloud, source, target, stage } = scene;
    const id = await stage.boot(source);
    await stage.slowSpawns(2_000);
    await scene.force(source);
    await cloud.evacuate(id, target);
    const started = await cloud.instance(id);
    expect(started?.taskState).toMatch(/^rebuild/);
    expect(started).toMatchObject({ status: 'REBUILD', host: source });
    const under = await scene.untilEvacuation(id, ({ status }) => status === 'pre-migrating');
    expect(under).toMatchObject({ sourceHost: source, targetHost: target });
    expect(await scene.until(id, (now) => now.taskState === 'rebuild_spawning')).toMatchObject({ host: source });
    expect(await scene.untilSettledElsewhere(id)).toMatchObject({ host: target });
  });

  it('does not refuse a second evacuation of an instance that moves already: only we can prevent it', async () => {
    const { cloud, source, target, stage } = scene;
    const id = await stage.boot(source);
    await stage.slowSpawns(1_500);
    await scene.force(source);
    await cloud.evacuate(id, target);
    await cloud.evacuate(id, target);
    expect((await cloud.evacuationsFrom(source)).filter(({ instanceId }) => instanceId === id)).toHaveLength(2);
  });

  it('forgets an instance that its owner deletes during the move, and its migration with it', async () => {
    const { cloud, source, target, stage } = scene;
    const id = await stage.boot(source);
    await stage.slowSpawns(2_000);
    await scene.force(source);
    await cloud.evacuate(id, target);
    await scene.untilEvacuation(id, ({ status }) => status === 'pre-migrating');
    await stage.remove(id);
    expect(await cloud.instance(id)).toBeUndefined();
    expect(await cloud.instancesOn(source)).toEqual([]);
    expect(await cloud.evacuationsFrom(source)).toEqual([]);
  });

  it('lists the evacuations of a host newest first, and to the last page', async () => {
    const { cloud, source, stage } = scene;
    const ids = await Promise.all([stage.boot(source), stage.boot(source), stage.boot(source)]);
    await scene.force(source);
    for (const id of ids) await cloud.evacuate(id, undefined);
    stage.proxy.fault({ route: 'nova GET /os-migrations', effect: { kind: 'request-query', set: { limit: '1' } } });
    const listed = await cloud.evacuationsFrom(source);
    expect(listed.map(({ instanceId }) => instanceId)).toEqual([...ids].reverse());
  });

  it('lists them whatever the case of the host’s name', async () => {
    const { cloud, source } = scene;
    const id = await scene.stage.boot(source);
    await scene.force(source);
    await cloud.evacuate(id, undefined);
    const listed = await cloud.evacuationsFrom(source.toUpperCase());
    expect(listed.map(({ instanceId }) => instanceId)).toEqual([id]);
    expect(await cloud.evacuationsFrom('no-such-host')).toEqual([]);
    await scene.untilSettledElsewhere(id);
  });

  it('lists only the evacuations that changed since a moment', async () => {
    const { cloud, source } = scene;
    const id = await scene.stage.boot(source);
    await scene.force(source);
    await cloud.evacuate(id, undefined);
    await scene.untilSettledElsewhere(id);
    const { updatedAtMs = 0 } = await scene.untilEvacuation(id, ({ status }) => status === 'done');
    expect(await cloud.evacuationsFrom(source, updatedAtMs)).toHaveLength(1);
    expect(await cloud.evacuationsFrom(source, updatedAtMs + 2_000)).toEqual([]);
  });

  it('keeps a host forced down until its nova-compute was restarted and has cleaned up', async () => {
    const { cloud, source, stage } = scene;
    const id = await stage.boot(source);
    const serviceId = await scene.lose(source);
    await cloud.evacuate(id, undefined);
    const moved = await scene.untilSettledElsewhere(id);
    await scene.untilEvacuation(id, ({ status }) => status === 'done');
    await expectRefusal(cloud.setForcedDown(serviceId, false), 'CLOUD_BAD_REQUEST');
    await stage.restart(source);
    await scene.untilEvacuation(id, ({ status }) => status === 'completed');
    // Nothing lifts it but we: the service that runs again is still called down.
    expect(await scene.serviceOf(source)).toMatchObject({ forcedDown: true, state: 'down' });
    expect(await cloud.setForcedDown(serviceId, false)).toMatchObject({ forcedDown: false });
    const up = async (): Promise<boolean> => (await scene.serviceOf(source)).state === 'up';
    await eventually('the service up', up, { withinMs: stage.patienceMs });
    expect(await cloud.instance(id)).toMatchObject({ host: moved.host, status: 'ACTIVE' });
  });

  it('lifts forced down of a host whose only evacuation failed', async () => {
    const { cloud, source, target } = scene;
    const id = await scene.stage.boot(source);
    const [serviceId] = await Promise.all([scene.force(source), scene.force(target)]);
    await cloud.evacuate(id, target);
    await scene.untilEvacuation(id, ({ status }) => status === 'error');
    expect(await cloud.setForcedDown(serviceId, false)).toMatchObject({ forcedDown: false });
  });

  it('has no evacuation of a host that nobody left', async () => {
    expect(await scene.cloud.evacuationsFrom(scene.source)).toEqual([]);
    expect(await scene.cloud.evacuationsFrom(NOBODY)).toEqual([]);
  });
}
