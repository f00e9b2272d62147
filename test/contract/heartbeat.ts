import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { Scene } from './scene.ts';

/** What the second witness rests on: updated_at is the last heartbeat or the last PUT, in whole seconds. */
export function heartbeatContract(scene: Scene): void {
  const updatedAt = async (): Promise<number> => (await scene.serviceOf(scene.source)).updatedAtMs ?? 0;

  it('shows in updated_at that nova-compute beats', async () => {
    const before = await updatedAt();
    const within = { withinMs: scene.stage.beatMs * 4 + 2_000, everyMs: 100 };
    await eventually('a later updated_at', async () => (await updatedAt()) > before, within);
  });

  it('shows a beat of a host that is forced down too: a fencing that lied is seen', async () => {
    const put = await scene.cloud.setForcedDown(await scene.force(scene.source), true);
    const within = { withinMs: scene.stage.beatMs * 4 + 3_000, everyMs: 100 };
    const put1s = (put.updatedAtMs ?? 0) + 1_000;
    await eventually('an updated_at after the PUT', async () => (await updatedAt()) > put1s, within);
    expect(await scene.serviceOf(scene.source)).toMatchObject({ forcedDown: true, state: 'down' });
  });

  it('leaves updated_at of a dead host where the last change left it', async () => {
    const { source, cloud, stage } = scene;
    const id = await scene.lose(source);
    const disabled = await cloud.disableService(id, 'dead');
    await new Promise((resolve) => setTimeout(resolve, stage.beatMs + 1_100));
    expect(Math.abs((await updatedAt()) - (disabled.updatedAtMs ?? 0))).toBeLessThanOrEqual(1_000);
    // A PUT that changes nothing writes nothing.
    const again = await cloud.setForcedDown(id, true);
    expect(Math.abs((again.updatedAtMs ?? 0) - (disabled.updatedAtMs ?? 0))).toBeLessThanOrEqual(1_000);
  });

  it('lets a PUT that changes something move updated_at as a beat would', async () => {
    const id = await scene.lose(scene.source);
    const before = await updatedAt();
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect((await scene.cloud.disableService(id, 'moved by us')).updatedAtMs).toBeGreaterThan(before + 1_000);
  });
}
