import { expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { NOBODY } from './stage.ts';

/** Lists that Nova answers in pages: how they are asked for is seen by the proxy. */
export function pageContract(scene: Scene): void {
  it('lists them to the last page', async () => {
    const { stage, source } = scene;
    const ids = await Promise.all(Array.from({ length: 5 }, () => stage.boot(source)));
    scene.forget();
    stage.proxy.fault({ route: 'nova GET /servers/detail', effect: { kind: 'request-query', set: { limit: '2' } } });
    expect((await scene.cloud.instancesOn(source)).map(({ id }) => id).sort()).toEqual(ids.sort());
    expect(scene.sent('GET /servers/detail')).toBeGreaterThanOrEqual(3);
  });

  it('names the end of a list whose last page is full by an empty page', async () => {
    const { stage, source } = scene;
    const ids = await Promise.all([stage.boot(source), stage.boot(source)]);
    scene.forget();
    stage.proxy.fault({ route: 'nova GET /servers/detail', effect: { kind: 'request-query', set: { limit: '1' } } });
    expect((await scene.cloud.instancesOn(source)).map(({ id }) => id).sort()).toEqual(ids.sort());
    expect(scene.sent('GET /servers/detail')).toBe(3);
  });

  it('reads the list anew when the row that marks the next page is gone', async () => {
    const { stage, source } = scene;
    const ids = await Promise.all([stage.boot(source), stage.boot(source)]);
    const { proxy } = stage;
    const route = 'nova GET /servers/detail';
    proxy.fault({ route, effect: { kind: 'request-query', set: { limit: '1' } } });
    proxy.fault({ route, path: /marker=/, times: 1, effect: { kind: 'request-query', set: { marker: NOBODY } } });
    expect((await scene.cloud.instancesOn(source)).map(({ id }) => id).sort()).toEqual(ids.sort());
  });
}
