import type { Call } from '../../src/simulation/cloud/answer.ts';
import type { RouteName } from '../../src/simulation/cloud/faults.ts';
import { field } from './keystone.ts';
import type { World } from '../../src/simulation/cloud/world.ts';

/** Where Nova is; Keystone is at the root, as in a deployment with one front end. */
export const NOVA_PATH = '/compute/v2.1';

/** Which route the request is for, in the words of the faults. */
export function routeOf(call: Call): RouteName | undefined {
  if (call.path === '/v3/auth/tokens') return 'token';
  if (call.path.startsWith('/placement/')) return 'placement';
  if (call.path.startsWith('/image/')) return 'images.list';
  if (!call.path.startsWith(NOVA_PATH)) return undefined;
  const path = call.path.slice(NOVA_PATH.length).replace(/\/$/, '');
  if (path === '') return 'version';
  if (path === '/os-services') return 'services.list';
  if (path.startsWith('/os-services/')) return 'services.update';
  if (path === '/os-migrations') return 'migrations.list';
  if (path.startsWith('/os-aggregates')) return 'aggregates';
  if (path === '/servers/detail') return 'servers.list';
  if (path.endsWith('/action') && field(call.body, 'evacuate') !== undefined) return 'evacuate';
  if (path.endsWith('/action')) return 'action';
  return path.startsWith('/servers/') ? 'servers.show' : undefined;
}

export function instanceOf(call: Call): string | undefined {
  return /\/servers\/([0-9a-f-]{36})/.exec(call.path)?.[1];
}

/** The host that the request is about: of the service, of the instance, or in the query. */
export function hostOf(world: World, call: Call): string | undefined {
  const serviceId = /\/os-services\/([^/]+)$/.exec(call.path)?.[1];
  if (serviceId !== undefined) return [...world.hosts.values()].find((host) => host.serviceId === serviceId)?.name;
  const instanceId = instanceOf(call);
  if (instanceId !== undefined) return world.guests.get(instanceId)?.host ?? undefined;
  return call.query.get('host') ?? call.query.get('source_compute') ?? undefined;
}
