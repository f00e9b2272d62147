import type { Cloud } from '../openstack/cloud.ts';
import type { Inventory } from '../openstack/inventory.ts';

/** Whether a verb changes something in the cloud. A new verb does not compile before it stands here. */
const CLOUD = {
  computeServices: 'reads',
  setForcedDown: 'changes',
  disableService: 'changes',
  enableService: 'changes',
  instancesOn: 'reads',
  instance: 'reads',
  evacuationsFrom: 'reads',
  evacuate: 'changes',
  resetState: 'changes',
  act: 'changes',
  lastAction: 'reads',
} as const satisfies Record<keyof Cloud, 'reads' | 'changes'>;

const INVENTORY = {
  providers: 'reads',
  freeResources: 'reads',
  allocationsOn: 'reads',
  serverGroups: 'reads',
  aggregates: 'reads',
  addToAggregate: 'changes',
  removeFromAggregate: 'changes',
  flavors: 'reads',
  images: 'reads',
} as const satisfies Record<keyof Inventory, 'reads' | 'changes'>;

/**
 * The cloud of an engine: nothing is changed there unless `check` passes at that moment (S5). What lies between this and
 * the wire (a login, a new connection, another try) asks once more, just before the request leaves: `beforeChange` of
 * open-cloud.ts.
 */
export function guardedCloud(cloud: Cloud, check: () => void): Cloud {
  return guarded(cloud, CLOUD, check);
}

export function guardedInventory(inventory: Inventory, check: () => void): Inventory {
  return guarded(inventory, INVENTORY, check);
}

function guarded<T extends object>(whole: T, verbs: Readonly<Record<string, string>>, check: () => void): T {
  return new Proxy(whole, {
    get(target, verb) {
      const call: unknown = Reflect.get(target, verb);
      if (typeof call !== 'function') return call;
      const isHarmless = typeof verb === 'string' && Object.hasOwn(verbs, verb) && verbs[verb] === 'reads';
      return async (...args: unknown[]): Promise<unknown> => {
        if (!isHarmless) check();
        return (call as (...all: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}
