import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud, ComputeService, Instance } from '../../src/openstack/cloud.ts';

/** A cloud to hold against the contract, and hands to do with it what no API does. */
export interface ContractStage {
  readonly cloud: Cloud;
  /** At least three compute hosts that are up, enabled and empty. */
  readonly hosts: readonly [string, string, string, ...string[]];
  /** Starts an instance on the host, brings it to that state and answers its id. */
  boot(host: string, state: 'active' | 'stopped' | 'paused'): Promise<string>;
  /** Kills nova-compute of the host, as a power cut does. */
  kill(host: string): Promise<void>;
  /** Starts it again. */
  restart(host: string): Promise<void>;
  /** How long Nova may take for what it does beside the request. */
  readonly patienceMs: number;
  dispose(): Promise<void>;
}

/**
 * What Lifeboat relies on in a cloud. The suite runs against the emulator and against a real Nova, and so keeps the
 * one like the other.
 */
export function cloudContract(name: string, makeStage: () => Promise<ContractStage>): void {
  describe(`the cloud contract: ${name}`, () => {
    let stage: ContractStage;
    let cloud: Cloud;
    let source: string;
    let target: string;

    beforeEach(async () => {
      stage = await makeStage();
      cloud = stage.cloud;
      [source, target] = stage.hosts;
    });
    afterEach(() => stage.dispose());

    const serviceOf = async (host: string): Promise<ComputeService> => {
      const found = (await cloud.computeServices()).find((service) => service.host === host);
      if (found === undefined) throw new Error(`no service of ${host}`);
      return found;
    };
    const until = async (id: string, reached: (instance: Instance) => boolean): Promise<Instance> => {
      const deadline = Date.now() + stage.patienceMs;
      for (;;) {
        const instance = await cloud.instance(id);
        if (instance !== undefined && reached(instance)) return instance;
        if (Date.now() > deadline) throw new Error(`waited in vain, last seen ${JSON.stringify(instance)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const settledElsewhere = (instance: Instance): boolean =>
      instance.taskState === undefined && instance.host !== source;
    const lose = async (host: string): Promise<string> => {
      await stage.kill(host);
      const { id } = await serviceOf(host);
      await cloud.setForcedDown(id, true);
      return id;
    };

    it('lists the compute services with their state and a uuid', async () => {
      const services = await cloud.computeServices();
      expect(services.map((service) => service.host)).toEqual(expect.arrayContaining([...stage.hosts]));
      const { id, status, state, forcedDown, updatedAtMs } = await serviceOf(source);
      expect({ status, state, forcedDown }).toEqual({ status: 'enabled', state: 'up', forcedDown: false });
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      expect(updatedAtMs).toBeTypeOf('number');
    });

    it('forces a service down at once, and again without harm', async () => {
      const { id } = await serviceOf(source);
      expect(await cloud.setForcedDown(id, true)).toMatchObject({ forcedDown: true, state: 'down', host: source });
      expect(await cloud.setForcedDown(id, true)).toMatchObject({ forcedDown: true, state: 'down' });
      expect(await serviceOf(source)).toMatchObject({ forcedDown: true, state: 'down', status: 'enabled' });
    });

    it('disables a service with a reason cut to what Nova takes, and enables it again', async () => {
      const id = await lose(source);
      const disabled = await cloud.disableService(id, 'ä'.repeat(300));
      expect(disabled).toMatchObject({ status: 'disabled', forcedDown: true });
      expect([...(disabled.disabledReason ?? '')]).toHaveLength(255);
      expect(await cloud.enableService(id)).toMatchObject({ status: 'enabled', disabledReason: undefined });
    });

    it('says that a service is not found', async () => {
      const unknown = cloud.setForcedDown('00000000-0000-0000-0000-000000000000', true);
      await expect(unknown).rejects.toMatchObject({ code: 'CLOUD_NOT_FOUND' });
    });

    it('lists the instances of one host, and none of a host that nobody knows', async () => {
      const id = await stage.boot(source, 'active');
      await stage.boot(target, 'active');
      const [found, ...others] = await cloud.instancesOn(source);
      expect(others).toEqual([]);
      expect(found).toMatchObject({ id, host: source, status: 'ACTIVE', vmState: 'active', powerState: 1 });
      expect(found?.taskState).toBeUndefined();
      expect(await cloud.instancesOn('no-such-host')).toEqual([]);
    });

    it('shows one instance, and undefined for one that does not exist', async () => {
      const id = await stage.boot(source, 'active');
      expect(await cloud.instance(id)).toMatchObject({ id, host: source });
      expect(await cloud.instance('00000000-0000-0000-0000-000000000000')).toBeUndefined();
    });

    it('refuses to evacuate from a host that it believes to be up, also right after its death', async () => {
      const id = await stage.boot(source, 'active');
      await expect(cloud.evacuate(id, undefined)).rejects.toMatchObject({ code: 'CLOUD_BAD_REQUEST' });
      await stage.kill(source);
      await expect(cloud.evacuate(id, undefined)).rejects.toMatchObject({ code: 'CLOUD_BAD_REQUEST' });
    });

    it('evacuates an active instance and leaves a migration that is done', async () => {
      const id = await stage.boot(source, 'active');
      await lose(source);
      await cloud.evacuate(id, undefined);
      const moved = await until(id, settledElsewhere);
      expect(moved).toMatchObject({ status: 'ACTIVE', vmState: 'active', powerState: 1 });
      expect(await cloud.instancesOn(source)).toEqual([]);
      const [evacuation] = await cloud.evacuationsFrom(source);
      expect(evacuation).toMatchObject({ instanceId: id, sourceHost: source, targetHost: moved.host, status: 'done' });
      expect(await cloud.evacuationsFrom(target)).toEqual([]);
    });

    it('evacuates to the host that is named', async () => {
      const id = await stage.boot(source, 'active');
      await lose(source);
      await cloud.evacuate(id, target);
      expect(await until(id, settledElsewhere)).toMatchObject({ host: target, status: 'ACTIVE' });
    });

    it('leaves a stopped instance stopped at its new host', async () => {
      const id = await stage.boot(source, 'stopped');
      await lose(source);
      await cloud.evacuate(id, undefined);
      expect(await until(id, settledElsewhere)).toMatchObject({ status: 'SHUTOFF', vmState: 'stopped', powerState: 4 });
    });

    it('refuses a paused instance, an unknown target, the source as target and an unknown instance', async () => {
      const paused = await stage.boot(source, 'paused');
      const active = await stage.boot(source, 'active');
      await lose(source);
      const unknown = '00000000-0000-0000-0000-000000000000';
      await expect(cloud.evacuate(paused, undefined)).rejects.toMatchObject({ code: 'CLOUD_CONFLICT' });
      await expect(cloud.evacuate(active, 'no-such-host')).rejects.toMatchObject({ code: 'CLOUD_NOT_FOUND' });
      await expect(cloud.evacuate(active, source)).rejects.toMatchObject({ code: 'CLOUD_BAD_REQUEST' });
      await expect(cloud.evacuate(unknown, undefined)).rejects.toMatchObject({ code: 'CLOUD_NOT_FOUND' });
    });

    it('accepts an evacuation that no host can take, and shows the failure afterwards', async () => {
      const id = await stage.boot(source, 'active');
      await lose(source);
      for (const service of await cloud.computeServices()) {
        if (service.host !== source) await cloud.disableService(service.id, 'the contract suite wants no host left');
      }
      await cloud.evacuate(id, undefined);
      const failed = await until(id, (instance) => instance.vmState === 'error' && instance.taskState === undefined);
      expect(failed).toMatchObject({ status: 'ERROR', host: source });
      expect(failed.fault).toMatch(/no valid host/i);
      expect((await cloud.evacuationsFrom(source))[0]).toMatchObject({ instanceId: id, status: 'error' });
    });

    it('keeps a host forced down until its nova-compute was restarted and has cleaned up', async () => {
      const id = await stage.boot(source, 'active');
      const serviceId = await lose(source);
      await cloud.evacuate(id, undefined);
      await until(id, settledElsewhere);
      await expect(cloud.setForcedDown(serviceId, false)).rejects.toMatchObject({ code: 'CLOUD_BAD_REQUEST' });
      await stage.restart(source);
      const deadline = Date.now() + stage.patienceMs;
      while ((await cloud.evacuationsFrom(source)).some((evacuation) => evacuation.status !== 'completed')) {
        if (Date.now() > deadline) throw new Error('no evacuation was completed by the restart');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(await cloud.setForcedDown(serviceId, false)).toMatchObject({ forcedDown: false });
    });

    it('lists only the evacuations that changed since a moment', async () => {
      const id = await stage.boot(source, 'active');
      await lose(source);
      await cloud.evacuate(id, undefined);
      await until(id, settledElsewhere);
      const [evacuation] = await cloud.evacuationsFrom(source);
      const changedAtMs = evacuation?.updatedAtMs ?? 0;
      expect(await cloud.evacuationsFrom(source, changedAtMs)).toHaveLength(1);
      expect(await cloud.evacuationsFrom(source, changedAtMs + 2_000)).toEqual([]);
    });
  });
}
