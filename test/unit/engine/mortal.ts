import { LifeboatError } from '../../../src/errors.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';

/**
 * Lets an engine die at its n-th effect, as a kill -9 would: from then on nothing of it reaches the disk or Nova. The
 * effect itself happens (`after`) or does not (`before`).
 */
export interface Mortality {
  readonly cloud: Cloud;
  readonly store: Store;
  readonly isDead: () => boolean;
}

export function mortal(cloud: Cloud, store: Store, dieAt: number, moment: 'before' | 'after'): Mortality {
  let effects = 0;
  let dead = false;
  const doomed = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name, receiver) {
        const value: unknown = Reflect.get(object, name, receiver);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          if (dead) return new Promise(() => undefined); // a dead process does nothing more
          effects += 1;
          const dies = effects === dieAt;
          if (dies && moment === 'before') {
            dead = true;
            throw new LifeboatError('CLOUD_UNREACHABLE', 'killed');
          }
          const answer: unknown = await (value as (...all: unknown[]) => unknown).apply(object, args);
          if (dies) dead = true;
          return dead ? new Promise(() => undefined) : answer;
        };
      },
    });
  return { cloud: doomed(cloud), store: doomed(store), isDead: () => dead };
}
