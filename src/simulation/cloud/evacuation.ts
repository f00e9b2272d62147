import { computeAnswers, drainSpawns, serviceState } from './heartbeat.ts';
import { fits, isKeptApart, takenByHost } from './room.ts';
import { endRuns, startRun } from './world.ts';
import type { EvacuateCall, Guest, Host, Migration, World } from './world.ts';

export interface Refusal {
  readonly status: 400 | 404 | 409;
  readonly message: string;
}

/**
 * The evacuate action with the order of checks that a real Nova showed: target unknown (404), target is the source
 * (400, also for an instance without a host), state (409), source still up (400). What is accepted goes on by itself.
 */
export function evacuate(world: World, guest: Guest, target: string | undefined): Refusal | undefined {
  const refusal = refuse(world, guest, target);
  const rebuilding = guest.taskState?.startsWith('rebuild') === true;
  const call: EvacuateCall = {
    atMs: world.clock.now(),
    instanceId: guest.id,
    sourceHost: guest.host,
    targetHost: target,
    outcome: refusal !== undefined ? 'refused' : rebuilding ? 'wrecks' : 'accepted',
    status: refusal?.status ?? 200,
  };
  world.evacuateCalls.push(call);
  world.watch.evacuateCalled?.(call, guest);
  if (refusal !== undefined) return refusal;
  const migration = recordMigration(world, guest, target);
  if (rebuilding) {
    guest.wrecked = true;
    return undefined;
  }
  guest.taskState = 'rebuilding';
  touch(world, guest);
  world.clock.schedule(world.options.schedulerMs, () => {
    chooseTarget(world, guest, migration, target);
  });
  return undefined;
}

function refuse(world: World, guest: Guest, target: string | undefined): Refusal | undefined {
  if (target !== undefined && findHost(world, target) === undefined) {
    return { status: 404, message: `Compute host ${target} not found.` };
  }
  // Python compares here, and not the database: the source in other letters passes, and finds no valid host.
  if (guest.host === null || target === guest.host) {
    return { status: 400, message: "The target host can't be the same one." };
  }
  if (!['active', 'stopped', 'error'].includes(guest.vmState)) {
    return { status: 409, message: `Cannot 'evacuate' instance ${guest.id} while it is in vm_state ${guest.vmState}` };
  }
  const source = world.hosts.get(guest.host);
  if (source !== undefined && serviceState(world, source) === 'up') {
    return { status: 400, message: `Compute service of ${guest.host} is still in use.` };
  }
  return undefined;
}

/** Nova's database compares host names without regard to case. */
function findHost(world: World, name: string): Host | undefined {
  return world.hosts.get(name) ?? [...world.hosts.values()].find((h) => h.name.toLowerCase() === name.toLowerCase());
}

function recordMigration(world: World, guest: Guest, target: string | undefined): Migration {
  const migration: Migration = {
    id: (world.migrations.at(-1)?.id ?? 0) + 1,
    uuid: world.randomness.uuid(),
    type: 'evacuation',
    instanceId: guest.id,
    sourceHost: guest.host ?? '',
    targetHost: target ?? null,
    targetNode: null,
    status: 'accepted',
    createdAtMs: world.clock.now(),
    updatedAtMs: undefined,
  };
  world.migrations.push(migration);
  return migration;
}

function chooseTarget(world: World, guest: Guest, migration: Migration, target: string | undefined): void {
  const refused = world.faults.takeFate('no-valid-host', guest.id, target ?? guest.host ?? undefined) !== undefined;
  const host = refused ? undefined : pickHost(world, guest, target);
  if (host === undefined) {
    fail(world, guest, migration, 'No valid host was found. There are not enough hosts available.');
    return;
  }
  migration.targetHost = host.name;
  if (world.faults.takeFate('never-finishes', guest.id, host.name) !== undefined) return;
  host.spawnQueue.push(() => {
    spawn(world, guest, migration, host);
  });
  drainSpawns(world, host);
}

/** The least loaded host that Nova believes in. One that is dead and not yet known to be is believed in too. */
export function pickHost(world: World, guest: Guest, target: string | undefined): Host | undefined {
  const guestsOn = new Map<string, number>();
  for (const { host } of world.guests.values()) if (host !== null) guestsOn.set(host, (guestsOn.get(host) ?? 0) + 1);
  const taken = takenByHost(world, guest);
  const wanted = target === undefined ? undefined : findHost(world, target);
  let best: { readonly host: Host; readonly load: number } | undefined;
  for (const host of world.hosts.values()) {
    if (host.name === guest.host || (target !== undefined && host !== wanted)) continue;
    if (host.status === 'disabled' || serviceState(world, host) === 'down') continue;
    if (!fits(host, taken.get(host.name), guest) || isKeptApart(world, guest, host)) continue;
    const load = host.spawnQueue.length + host.spawning + (guestsOn.get(host.name) ?? 0);
    if (isKeptTogether(world, guest, host)) continue;
    if (load < host.capacity && (best === undefined || load < best.load)) best = { host, load };
  }
  return best?.host;
}

/** An affinity group counts the dead host as its place while another member is on it: then no host is valid (seen). */
function isKeptTogether(world: World, guest: Guest, host: Host): boolean {
  return world.groups
    .filter(({ policy, members }) => policy === 'affinity' && members.includes(guest.id))
    .some(({ members }) => members.some((id) => id !== guest.id && isElsewhere(world.guests.get(id), host)));
}

function isElsewhere(member: Guest | undefined, host: Host): boolean {
  return member !== undefined && member.host !== null && member.host !== host.name;
}

function spawn(world: World, guest: Guest, migration: Migration, host: Host): void {
  const started = host.boot;
  host.spawning += 1;
  setMigration(world, migration, 'pre-migrating', host.name);
  guest.taskState = 'rebuild_spawning';
  touch(world, guest);
  const fate = world.faults.takeFate('spawn', guest.id, host.name);
  const spawnMs = fate?.ms ?? guest.spawnMs ?? world.options.spawnMs;
  world.clock.schedule(spawnMs, () => {
    host.spawning -= 1;
    if (computeAnswers(world, host) && host.boot === started) finish(world, guest, migration, host);
    drainSpawns(world, host);
  });
}

function finish(world: World, guest: Guest, migration: Migration, host: Host): void {
  if (guest.wrecked) {
    wreck(world, guest, migration, host);
    return;
  }
  guest.vmState = guest.vmState === 'stopped' ? 'stopped' : 'active';
  guest.taskState = null;
  guest.powerState = guest.vmState === 'stopped' ? 4 : 1;
  guest.fault = undefined;
  guest.launchedAtMs = world.clock.now();
  touch(world, guest);
  if (guest.powerState === 1) startRun(world, guest, host);
  const settle = (): void => {
    guest.host = host.name;
    touch(world, guest);
    setMigration(world, migration, 'done', host.name);
  };
  if (world.options.settleMs === 0) {
    settle();
    return;
  }
  // It is the target's nova-compute that saves it: a dead one saves nothing any more.
  const { boot } = host;
  world.clock.schedule(world.options.settleMs, () => {
    if (computeAnswers(world, host) && host.boot === boot) settle();
  });
}

/** Seen: the first evacuation ends as `done`, the second stays `accepted`, and the instance is stuck for good. */
function wreck(world: World, guest: Guest, migration: Migration, host: Host): void {
  guest.host = host.name;
  guest.vmState = 'error';
  guest.taskState = 'rebuilding';
  guest.powerState = 0;
  touch(world, guest);
  setMigration(world, migration, 'done', host.name);
  endRuns(world, (run) => run.instanceId === guest.id && run.host === host.name);
}

function fail(world: World, guest: Guest, migration: Migration, message: string): void {
  migration.status = 'error';
  migration.updatedAtMs = world.clock.now();
  guest.vmState = 'error';
  guest.taskState = null;
  guest.fault = { message, atMs: world.clock.now() };
  touch(world, guest);
}

function setMigration(world: World, migration: Migration, status: string, targetHost: string): void {
  migration.status = status;
  migration.targetHost = targetHost;
  migration.targetNode = targetHost;
  migration.updatedAtMs = world.clock.now();
}

function touch(world: World, guest: Guest): void {
  guest.updatedAtMs = world.clock.now();
}
