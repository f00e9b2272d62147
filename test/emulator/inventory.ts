import { novaError } from '../../src/simulation/cloud/answer.ts';
import type { Answer, Call } from '../../src/simulation/cloud/answer.ts';
import type { Microversion } from '../../src/simulation/cloud/bodies.ts';
import { serviceState } from '../../src/simulation/cloud/heartbeat.ts';
import { field } from './keystone.ts';
import { takenByHost } from '../../src/simulation/cloud/room.ts';
import type { AggregateRecord, World } from '../../src/simulation/cloud/world.ts';

/** What Nova tells of hypervisors, server groups and aggregates; undefined for any other route. All for administrators. */
export function answerInventory(
  world: World,
  call: Call,
  parts: readonly string[],
  version: Microversion,
): Answer | undefined {
  const route = `${call.method} ${parts.join('/')}`;
  if (route === 'GET os-hypervisors/detail') return listHypervisors(world, version);
  if (route === 'GET os-server-groups') return listGroups(world, call, version);
  if (route === 'GET os-aggregates') return { status: 200, body: { aggregates: world.aggregates.map(aggregateBody) } };
  if (call.method === 'POST' && parts[0] === 'os-aggregates' && parts[2] === 'action') {
    return changeAggregate(world, parts[1] ?? '', call.body);
  }
  return undefined;
}

/** Of every host; no instance takes any of it. */
export const DISK_GB = 600_000;

function listHypervisors(world: World, version: Microversion): Answer {
  const taken = takenByHost(world);
  const hypervisors = [...world.hosts.values()].map((host, index) => {
    const used = taken.get(host.name) ?? { vcpus: 0, memoryMb: 0 };
    return {
      id: version >= 2053 ? host.providerId : index + 1,
      hypervisor_hostname: host.name,
      state: serviceState(world, host),
      status: host.status,
      hypervisor_type: 'fake',
      hypervisor_version: 1000,
      host_ip: '127.0.0.1',
      service: {
        id: version >= 2053 ? host.serviceId : index + 1,
        host: host.name,
        disabled_reason: host.disabledReason,
      },
      ...(version >= 2088
        ? { uptime: null }
        : {
            vcpus: host.vcpus,
            memory_mb: host.memoryMb,
            local_gb: DISK_GB,
            vcpus_used: used.vcpus,
            memory_mb_used: used.memoryMb,
            local_gb_used: 0,
            free_ram_mb: host.memoryMb - used.memoryMb,
            free_disk_gb: DISK_GB,
            current_workload: 0,
            running_vms: 0,
            disk_available_least: 0,
            cpu_info: {
              arch: 'x86_64',
              model: 'Nehalem',
              vendor: 'Intel',
              features: ['pge', 'clflush'],
              topology: { cores: 1, threads: 1, sockets: 4 },
            },
          }),
    };
  });
  return { status: 200, body: { hypervisors } };
}

function listGroups(world: World, call: Call, version: Microversion): Answer {
  const start = Number(call.query.get('offset') ?? 0);
  const limit = Math.min(Number(call.query.get('limit') ?? world.options.pageLimit), world.options.pageLimit);
  const groups = world.groups.slice(start, start + limit).map(({ id, name, policy, members }) => ({
    id,
    name,
    ...(version >= 2064 ? { policy, rules: {} } : { policies: [policy], metadata: {} }),
    members: members.filter((member) => world.guests.has(member)),
    ...(version >= 2013 ? { project_id: world.ids.project, user_id: world.ids.user } : {}),
  }));
  return { status: 200, body: { server_groups: groups } };
}

function aggregateBody({ id, uuid, name, zone, hosts, metadata }: AggregateRecord): object {
  return {
    id,
    uuid,
    name,
    hosts,
    metadata: zone === undefined ? metadata : { ...metadata, availability_zone: zone },
    created_at: '2026-11-22T06:35:00.000000',
    updated_at: null,
    deleted_at: null,
    deleted: false,
    availability_zone: zone ?? null,
  };
}

function changeAggregate(world: World, id: string, body: unknown): Answer {
  const aggregate = world.aggregates.find((each) => String(each.id) === id);
  if (aggregate === undefined) return novaError(404, `Aggregate ${id} could not be found.`);
  const [adding, removing] = [field(field(body, 'add_host'), 'host'), field(field(body, 'remove_host'), 'host')];
  const host = String(adding ?? removing);
  if (adding !== undefined && !world.hosts.has(host)) return novaError(404, `Compute host ${host} could not be found.`);
  if (adding !== undefined && aggregate.hosts.includes(host)) {
    return novaError(409, `Aggregate ${id} already has host ${host}.`);
  }
  if (adding === undefined && !aggregate.hosts.includes(host)) {
    return novaError(404, `Cannot remove host ${host} in aggregate ${id}: not found`);
  }
  if (adding !== undefined) aggregate.hosts.push(host);
  else aggregate.hosts.splice(aggregate.hosts.indexOf(host), 1);
  return { status: 200, body: { aggregate: aggregateBody(aggregate) } };
}

/** One flavor for each kind of instance, and the plain one. */
export function listFlavors(world: World, version: Microversion): Answer {
  const kinds = new Map<string, Readonly<Record<string, string>>>([['{}', {}]]);
  for (const { extraSpecs } of world.guests.values()) kinds.set(JSON.stringify(extraSpecs), extraSpecs);
  const flavors = [...kinds.values()].map((extraSpecs, index) => ({
    id: String(index + 1),
    name: index === 0 ? 'm1.nano' : `m1.kind-${index}`,
    vcpus: 1,
    ram: 64,
    disk: 0,
    swap: version >= 2075 ? 0 : '',
    links: [{ rel: 'self', href: `/flavors/${index + 1}` }],
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    'os-flavor-access:is_public': true,
    rxtx_factor: 1,
    ...(version >= 2055 ? { description: null } : {}),
    ...(version >= 2061 ? { extra_specs: extraSpecs } : {}),
  }));
  return { status: 200, body: { flavors } };
}
