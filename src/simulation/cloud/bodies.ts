import { createHash } from 'node:crypto';
import { lastBeatMs, serviceState } from './heartbeat.ts';
import { statusOf } from './truth.ts';
import type { Guest, Host, Migration, World } from './world.ts';

/** A microversion as a number that compares: 2.53 is 2053. */
export type Microversion = number;

export function parseMicroversion(text: string): Microversion | undefined {
  const match = /^(\d+)\.(\d+)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * 1000 + Number(match[2]);
}

/** 2026-11-22T06:35:56.074940: Nova's precise stamp. The last three digits are made up, a Node clock has none. */
export function preciseStamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000');
}

/** 2026-11-22T06:35:56.000000: what comes back from a column of whole seconds. */
export function storedStamp(world: World, ms: number): string {
  const seconds = world.options.storedSeconds === 'rounded' ? Math.round(ms / 1000) : Math.floor(ms / 1000);
  return preciseStamp(seconds * 1000);
}

function zuluStamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** `precise` in the answer to a PUT that changed something, `stored` in every other: seen in the recordings. */
export function serviceBody(world: World, host: Host, version: Microversion, stamp: 'stored' | 'precise'): object {
  const updatedAtMs = Math.max(lastBeatMs(world, host) ?? 0, host.lastPutMs ?? 0);
  const write = stamp === 'precise' ? preciseStamp : (ms: number): string => storedStamp(world, ms);
  return {
    binary: 'nova-compute',
    host: host.name,
    id: version >= 2053 ? host.serviceId : [...world.hosts.keys()].indexOf(host.name) + 1,
    zone: host.zone,
    status: host.status,
    state: serviceState(world, host),
    updated_at: updatedAtMs === 0 ? null : write(updatedAtMs),
    disabled_reason: host.disabledReason,
    ...(version >= 2011 ? { forced_down: host.forcedDown } : {}),
  };
}

export function serverBody(
  world: World,
  guest: Guest,
  version: Microversion,
  novaUrl: string,
  view: 'listed' | 'shown' | 'shown to a member',
): object {
  const host = guest.host === null ? undefined : world.hosts.get(guest.host);
  const status = statusOf(guest);
  const root = novaUrl.replace(/\/v2\.1$/, '');
  const since = (minimum: Microversion, keys: object): object => (version >= minimum ? keys : {});
  const forAdmin = (keys: object): object => (view === 'shown to a member' ? {} : keys);
  return {
    id: guest.id,
    name: guest.name,
    status,
    tenant_id: guest.projectId,
    user_id: world.ids.user,
    metadata: guest.metadata,
    hostId:
      guest.host === null
        ? ''
        : createHash('sha224')
            .update(guest.projectId + guest.host)
            .digest('hex'),
    image: {
      id: guest.imageId,
      links: [{ rel: 'bookmark', href: `${root}/images/${guest.imageId}` }],
    },
    flavor:
      version >= 2047
        ? {
            vcpus: guest.vcpus,
            ram: guest.memoryMb,
            disk: 0,
            ephemeral: 0,
            swap: 0,
            original_name: 'm1.nano',
            extra_specs: guest.extraSpecs,
          }
        : { id: '1', links: [{ rel: 'bookmark', href: `${root}/flavors/1` }] },
    created: zuluStamp(guest.createdAtMs),
    updated: zuluStamp(guest.updatedAtMs),
    addresses: {},
    accessIPv4: '',
    accessIPv6: '',
    links: [
      { rel: 'self', href: `${novaUrl}/servers/${guest.id}` },
      { rel: 'bookmark', href: `${root}/servers/${guest.id}` },
    ],
    'OS-DCF:diskConfig': 'MANUAL',
    ...(guest.fault === undefined ? {} : { fault: faultBody(guest.fault) }),
    ...(['ACTIVE', 'REBUILD', 'VERIFY_RESIZE'].includes(status) ? { progress: 0 } : {}),
    'OS-EXT-AZ:availability_zone': host?.zone ?? '',
    config_drive: '',
    key_name: null,
    'OS-SRV-USG:launched_at': storedStamp(world, guest.launchedAtMs),
    'OS-SRV-USG:terminated_at': null,
    ...forAdmin({
      'OS-EXT-SRV-ATTR:host': guest.host,
      'OS-EXT-SRV-ATTR:instance_name': `instance-${guest.number.toString(16).padStart(8, '0')}`,
      'OS-EXT-SRV-ATTR:hypervisor_hostname': guest.host,
      ...since(2003, {
        'OS-EXT-SRV-ATTR:reservation_id': 'r-emulated',
        'OS-EXT-SRV-ATTR:launch_index': 0,
        'OS-EXT-SRV-ATTR:kernel_id': '',
        'OS-EXT-SRV-ATTR:ramdisk_id': '',
        'OS-EXT-SRV-ATTR:root_device_name': '/dev/sda',
        'OS-EXT-SRV-ATTR:user_data': null,
      }),
    }),
    // For everybody from 2.90 on.
    ...(view !== 'shown to a member' ? since(2003, { 'OS-EXT-SRV-ATTR:hostname': guest.name }) : {}),
    ...since(2090, { 'OS-EXT-SRV-ATTR:hostname': guest.name }),
    'OS-EXT-STS:task_state': guest.taskState,
    'OS-EXT-STS:vm_state': guest.vmState,
    'OS-EXT-STS:power_state': guest.powerState,
    'os-extended-volumes:volumes_attached': [],
    ...forAdmin(since(2016, { host_status: host === undefined ? '' : hostStatus(world, host) })),
    ...since(2009, { locked: guest.locked }),
    ...since(2073, { locked_reason: null }),
    ...since(2019, { description: null }),
    ...since(2026, { tags: guest.tags }),
    ...since(2063, { trusted_image_certificates: null }),
    // Seen: the groups are in the view of one server and not in the list.
    ...(view !== 'listed' ? since(2071, { server_groups: [] }) : {}),
  };
}

function hostStatus(world: World, host: Host): string {
  if (host.forcedDown) return 'DOWN';
  if (serviceState(world, host) === 'down') return 'UNKNOWN';
  return host.status === 'disabled' ? 'MAINTENANCE' : 'UP';
}

function faultBody(fault: { readonly message: string; readonly atMs: number }): object {
  return { code: 500, created: zuluStamp(fault.atMs), message: fault.message, details: 'Traceback: left out' };
}

export function migrationBody(world: World, migration: Migration, version: Microversion): object {
  return {
    id: migration.id,
    ...(version >= 2059 ? { uuid: migration.uuid } : {}),
    source_compute: migration.sourceHost,
    dest_compute: migration.targetHost,
    source_node: migration.sourceHost,
    dest_node: migration.targetNode,
    dest_host: migration.targetNode === null ? null : '192.168.0.1',
    old_instance_type_id: null,
    new_instance_type_id: null,
    instance_uuid: migration.instanceId,
    status: migration.status,
    ...(version >= 2023 ? { migration_type: migration.type } : {}),
    ...(version >= 2080 ? { user_id: world.ids.user, project_id: world.ids.project } : {}),
    created_at: storedStamp(world, migration.createdAtMs),
    updated_at: migration.updatedAtMs === undefined ? null : storedStamp(world, migration.updatedAtMs),
  };
}
