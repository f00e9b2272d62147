import { expect, it } from 'vitest';
import { expectRefusal } from './scene.ts';
import type { Scene } from './scene.ts';
import { NOBODY } from './stage.ts';

export function serviceContract(scene: Scene): void {
  it('lists the compute services with their state and a uuid', async () => {
    const services = await scene.cloud.computeServices();
    expect(services.map((service) => service.host)).toEqual(expect.arrayContaining([...scene.stage.hosts]));
    const { id, status, state, forcedDown, zone, disabledReason, updatedAtMs } = await scene.serviceOf(scene.source);
    expect({ status, state, forcedDown, zone, disabledReason }).toEqual({
      status: 'enabled',
      state: 'up',
      forcedDown: false,
      zone: 'nova',
      disabledReason: undefined,
    });
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(updatedAtMs).toBeTypeOf('number');
  });

  it('forces a service down at once, and again without harm', async () => {
    const { cloud, source } = scene;
    const { id } = await scene.serviceOf(source);
    expect(await cloud.setForcedDown(id, true)).toMatchObject({ forcedDown: true, state: 'down', host: source });
    expect(await cloud.setForcedDown(id, true)).toMatchObject({ forcedDown: true, state: 'down' });
    expect(await scene.serviceOf(source)).toMatchObject({ forcedDown: true, state: 'down', status: 'enabled' });
  });

  it('lifts forced down at once where nothing was evacuated', async () => {
    const id = await scene.force(scene.source);
    expect(await scene.cloud.setForcedDown(id, false)).toMatchObject({ forcedDown: false, state: 'up' });
  });

  it('disables a service with a reason cut to what Nova takes, and enables it again', async () => {
    const id = await scene.force(scene.source);
    const disabled = await scene.cloud.disableService(id, 'ä'.repeat(300));
    expect(disabled).toMatchObject({ status: 'disabled', forcedDown: true });
    expect([...(disabled.disabledReason ?? '')]).toHaveLength(255);
    expect(await scene.cloud.enableService(id)).toMatchObject({ status: 'enabled', disabledReason: undefined });
  });

  it('disables without a reason too, which takes the former reason away', async () => {
    const id = await scene.force(scene.source);
    expect(await scene.cloud.disableService(id, '')).toMatchObject({ status: 'disabled', disabledReason: undefined });
    expect(await scene.cloud.disableService(id, 'one')).toMatchObject({ disabledReason: 'one' });
    const again = await scene.cloud.disableService(id, '');
    expect(again).toMatchObject({ status: 'disabled', disabledReason: undefined });
    expect(await scene.cloud.disableService(id, 'two')).toMatchObject({ disabledReason: 'two' });
  });

  it('keeps forced down and disabled apart: neither touches the other', async () => {
    const id = await scene.force(scene.source);
    await scene.cloud.disableService(id, 'apart');
    const unforced = await scene.cloud.setForcedDown(id, false);
    expect(unforced).toMatchObject({ forcedDown: false, status: 'disabled', disabledReason: 'apart', state: 'up' });
    expect(await scene.cloud.enableService(id)).toMatchObject({ status: 'enabled', forcedDown: false });
  });

  it('says that a service is not found', async () => {
    await expectRefusal(scene.cloud.setForcedDown(NOBODY, true), 'CLOUD_NOT_FOUND');
  });

  it('refuses an id that is no uuid', async () => {
    await expectRefusal(scene.cloud.setForcedDown('7', true), 'CLOUD_BAD_REQUEST');
  });
}
