import type { Http } from './http.ts';
import type { Resources } from './inventory.ts';
import type { Keystone } from './keystone.ts';
import type { Patience } from './repeat.ts';
import { numberAt, objectAt, textAt } from './rows.ts';
import type { Row } from './rows.ts';
import { createServiceCalls } from './service-calls.ts';
import type { ServiceCalls } from './service-calls.ts';

/**
 * From 1.27 on a summary has every resource class of its provider and not only those asked for, and from 1.29 on it names
 * the root of its tree. Placement speaks it since Rocky.
 */
const HEADERS = { 'openstack-api-version': 'placement 1.29' };

export function createPlacement(http: Http, keystone: Keystone, patience: Patience): ServiceCalls {
  return createServiceCalls(http, keystone, patience, { type: 'placement', headers: HEADERS });
}

/**
 * One question instead of two for each provider: the candidates for one megabyte of memory are all hosts that have
 * anything left, and the summaries beside them say how much of what. What the children of a host have (its GPUs, say) is
 * added to it.
 */
export async function freeResources(
  placement: ServiceCalls,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Resources>> {
  const what = 'ask Placement what is free';
  const path = '/allocation_candidates?resources=MEMORY_MB%3A1';
  const { body } = await placement.call({ what, method: 'GET', path, signal, repeats: 'safely' });
  const free = new Map<string, Record<string, number>>();
  const summaries = objectAt(body, 'provider_summaries', what);
  for (const id of Object.keys(summaries)) {
    const summary = objectAt(summaries, id, what);
    const root = textAt(summary, 'root_provider_uuid', what);
    const ofHost = free.get(root) ?? {};
    for (const [name, amount] of Object.entries(freeOf(summary, what))) ofHost[name] = (ofHost[name] ?? 0) + amount;
    free.set(root, ofHost);
  }
  return free;
}

function freeOf(summary: Row, what: string): Resources {
  const resources = objectAt(summary, 'resources', what);
  return Object.fromEntries(
    Object.keys(resources).map((name) => {
      const row = objectAt(resources, name, what);
      return [name, numberAt(row, 'capacity', what) - numberAt(row, 'used', what)];
    }),
  );
}

export async function allocationsOn(
  placement: ServiceCalls,
  providerId: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Resources>> {
  const what = `list what is allocated on provider ${providerId}`;
  const path = `/resource_providers/${encodeURIComponent(providerId)}/allocations`;
  const { body } = await placement.call({ what, method: 'GET', path, signal, repeats: 'safely' });
  const allocations = objectAt(body, 'allocations', what);
  return new Map(
    Object.keys(allocations).map((consumer) => {
      const resources = objectAt(objectAt(allocations, consumer, what), 'resources', what);
      return [
        consumer,
        Object.fromEntries(Object.keys(resources).map((name) => [name, numberAt(resources, name, what)])),
      ];
    }),
  );
}
