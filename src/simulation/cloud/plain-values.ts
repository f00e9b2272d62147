import type { ComputeService, Evacuation, Instance, RecordedAction } from '../../openstack/cloud.ts';
import { userOf } from './actions.ts';
import { lastBeatMs, serviceState } from './heartbeat.ts';
import { statusOf } from './truth.ts';
import type { Guest, Host, Migration, World } from './world.ts';

/** What the real client makes of Nova's answers, made of the world itself. Times come from columns of whole seconds. */

export function serviceOf(world: World, host: Host): ComputeService {
  const updatedAtMs = Math.max(lastBeatMs(world, host) ?? 0, host.lastPutMs ?? 0);
  return {
    id: host.serviceId,
    host: host.name,
    zone: host.zone,
    status: host.status,
    state: serviceState(world, host),
    forcedDown: host.forcedDown,
    disabledReason: host.disabledReason ?? undefined,
    updatedAtMs: updatedAtMs === 0 ? undefined : stored(world, updatedAtMs),
  };
}

export function instanceOf(guest: Guest): Instance {
  return {
    id: guest.id,
    name: guest.name,
    projectId: guest.projectId,
    status: statusOf(guest),
    vmState: guest.vmState,
    taskState: guest.taskState ?? undefined,
    powerState: guest.powerState,
    host: guest.host ?? undefined,
    metadata: guest.metadata,
    tags: guest.tags,
    fault: guest.fault?.message,
    createdAtMs: Math.floor(guest.createdAtMs / 1000) * 1000,
    flavorSpecs: guest.extraSpecs,
    imageId: guest.imageId,
  };
}

export function evacuationOf(world: World, migration: Migration): Evacuation {
  return {
    id: String(migration.id),
    instanceId: migration.instanceId,
    sourceHost: migration.sourceHost,
    targetHost: migration.targetHost ?? undefined,
    status: migration.status,
    createdAtMs: stored(world, migration.createdAtMs),
    updatedAtMs: migration.updatedAtMs === undefined ? undefined : stored(world, migration.updatedAtMs),
  };
}

/** Written down by Nova's API itself; none of them goes to a compute host. */
const OF_THE_API: readonly string[] = ['lock', 'unlock', 'resetState'];

export function lastActionOf(world: World, guest: Guest): RecordedAction | undefined {
  const newest = guest.actions.findLast(({ name }) => !OF_THE_API.includes(name));
  if (newest === undefined) return undefined;
  const userId = userOf(world, newest.by);
  return {
    requestId: newest.requestId,
    name: newest.name,
    atMs: Math.floor(newest.startedAtMs / 1000) * 1000,
    userId,
    isOwn: userId === world.ids.user,
    failure: newest.begun.findLast(({ failure }) => failure !== undefined)?.failure,
    begun: newest.begun
      .filter(({ event }) => event.startsWith('compute_'))
      .map(({ event, host }) => ({ event, host }))
      .toReversed(),
  };
}

function stored(world: World, ms: number): number {
  const round = world.options.storedSeconds === 'rounded' ? Math.round : Math.floor;
  return round(ms / 1000) * 1000;
}
