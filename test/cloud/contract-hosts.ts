import type { NovaCloud } from '../../src/openstack/nova.ts';
import { eventually } from '../support/eventually.ts';
import type { CloudLab } from './lab/cloud-lab.ts';

/**
 * The hosts of a cloud that tests share. A host whose nova-compute was killed is started again beside the tests that
 * follow; until then others take its place.
 */
export interface HostPool {
  /** Three hosts that are up, enabled and not forced down, those that were longest unused first. */
  take(): Promise<readonly [string, string, string]>;
  kill(host: string): Promise<void>;
  restart(host: string): Promise<void>;
  /** Forces the killed hosts down. Until then a deletion would wait for them, and a disabling hold an API worker. */
  bury(): Promise<void>;
  /** Puts every host back as `take` promises it; for the killed ones that goes on after this has ended. */
  give(): Promise<void>;
  /** Waits until no host is being started any more. Throws what went wrong with one. */
  settled(): Promise<void>;
}

export function createHostPool(lab: CloudLab, cloud: NovaCloud): HostPool {
  let free = [...lab.hosts];
  const killed = new Set<string>();
  const returning = new Map<string, Promise<void>>();
  let failure: unknown;

  const bringBack = async (host: string, serviceId: string): Promise<void> => {
    await lab.startCompute(host);
    await cloud.setForcedDown(serviceId, false);
    const up = async (): Promise<boolean> =>
      (await cloud.computeServices()).some((service) => service.host === host && service.state === 'up');
    await eventually(`${host} up again`, up, { withinMs: 90_000, everyMs: 200 });
  };

  const giveBack = (host: string, serviceId: string): void => {
    const back = bringBack(host, serviceId)
      .then(() => free.push(host))
      .catch((error: unknown) => (failure ??= error))
      .then(() => {
        returning.delete(host);
      });
    returning.set(host, back);
  };

  return {
    async take() {
      await eventually('three hosts', () => failure !== undefined || free.length >= 3, { withinMs: 120_000 });
      if (failure !== undefined) throw new Error('a host did not come back', { cause: failure });
      const [first = '', second = '', third = '', ...others] = free;
      free = [...others, first, second, third];
      return [first, second, third];
    },
    async kill(host) {
      killed.add(host);
      await lab.killCompute(host);
    },
    async restart(host) {
      await lab.startCompute(host);
      killed.delete(host);
    },
    async bury() {
      const buried = (await cloud.computeServices()).filter(({ host, forcedDown }) => killed.has(host) && !forcedDown);
      await Promise.all(buried.map(({ id }) => cloud.setForcedDown(id, true)));
    },
    async give() {
      const services = await cloud.computeServices();
      for (const { id, host, status, forcedDown } of services) {
        if (status === 'disabled') await cloud.enableService(id);
        if (killed.delete(host)) {
          free = free.filter((other) => other !== host);
          giveBack(host, id);
        } else if (forcedDown && !returning.has(host)) {
          await cloud.setForcedDown(id, false);
        }
      }
    },
    async settled() {
      await Promise.all(returning.values());
      if (failure !== undefined) throw new Error('a host did not come back', { cause: failure });
    },
  };
}
