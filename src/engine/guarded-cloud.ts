import type { Cloud } from '../openstack/cloud.ts';

/** Whether a verb changes something in the cloud. A new verb does not compile before it stands here. */
const VERBS = {
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

/**
 * The cloud of an engine: nothing is changed there unless `check` passes at that moment (S5). What lies between this and
 * the wire (a login, a new connection, another try) asks once more, just before the request leaves: `beforeChange` of
 * open-cloud.ts.
 */
export function guardedCloud(cloud: Cloud, check: () => void): Cloud {
  return new Proxy(cloud, {
    get(target, verb) {
      const call: unknown = Reflect.get(target, verb);
      if (typeof call !== 'function') return call;
      const isHarmless = Object.hasOwn(VERBS, verb) && VERBS[verb as keyof Cloud] === 'reads';
      return async (...args: unknown[]): Promise<unknown> => {
        if (!isHarmless) check();
        return (call as (...all: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}
