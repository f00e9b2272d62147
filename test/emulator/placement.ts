import type { Answer, Call } from './answer.ts';
import { takenByHost } from './room.ts';
import type { Guest, Host, World } from './world.ts';

/** Where Placement is. */
export const PLACEMENT_PATH = '/placement';

/** Placement as far as Lifeboat asks it, for a token that was checked. */
export function placement(world: World, call: Call, path: string): Answer {
  const headers = { 'openstack-api-version': 'placement 1.29', vary: 'openstack-api-version' };
  if (call.method === 'GET' && path === '/allocation_candidates') {
    return { status: 200, headers, body: candidates(world, call.query.get('resources') ?? '') };
  }
  const provider = /^\/resource_providers\/([^/]+)\/allocations$/.exec(path)?.[1];
  if (call.method === 'GET' && provider !== undefined) {
    const host = [...world.hosts.values()].find(({ providerId }) => providerId === provider);
    if (host === undefined) return placementError(404, `No resource provider with uuid ${provider} found : not found.`);
    return { status: 200, headers, body: { allocations: allocationsOn(world, host), resource_provider_generation: 1 } };
  }
  return placementError(404, 'The resource could not be found.');
}

export function placementError(status: number, detail: string): Answer {
  const title = status === 404 ? 'Not Found' : 'Forbidden';
  return { status, body: { errors: [{ status, title, detail, request_id: 'req-emulated' }] } };
}

function candidates(world: World, asked: string): object {
  const wanted = Object.fromEntries(
    asked.split(',').map((each) => [each.split(':')[0] ?? '', Number(each.split(':')[1] ?? 1)]),
  );
  const taken = takenByHost(world);
  const rooms = [...world.hosts.values()].map((host) => {
    const used = taken.get(host.name) ?? { vcpus: 0, memoryMb: 0 };
    const resources: Record<string, { readonly capacity: number; readonly used: number }> = {
      VCPU: { capacity: host.vcpus, used: used.vcpus },
      MEMORY_MB: { capacity: host.memoryMb, used: used.memoryMb },
    };
    return { id: host.providerId, resources };
  });
  const found = rooms.filter(({ resources }) =>
    Object.entries(wanted).every(([name, amount]) => {
      const { capacity = 0, used = 0 } = resources[name] ?? {};
      return capacity - used >= amount;
    }),
  );
  return {
    allocation_requests: found.map(({ id }) => ({ allocations: { [id]: { resources: wanted } }, mappings: {} })),
    provider_summaries: Object.fromEntries(
      found.map(({ id, resources }) => [
        id,
        { resources, traits: [], parent_provider_uuid: null, root_provider_uuid: id },
      ]),
    ),
  };
}

/** Of what was evacuated and not cleaned up the source keeps its part. */
function allocationsOn(world: World, host: Host): object {
  const resources = (guest: Guest): object => ({ resources: { VCPU: guest.vcpus, MEMORY_MB: guest.memoryMb } });
  const there = [...world.guests.values()].filter((guest) => guest.host === host.name);
  const left = world.migrations
    .filter(({ sourceHost, status }) => sourceHost === host.name && status === 'done')
    .map(({ instanceId }) => world.guests.get(instanceId))
    .filter((guest) => guest !== undefined);
  return Object.fromEntries([...left, ...there].map((guest) => [guest.id, resources(guest)]));
}
