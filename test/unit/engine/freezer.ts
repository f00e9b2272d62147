import type { Lease } from '../../../src/engine/lease.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import type { Clock } from '../../../src/ports.ts';

/** What the world sees of an engine that is frozen (SIGSTOP, a paused machine): nothing leaves it and nothing comes in. */
export interface Freezer {
  readonly clock: Clock;
  readonly isFrozen: () => boolean;
  readonly thaw: () => void;
  readonly store: (store: Store) => Store;
  /** `lease`: asked where the real client asks it, when the request leaves (beforeChange of open-cloud.ts). */
  readonly cloud: (cloud: Cloud, lease: () => Lease) => Cloud;
  /** Calls that changed something in the cloud after the thaw. */
  readonly changedAfterThaw: readonly string[];
}

const READS: readonly string[] = [
  'computeServices',
  'instancesOn',
  'instance',
  'evacuationsFrom',
  'lastAction',
] satisfies (keyof Cloud)[];

/** Freezes at the n-th call of the store or the cloud, just before it leaves or just after it has come about. */
export function freezer(base: Clock, freezeAt: number, moment: 'before' | 'after'): Freezer {
  let calls = 0;
  let state: 'running' | 'frozen' | 'thawed' = 'running';
  let thaw = (): void => undefined;
  const thawed = new Promise<void>((resolve) => {
    thaw = () => {
      state = 'thawed';
      resolve();
    };
  });
  const passage = async (): Promise<void> => {
    if (state === 'frozen') await thawed;
  };
  const changedAfterThaw: string[] = [];

  const icy = <T extends object>(target: T, leaves: (verb: string) => void): T =>
    new Proxy(target, {
      get(object, verb, receiver) {
        const call: unknown = Reflect.get(object, verb, receiver);
        if (typeof call !== 'function') return call;
        return async (...args: unknown[]): Promise<unknown> => {
          calls += 1;
          const isTheOne = calls === freezeAt && state === 'running';
          if (isTheOne && moment === 'before') state = 'frozen';
          await passage();
          leaves(String(verb));
          try {
            return await (call as (...all: unknown[]) => unknown).apply(object, args);
          } finally {
            if (isTheOne && moment === 'after') state = 'frozen';
            await passage();
          }
        };
      },
    });

  return {
    clock: {
      now: () => base.now(),
      monotonic: () => base.monotonic(),
      schedule: (delayMs, task) => base.schedule(delayMs, () => void passage().then(task)),
    },
    isFrozen: () => state === 'frozen',
    thaw: () => thaw(),
    store: (store) => icy(store, () => undefined),
    cloud: (cloud, lease) =>
      icy(cloud, (verb) => {
        if (READS.includes(verb)) return;
        lease().check();
        if (state === 'thawed') changedAfterThaw.push(verb);
      }),
    changedAfterThaw,
  };
}

/** Two engines of one process on one file: SQLite would have one thread wait for itself. */
export function inTurn(): (store: Store) => Store {
  let turn: Promise<unknown> = Promise.resolve();
  return (store) =>
    new Proxy(store, {
      get(object, verb, receiver) {
        const call: unknown = Reflect.get(object, verb, receiver);
        if (typeof call !== 'function') return call;
        return (...args: unknown[]): Promise<unknown> => {
          const mine = turn.then(() => (call as (...all: unknown[]) => unknown).apply(object, args));
          turn = mine.catch(() => undefined);
          return mine;
        };
      },
    });
}
