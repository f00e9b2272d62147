import { endRuns, hexOf, requireHost } from './world.ts';
import type { Host, Run, World } from './world.ts';

/** The last heartbeat in Nova's database. Emulated hosts need no timer: their beats follow from the clock. */
export function lastBeatMs(world: World, host: Host): number | undefined {
  if (host.beats === 'lab' || host.compute !== 'running') return host.lastSeenUpMs;
  const sinceStart = world.clock.now() - host.computeStartedAtMs;
  return world.clock.now() - (sinceStart % world.options.reportIntervalMs);
}

/** Up or down as Nova's servicegroup sees it: by forced_down first, then by the age of the last heartbeat. */
export function serviceState(world: World, host: Host): 'up' | 'down' {
  if (host.forcedDown) return 'down';
  const last = lastBeatMs(world, host);
  return last !== undefined && world.clock.now() - last < world.options.serviceDownTimeMs ? 'up' : 'down';
}

/** Whether a call to its nova-compute would be answered: the truth, not what Nova believes. */
export function computeAnswers(world: World, host: Host): boolean {
  if (host.power === 'off' || host.compute !== 'running') return false;
  if (host.beats === 'emulator') return true;
  return host.lastSeenUpMs !== undefined && world.clock.now() - host.lastSeenUpMs <= world.options.labSilenceMs;
}

/**
 * A heartbeat of the host's nova-compute. `wait`: a restarted one that the gate keeps out; it counts for nothing.
 * `machine` changes when the host was without power meanwhile: none of its guests has survived that.
 */
export function beat(world: World, name: string, boot: string, machine?: string): 'run' | 'wait' {
  const host = requireHost(world, name);
  if (machine !== undefined && machine !== host.machine) {
    if (host.machine !== undefined) endRuns(world, (run) => run.host === name, host.lastSignOfLifeMs);
    host.machine = machine;
  }
  const restarted = host.boot !== boot;
  if (restarted && isKeptOut(world, host)) return 'wait';
  if (restarted) restartCompute(world, host, boot);
  host.power = 'on';
  host.compute = 'running';
  host.lastSeenUpMs = world.clock.now();
  host.lastSignOfLifeMs = world.clock.now();
  drainSpawns(world, host);
  return 'run';
}

/** Design S6: a forced-down host stays out while instances are still placed on it or are on their way from it. */
function isKeptOut(world: World, host: Host): boolean {
  if (!world.options.gate || !host.forcedDown) return false;
  const occupied = [...world.guests.values()].some((guest) => guest.host === host.name);
  const leaving = world.migrations.some(
    ({ sourceHost, status, type }) =>
      type === 'evacuation' && sourceHost === host.name && ['accepted', 'pre-migrating'].includes(status),
  );
  return occupied || leaving;
}

/**
 * What nova-compute does when it starts: guests that were evacuated away are destroyed, and their migrations go from
 * `done` to `completed`, one for each instance at one start. Of a lab's host only its beats are known, so its guests
 * are taken to have run until the last beat of the boot before.
 */
function restartCompute(world: World, host: Host, boot: string): void {
  const goneMs = host.beats === 'lab' ? host.lastSignOfLifeMs : undefined;
  const evacuated = (run: Run): boolean => world.guests.get(run.instanceId)?.host !== host.name;
  endRuns(world, (run) => run.host === host.name && evacuated(run), goneMs);
  const seen = new Set<string>();
  for (const migration of world.migrations) {
    if (migration.sourceHost !== host.name || migration.status !== 'done' || seen.has(migration.instanceId)) continue;
    seen.add(migration.instanceId);
    migration.status = 'completed';
    migration.updatedAtMs = world.clock.now();
  }
  host.boot = boot;
  host.computeStartedAtMs = world.clock.now();
}

/** Cuts the power: nova-compute and every guest of the host are gone at once. */
export function killHost(world: World, name: string): void {
  const host = requireHost(world, name);
  freezeBeats(world, host);
  host.power = 'off';
  host.compute = 'stopped';
  endRuns(world, (run) => run.host === name);
}

/** Cuts the host off the network: no heartbeat any more, and its guests run on. */
export function silenceHost(world: World, name: string): void {
  const host = requireHost(world, name);
  freezeBeats(world, host);
  host.compute = 'silent';
}

/** The network is back: nova-compute, which has run on, is heard again. */
export function hearHost(world: World, name: string): void {
  const host = requireHost(world, name);
  if (host.power === 'off' || host.compute !== 'silent') return;
  host.compute = 'running';
  // Its beats follow from here on: those that nobody heard were never counted.
  host.computeStartedAtMs = world.clock.now();
  drainSpawns(world, host);
}

/** Power on, and nova-compute starts anew, if the gate lets it. */
export function returnHost(world: World, name: string): 'run' | 'wait' {
  requireHost(world, name).power = 'on';
  return beat(world, name, hexOf(world.randomness));
}

function freezeBeats(world: World, host: Host): void {
  host.lastSeenUpMs = lastBeatMs(world, host);
}

export function drainSpawns(world: World, host: Host): void {
  while (host.spawning < world.options.spawnConcurrency && computeAnswers(world, host)) {
    const next = host.spawnQueue.shift();
    if (next === undefined) return;
    next();
  }
}
