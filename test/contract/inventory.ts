import { expect, it } from 'vitest';
import type { Resources } from '../../src/openstack/inventory.ts';
import { expectRefusal } from './scene.ts';
import type { Scene } from './scene.ts';
import { NOBODY } from './stage.ts';

/** What plans and reserved hosts rest on: Placement, hypervisors, server groups, aggregates, images. */
export function inventoryContract(scene: Scene): void {
  const providerOf = async (host: string): Promise<string> => {
    const found = [...(await scene.cloud.providers())].find(([, name]) => name === host)?.[0];
    if (found === undefined) throw new Error(`no provider of ${host}`);
    return found;
  };
  const freeOn = async (host: string): Promise<Resources> =>
    (await scene.cloud.freeResources()).get(await providerOf(host)) ?? {};

  it('names the provider of each host, without a question to a nova-compute', async () => {
    const { cloud, stage } = scene;
    await scene.lose(scene.source);
    const began = performance.now();
    const hosts = [...(await cloud.providers()).values()];
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(hosts).toEqual(expect.arrayContaining([...stage.hosts]));
  });

  it('says in one call what is free on every host, and less of it when an instance is there', async () => {
    const { cloud, source, stage } = scene;
    const before = await freeOn(source);
    expect(before.VCPU).toBeGreaterThan(0);
    const id = await stage.boot(source);
    const held = (await cloud.allocationsOn(await providerOf(source))).get(id);
    expect(held?.VCPU).toBe(1);
    expect(held?.MEMORY_MB).toBeGreaterThan(0);
    const after = await freeOn(source);
    for (const [name, amount] of Object.entries(held ?? {})) expect(after[name]).toBe((before[name] ?? 0) - amount);
  });

  it('counts an instance on its new host as soon as it was evacuated', async () => {
    const { cloud, source, stage, target } = scene;
    const id = await stage.boot(source);
    await scene.lose(source);
    await cloud.evacuate(id, target);
    await scene.untilSettledElsewhere(id);
    expect([...(await cloud.allocationsOn(await providerOf(target))).keys()]).toContain(id);
  });

  it('says of a disabled host too what is free on it', async () => {
    const id = await scene.force(scene.source);
    await scene.cloud.disableService(id, 'kept free');
    expect((await freeOn(scene.source)).VCPU).toBeGreaterThan(0);
  });

  it('lists the server groups with their rule and their members', async () => {
    const { cloud, source, stage } = scene;
    const group = await stage.makeServerGroup('anti-affinity');
    const id = await stage.boot(source, { group });
    const found = (await cloud.serverGroups()).find((each) => each.id === group);
    expect(found).toEqual({ id: group, policy: 'anti-affinity', maxPerHost: 1, members: [id] });
  });

  it('keeps the members of an anti-affinity group apart when they are evacuated', async () => {
    const { cloud, source, stage, target } = scene;
    const group = await stage.makeServerGroup('anti-affinity');
    await stage.boot(target, { group });
    const id = await stage.boot(source, { group });
    await scene.lose(source);
    await cloud.evacuate(id, target);
    const failed = await scene.untilEvacuation(id, ({ status }) => status === 'error');
    expect(failed.sourceHost).toBe(source);
    expect((await cloud.instance(id))?.fault).toMatch(/no valid host/i);
  });

  it('brings an instance to a host that was enabled a moment ago, and to none that is disabled', async () => {
    const { cloud, source, stage, target } = scene;
    const [first, second] = [await stage.boot(source), await stage.boot(source)];
    const reserved = await scene.serviceOf(target);
    await cloud.disableService(reserved.id, 'kept free');
    await scene.lose(source);
    await cloud.evacuate(first, target);
    await scene.untilEvacuation(first, ({ status }) => status === 'error');
    expect((await cloud.instance(first))?.fault).toMatch(/no valid host/i);
    await cloud.enableService(reserved.id);
    await cloud.evacuate(second, target);
    expect((await scene.untilSettledElsewhere(second)).host).toBe(target);
  });

  it('adds a host to an aggregate and takes it out again, and says when there is nothing to do', async () => {
    const { cloud, source, stage, target } = scene;
    const id = await stage.makeAggregate([source]);
    const hostsOf = async (): Promise<readonly string[] | undefined> =>
      (await cloud.aggregates()).find((each) => each.id === id)?.hosts;
    expect(await hostsOf()).toEqual([source]);
    await cloud.addToAggregate(id, target);
    expect([...((await hostsOf()) ?? [])].sort()).toEqual([source, target].sort());
    await expectRefusal(cloud.addToAggregate(id, target), 'CLOUD_CONFLICT');
    await cloud.removeFromAggregate(id, target);
    expect(await hostsOf()).toEqual([source]);
    await expectRefusal(cloud.removeFromAggregate(id, target), 'CLOUD_NOT_FOUND');
    await expectRefusal(cloud.addToAggregate(id, 'no-such-host'), 'CLOUD_NOT_FOUND');
    await expectRefusal(cloud.addToAggregate('999999', target), 'CLOUD_NOT_FOUND');
  });

  it('lists the images with their properties, and an instance names the one that it was made from', async () => {
    const { cloud, source, stage } = scene;
    const found = await cloud.instance(await stage.boot(source));
    const image = (await cloud.images()).find(({ id }) => id === found?.imageId);
    expect(image?.tags).toEqual([]);
    expect(image?.properties.id).toBe(found?.imageId);
    expect(found?.flavorSpecs).toEqual({});
    expect(await cloud.flavors()).toContainEqual({});
  });

  it('is refused to a member', async () => {
    const member = scene.stage.open(scene.stage.member);
    await expectRefusal(member.providers(), 'CLOUD_FORBIDDEN');
    await expectRefusal(member.aggregates(), 'CLOUD_FORBIDDEN');
    await expectRefusal(member.freeResources(), 'CLOUD_FORBIDDEN');
    await expectRefusal(member.allocationsOn(NOBODY), 'CLOUD_FORBIDDEN');
  });
}
