import { expect } from 'vitest';
import type { ComputeService, Evacuation, Instance } from '../../src/openstack/cloud.ts';
import type { NovaCloud } from '../../src/openstack/nova.ts';
import { eventually } from '../support/eventually.ts';
import type { ContractStage } from './stage.ts';

/** The stage of the test that runs, with the moves that many tests make. */
export interface Scene {
  readonly stage: ContractStage;
  readonly cloud: NovaCloud;
  readonly source: string;
  readonly target: string;
  serviceOf(host: string): Promise<ComputeService>;
  /** Forces the host down while its nova-compute runs on. Answers the service's id. */
  force(host: string): Promise<string>;
  /** Kills its nova-compute and forces it down. */
  lose(host: string): Promise<string>;
  until(id: string, reached: (instance: Instance) => boolean): Promise<Instance>;
  untilSettledElsewhere(id: string): Promise<Instance>;
  untilEvacuation(id: string, reached: (evacuation: Evacuation) => boolean): Promise<Evacuation>;
  /** How many requests of that route reached the proxy since the last `forget`. */
  sent(route: string): number;
  forget(): void;
}

/** `current` answers the stage of the test that runs. */
export function createScene(current: () => ContractStage): Scene {
  const scene: Scene = {
    get stage() {
      return current();
    },
    get cloud() {
      return current().cloud;
    },
    get source() {
      return current().hosts[0];
    },
    get target() {
      return current().hosts[1];
    },
    async serviceOf(host) {
      const found = (await scene.cloud.computeServices()).find((service) => service.host === host);
      if (found === undefined) throw new Error(`no service of ${host}`);
      return found;
    },
    async force(host) {
      const { id } = await scene.serviceOf(host);
      await scene.cloud.setForcedDown(id, true);
      return id;
    },
    async lose(host) {
      await current().kill(host);
      return scene.force(host);
    },
    async until(id, reached) {
      let last: Instance | undefined;
      const look = async (): Promise<Instance | undefined> => {
        last = await scene.cloud.instance(id);
        return last !== undefined && reached(last) ? last : undefined;
      };
      const patience = { withinMs: current().patienceMs, everyMs: 30 };
      return eventually(`instance ${id}`, look, patience).catch((error: unknown) => {
        throw new Error(`${String(error)}, last seen ${JSON.stringify(last)}`);
      });
    },
    untilSettledElsewhere: (id) =>
      scene.until(id, (instance) => instance.taskState === undefined && instance.host !== scene.source),
    untilEvacuation: (id, reached) =>
      eventually(
        `the evacuation of ${id}`,
        async () => (await scene.cloud.evacuationsFrom(scene.source)).find((e) => e.instanceId === id && reached(e)),
        { withinMs: current().patienceMs, everyMs: 30 },
      ),
    sent: (route) =>
      current()
        .proxy.traffic()
        .filter((exchange) => exchange.route.includes(route)).length,
    forget: () => {
      current().proxy.reset();
    },
  };
  return scene;
}

/** What the call was refused with. */
export async function expectRefusal(call: Promise<unknown>, code: string): Promise<void> {
  await expect(call).rejects.toMatchObject({ code });
}
