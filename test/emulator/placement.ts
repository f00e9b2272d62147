import type { Answer, Call } from '../../src/simulation/cloud/answer.ts';
import { DISK_GB } from './inventory.ts';
import { takenByHost } from '../../src/simulation/cloud/room.ts';
import type { Guest, Host, World } from '../../src/simulation/cloud/world.ts';

/** Where Placement is. */
export const PLACEMENT_PATH = '/placement';

const VERSIONED = { 'openstack-api-version': 'placement 1.29', vary: 'openstack-api-version' };
const ANSWERED = { ...VERSIONED, 'cache-control': 'no-cache', 'last-modified': 'Sun, 22 Nov 2026 06:35:00 GMT' };

/** Placement as far as Lifeboat asks it, for a token that was checked. */
export function placement(world: World, call: Call, path: string): Answer {
  if (call.method === 'GET' && path === '/allocation_candidates') {
    return { status: 200, headers: ANSWERED, body: candidates(world, call.query.get('resources') ?? '') };
  }
  const provider = /^\/resource_providers\/([^/]+)\/allocations$/.exec(path)?.[1];
  if (call.method === 'GET' && provider !== undefined) {
    const host = [...world.hosts.values()].find(({ providerId }) => providerId === provider);
    if (host === undefined) return placementError(404, `No resource provider with uuid ${provider} found : not found.`);
    return {
      status: 200,
      headers: ANSWERED,
      body: { allocations: allocationsOn(world, host), resource_provider_generation: 1 },
    };
  }
  return placementError(404, 'The resource could not be found.');
}

export function placementError(status: number, detail: string): Answer {
  const title = status === 404 ? 'Not Found' : 'Forbidden';
  const headers = status === 404 ? VERSIONED : { 'openstack-api-version': 'placement 1.29' };
  return {
    status,
    headers,
    body: { errors: [{ status, title, detail, code: 'placement.undefined_code', request_id: 'req-emulated' }] },
  };
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
      DISK_GB: { capacity: DISK_GB, used: 0 },
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
    allocation_requests: found.map(({ id }) => ({ allocations: { [id]: { resources: wanted } } })),
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
  const resources = (guest: Guest): object => ({
    resources: { VCPU: guest.vcpus, MEMORY_MB: guest.memoryMb },
    consumer_generation: 1,
  });
  const there = [...world.guests.values()].filter((guest) => guest.host === host.name);
  const left = world.migrations
    .filter(({ sourceHost, status }) => sourceHost === host.name && status === 'done')
    .map(({ instanceId }) => world.guests.get(instanceId))
    .filter((guest) => guest !== undefined);
  return Object.fromEntries([...left, ...there].map((guest) => [guest.id, resources(guest)]));
}
