import { expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { NOBODY } from './stage.ts';

export function instanceContract(scene: Scene): void {
  it('lists the instances of one host, and none of a host that nobody knows', async () => {
    const { cloud, stage, source } = scene;
    const [id] = await Promise.all([stage.boot(source), stage.boot(scene.target)]);
    const [found, ...others] = await cloud.instancesOn(source);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ id, host: source, status: 'ACTIVE', vmState: 'active', powerState: 1 });
    expect(found?.taskState).toBeUndefined();
    expect(found?.fault).toBeUndefined();
    expect(await cloud.instancesOn('no-such-host')).toEqual([]);
  });

  it('finds a host whatever the case of its name', async () => {
    const id = await scene.stage.boot(scene.source);
    expect((await scene.cloud.instancesOn(scene.source.toUpperCase())).map((found) => found.id)).toEqual([id]);
  });

  it('lists the instances of every project', async () => {
    const { stage, source } = scene;
    const ids = await Promise.all([stage.boot(source), stage.boot(source, { project: 'other' })]);
    const found = await scene.cloud.instancesOn(source);
    expect(found.map(({ id }) => id).sort()).toEqual(ids.sort());
    expect(new Set(found.map(({ projectId }) => projectId)).size).toBe(2);
  });

  it('shows one instance, and undefined for one that does not exist', async () => {
    const id = await scene.stage.boot(scene.source);
    expect(await scene.cloud.instance(id)).toMatchObject({ id, host: scene.source });
    expect(await scene.cloud.instance(NOBODY)).toBeUndefined();
    expect(await scene.cloud.instance('no-uuid-at-all')).toBeUndefined();
  });

  it('shows undefined once the owner has deleted it, and leaves it out of the list', async () => {
    const id = await scene.stage.boot(scene.source);
    await scene.stage.remove(id);
    expect(await scene.cloud.instance(id)).toBeUndefined();
    expect(await scene.cloud.instancesOn(scene.source)).toEqual([]);
  });

  it('shows names, metadata and tags as they were given, in any script', async () => {
    const wish = {
      name: 'база данных 数据库 ä',
      // Nova takes ASCII keys only, and its tables are utf8mb3: no character of four bytes.
      metadata: { HA_Enabled: 'True', 'a key': 'wert 値 ä', empty: '' },
      tags: ['evacuable', 'größe'],
    };
    const id = await scene.stage.boot(scene.source, wish);
    const [listed] = await scene.cloud.instancesOn(scene.source);
    for (const found of [listed, await scene.cloud.instance(id)]) {
      expect(found).toMatchObject({ name: wish.name, metadata: wish.metadata });
      expect([...(found?.tags ?? [])].sort()).toEqual(wish.tags);
    }
  });

  it.each([
    ['stopped', { status: 'SHUTOFF', vmState: 'stopped', powerState: 4 }],
    ['paused', { status: 'PAUSED', vmState: 'paused' }],
    ['suspended', { status: 'SUSPENDED', vmState: 'suspended' }],
    ['error', { status: 'ERROR', vmState: 'error' }],
  ] as const)('shows an instance that is %s', async (state, expected) => {
    const id = await scene.stage.boot(scene.source, { state });
    const shown = await scene.cloud.instance(id);
    expect(shown).toMatchObject({ ...expected, host: scene.source });
    expect(shown?.taskState).toBeUndefined();
  });

  it('still calls an instance ACTIVE whose host is dead', async () => {
    const id = await scene.stage.boot(scene.source);
    await scene.lose(scene.source);
    expect(await scene.cloud.instance(id)).toMatchObject({ status: 'ACTIVE', powerState: 1, host: scene.source });
  });
}
