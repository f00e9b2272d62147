import type { Store } from './store/store.ts';

/** The store, with each of its errors told to `onError` before whoever asked sees it. */
export function watchedStore(store: Store, onError: (error: unknown) => void): Store {
  return new Proxy(store, {
    get(target, verb) {
      const call: unknown = Reflect.get(target, verb);
      if (typeof call !== 'function') return call;
      return async (...args: unknown[]): Promise<unknown> => {
        try {
          return await (call as (...all: unknown[]) => unknown).apply(target, args);
        } catch (error) {
          onError(error);
          throw error;
        }
      };
    },
  });
}
