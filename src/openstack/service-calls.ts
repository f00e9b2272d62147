import { accepted, sendAuthorized } from './authorized.ts';
import type { ServiceCall } from './authorized.ts';
import type { Reply } from './failure.ts';
import type { Http } from './http.ts';
import type { Keystone } from './keystone.ts';
import type { Patience } from './repeat.ts';

/** A service whose version needs no asking: Placement by a fixed header, Glance by its path. */
export interface ServiceCalls {
  call(call: ServiceCall): Promise<Reply>;
}

export function createServiceCalls(
  http: Http,
  keystone: Keystone,
  patience: Patience,
  service: { readonly type: string; readonly headers: Readonly<Record<string, string>> },
): ServiceCalls {
  return {
    async call(call) {
      const endpoint = await keystone.endpoint([service.type], call.signal);
      const url = `${endpoint}${call.path}`;
      return accepted(call.what, await sendAuthorized({ http, keystone, patience }, call, url, service.headers));
    },
  };
}
