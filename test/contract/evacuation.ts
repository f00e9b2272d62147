import { expect, it } from 'vitest';
import { expectRefusal } from './scene.ts';
import type { Scene } from './scene.ts';
import { NOBODY } from './stage.ts';

/** Which evacuations Nova takes, and how each of them ends. */
export function evacuationContract(scene: Scene): void {
  it('refuses to evacuate from a host that it believes to be up, also right after its death', async () => {
    const { cloud, stage, source } = scene;
    const id = await stage.boot(source);
    await expectRefusal(cloud.evacuate(id, undefined), 'CLOUD_BAD_REQUEST');
    await stage.kill(source);
    await expectRefusal(cloud.evacuate(id, undefined), 'CLOUD_BAD_REQUEST');
    expect(await cloud.instance(id)).toMatchObject({ status: 'ACTIVE', taskState: undefined, host: source });
  });

  it('evacuates an active instance and leaves a migration that is done', async () => {
    const { cloud, source } = scene;
    const id = await scene.stage.boot(source);
    await scene.lose(source);
    await cloud.evacuate(id, undefined);
    const moved = await scene.untilSettledElsewhere(id);
    expect(moved).toMatchObject({ status: 'ACTIVE', vmState: 'active', powerState: 1 });
    expect(await cloud.instancesOn(source)).toEqual([]);
    const evacuation = await scene.untilEvacuation(id, ({ status }) => status === 'done');
    expect(evacuation).toMatchObject({ sourceHost: source, targetHost: moved.host });
    expect(evacuation.updatedAtMs).toBeTypeOf('number');
    expect(await cloud.evacuationsFrom(scene.target)).toEqual([]);
  });

  it('evacuates to the host that is named, whatever the case of its name', async () => {
    const { cloud, source, target } = scene;
    const [one, two] = await Promise.all([scene.stage.boot(source), scene.stage.boot(source)]);
    await scene.force(source);
    await cloud.evacuate(one, target);
    await cloud.evacuate(two, target.toUpperCase());
    expect(await scene.untilSettledElsewhere(one)).toMatchObject({ host: target, status: 'ACTIVE' });
    expect(await scene.untilSettledElsewhere(two)).toMatchObject({ host: target, status: 'ACTIVE' });
  });

  it('leaves a stopped instance stopped at its new host', async () => {
    const id = await scene.stage.boot(scene.source, { state: 'stopped' });
    await scene.force(scene.source);
    await scene.cloud.evacuate(id, undefined);
    const moved = await scene.untilSettledElsewhere(id);
    expect(moved).toMatchObject({ status: 'SHUTOFF', vmState: 'stopped', powerState: 4 });
  });

  it('makes an instance in error active at its new host, and its fault is gone', async () => {
    const id = await scene.stage.boot(scene.source, { state: 'error' });
    await scene.force(scene.source);
    await scene.cloud.evacuate(id, undefined);
    const moved = await scene.untilSettledElsewhere(id);
    expect(moved).toMatchObject({ status: 'ACTIVE', vmState: 'active', powerState: 1, fault: undefined });
  });

  it('evacuates a locked instance for an administrator', async () => {
    const id = await scene.stage.boot(scene.source, { locked: true });
    await scene.force(scene.source);
    await scene.cloud.evacuate(id, undefined);
    expect(await scene.untilSettledElsewhere(id)).toMatchObject({ status: 'ACTIVE' });
  });

  it('evacuates an instance of another project', async () => {
    const id = await scene.stage.boot(scene.source, { project: 'other' });
    await scene.force(scene.source);
    await scene.cloud.evacuate(id, undefined);
    expect(await scene.untilSettledElsewhere(id)).toMatchObject({ status: 'ACTIVE' });
  });

  it('refuses an instance that is paused and one that is suspended', async () => {
    const { stage, source, cloud } = scene;
    const states = ['paused', 'suspended'] as const;
    const ids = await Promise.all(states.map((state) => stage.boot(source, { state })));
    await scene.force(source);
    for (const [index, id] of ids.entries()) {
      await expectRefusal(cloud.evacuate(id, undefined), 'CLOUD_CONFLICT');
      expect(await cloud.instance(id)).toMatchObject({ vmState: states[index], taskState: undefined, host: source });
    }
    expect(await cloud.evacuationsFrom(source)).toEqual([]);
  });

  it('refuses an unknown target, the source as target and an unknown instance', async () => {
    const { cloud, source } = scene;
    const id = await scene.stage.boot(source);
    await scene.force(source);
    await expectRefusal(cloud.evacuate(id, 'no-such-host'), 'CLOUD_NOT_FOUND');
    await expectRefusal(cloud.evacuate(id, source), 'CLOUD_BAD_REQUEST');
    await expectRefusal(cloud.evacuate(NOBODY, undefined), 'CLOUD_NOT_FOUND');
    expect(await cloud.evacuationsFrom(source)).toEqual([]);
  });

  it('accepts an evacuation that no host can take, and shows the failure afterwards', async () => {
    const { cloud, source } = scene;
    const id = await scene.stage.boot(source);
    await scene.force(source);
    const others = (await cloud.computeServices()).filter(({ host }) => host !== source);
    await Promise.all(others.map((service) => cloud.disableService(service.id, 'the contract wants no host left')));
    await cloud.evacuate(id, undefined);
    // Nova writes the state first and the fault after it: seen without one once.
    const ended = await scene.until(
      id,
      (now) => now.vmState === 'error' && now.fault !== undefined && now.taskState === undefined,
    );
    expect(ended).toMatchObject({ status: 'ERROR', host: source });
    expect(ended.fault).toMatch(/no valid host/i);
    await scene.untilEvacuation(id, ({ status }) => status === 'error');
  });

  it('accepts a target that it knows to be down, and shows the failure afterwards', async () => {
    const { cloud, source, target } = scene;
    const id = await scene.stage.boot(source);
    await Promise.all([scene.force(source), scene.force(target)]);
    await cloud.evacuate(id, target);
    const ended = await scene.until(id, (now) => now.vmState === 'error' && now.taskState === undefined);
    expect(ended).toMatchObject({ status: 'ERROR', host: source });
    await scene.untilEvacuation(id, ({ status }) => status === 'error');
  });

  it('takes an instance that failed to find a host again, once there is one', async () => {
    const { cloud, source, target } = scene;
    const id = await scene.stage.boot(source);
    const [, targetId] = await Promise.all([scene.force(source), scene.force(target)]);
    await cloud.evacuate(id, target);
    await scene.until(id, (now) => now.vmState === 'error' && now.taskState === undefined);
    await cloud.setForcedDown(targetId, false);
    await cloud.evacuate(id, target);
    expect(await scene.untilSettledElsewhere(id)).toMatchObject({ host: target, status: 'ACTIVE', fault: undefined });
    const statuses = (await cloud.evacuationsFrom(source)).map(({ status }) => status);
    expect(statuses[1]).toBe('error');
  });
}
