import { createHttp } from './http.ts';
import { createKeystone, type Token } from './keystone.ts';
import type { CloudConfig } from './open-cloud.ts';
import { readCredentials } from './read-credentials.ts';
import { DEFAULT_TIMINGS } from './timings.ts';

/** Keystone alone, for who reports to a service and asks nothing of Nova. */
export interface OpenKeystone {
  /** Throws CLOUD_…. */
  token(signal: AbortSignal): Promise<string>;
  /** A service has refused it: the next one is new. */
  forget(token: string): void;
  /** Throws CLOUD_NO_ENDPOINT when the catalog has none, and what a login throws. */
  endpoint(serviceTypes: readonly string[], signal: AbortSignal): Promise<string>;
  close(): void;
}

/** Reads files, sends nothing yet. Throws CONFIG_INVALID. */
export async function openKeystone(config: Omit<CloudConfig, 'beforeChange'>): Promise<OpenKeystone> {
  const credentials = await readCredentials(config.source, config.readText);
  const timings = { ...DEFAULT_TIMINGS, ...config.timings };
  const http = createHttp(credentials.tls, timings, config.clock);
  const keystone = createKeystone(http, credentials, { ...config, timings });
  let current: Token | undefined;
  let isRefused = false;
  return {
    async token(signal) {
      current =
        isRefused && current !== undefined ? await keystone.renew(current, signal) : await keystone.token(signal);
      isRefused = false;
      return current.value;
    },
    forget(token) {
      if (current?.value === token) isRefused = true;
    },
    endpoint: (serviceTypes, signal) => keystone.endpoint(serviceTypes, signal),
    close: () => {
      http.close();
    },
  };
}
