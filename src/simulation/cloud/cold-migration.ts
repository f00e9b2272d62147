import { conflict, recordAction } from './action-record.ts';
import { novaError, type Answer } from './answer.ts';
import { pickHost } from './evacuation.ts';
import { computeAnswers, serviceState } from './heartbeat.ts';
import { endRuns, startRun, type Guest, type GuestAction, type Host, type Migration, type World } from './world.ts';

/** How long nova-compute needs for what copies nothing. */
const CARRY_OUT_MS = 15;

/**
 * The migrate action as Nova 26.2.2 has it (compute/api.py resize, conductor/tasks/migrate.py, compute/manager.py): the
 * conductor chooses a host, the target prepares, the source copies the disks and names the target as the host, and the
 * target finishes. The instance is `resized` then, as it was before or running, until the resize is confirmed.
 */
export function migrate(world: World, guest: Guest, by?: GuestAction['by']): Answer {
  if (!['active', 'stopped'].includes(guest.vmState)) return conflict(guest, 'migrate', 'vm_state', guest.vmState);
  if (guest.taskState !== null) return conflict(guest, 'migrate', 'task_state', guest.taskState);
  const source = guest.host === null ? undefined : world.hosts.get(guest.host);
  if (source === undefined || serviceState(world, source) === 'down') return unavailable();
  guest.taskState = 'resize_prep';
  touch(world, guest);
  const action = recordAction(world, guest, 'migrate', by);
  world.clock.schedule(world.options.schedulerMs, () => {
    choose(world, guest, source, action);
  });
  return { status: 202 };
}

export function confirmResize(world: World, guest: Guest, by?: GuestAction['by']): Answer {
  if (guest.vmState !== 'resized') return conflict(guest, 'confirmResize', 'vm_state', guest.vmState);
  if (guest.taskState !== null) return conflict(guest, 'confirmResize', 'task_state', guest.taskState);
  // One is under way: its record is `confirming`, and Nova looks for a `finished` one before it looks at the host.
  if (guest.actions.at(-1)?.name === 'confirmResize') return novaError(400, 'Instance has not been resized.');
  const source = guest.resizedFrom === undefined ? undefined : world.hosts.get(guest.resizedFrom);
  if (source === undefined || serviceState(world, source) === 'down') return unavailable();
  const action = recordAction(world, guest, 'confirmResize', by);
  const migration = world.migrations.findLast(
    ({ instanceId, status }) => instanceId === guest.id && status === 'finished',
  );
  if (migration !== undefined) setStatus(world, migration, 'confirming');
  if (!computeAnswers(world, source)) {
    action.queuedFor = source.name;
    return { status: 204 };
  }
  world.clock.schedule(CARRY_OUT_MS, () => {
    if (computeAnswers(world, source)) finishConfirmation(world, guest);
    else action.queuedFor = source.name;
  });
  return { status: 204 };
}

/**
 * Of a source whose nova-compute was away: a confirmation is carried out, a migration is refused, which leaves the
 * instance in error (seen on 26.2.2). Answers whether it was one of them.
 */
export function carryOutLate(world: World, guest: Guest, { name }: GuestAction): boolean {
  if (name === 'confirmResize' && guest.vmState === 'resized') finishConfirmation(world, guest);
  if (name === 'migrate') {
    guest.vmState = 'error';
    guest.taskState = 'resize_migrating';
    touch(world, guest);
  }
  return name === 'confirmResize' || name === 'migrate';
}

/** What a nova-compute that starts does about migrations that its end has cut off: they are taken back. */
export function takeBack(world: World, host: Host): void {
  for (const guest of world.guests.values()) {
    const wasCutOff = guest.taskState === 'resize_prep' || guest.taskState === 'resize_migrating';
    if (guest.host !== host.name || !wasCutOff) continue;
    guest.taskState = null;
    touch(world, guest);
  }
}

function choose(world: World, guest: Guest, source: Host, action: GuestAction): void {
  if (guest.taskState !== 'resize_prep' || guest.host !== source.name) return;
  const isRefused = world.faults.takeFate('no-valid-host', guest.id, source.name) !== undefined;
  const target = isRefused ? undefined : pickHost(world, guest, undefined);
  const migration = recordMigration(world, guest, source, target);
  if (target === undefined) {
    const failure = 'No valid host was found. No valid host found for cold migrate';
    action.begun.push({ event: 'cold_migrate', host: 'conductor', failure });
    setStatus(world, migration, 'error');
    guest.taskState = null;
    touch(world, guest);
    return;
  }
  action.begun.push({ event: 'cold_migrate', host: 'conductor' });
  const isStuck = world.faults.takeFate('never-finishes', guest.id, target.name) !== undefined;
  if (isStuck || !computeAnswers(world, target)) return;
  action.begun.push({ event: 'compute_prep_resize', host: target.name });
  copy(world, guest, { source, target, migration, action });
}

interface Course {
  readonly source: Host;
  readonly target: Host;
  readonly migration: Migration;
  readonly action: GuestAction;
}

function copy(world: World, guest: Guest, course: Course): void {
  const { action, migration, source, target } = course;
  if (!computeAnswers(world, source)) {
    action.queuedFor = source.name;
    return;
  }
  action.begun.push({ event: 'compute_resize_instance', host: source.name });
  setStatus(world, migration, 'migrating');
  guest.taskState = 'resize_migrating';
  touch(world, guest);
  endRuns(world, (run) => run.instanceId === guest.id);
  const { boot } = source;
  const fate = world.faults.takeFate('spawn', guest.id, target.name);
  world.clock.schedule(fate?.ms ?? guest.spawnMs ?? world.options.spawnMs, () => {
    if (!computeAnswers(world, source) || source.boot !== boot || guest.taskState !== 'resize_migrating') return;
    guest.host = target.name;
    guest.taskState = 'resize_migrated';
    touch(world, guest);
    setStatus(world, migration, 'post-migrating');
    world.clock.schedule(CARRY_OUT_MS, () => {
      finish(world, guest, course);
    });
  });
}

function finish(world: World, guest: Guest, { action, migration, source, target }: Course): void {
  if (!computeAnswers(world, target) || guest.taskState !== 'resize_migrated') return;
  action.begun.push({ event: 'compute_finish_resize', host: target.name });
  const runs = guest.vmState === 'active';
  guest.vmState = 'resized';
  guest.taskState = null;
  guest.powerState = runs ? 1 : 4;
  guest.resizedFrom = source.name;
  guest.launchedAtMs = world.clock.now();
  touch(world, guest);
  setStatus(world, migration, 'finished');
  if (runs) startRun(world, guest, target);
}

function finishConfirmation(world: World, guest: Guest): void {
  guest.vmState = guest.powerState === 4 ? 'stopped' : 'active';
  guest.resizedFrom = undefined;
  touch(world, guest);
  for (const migration of world.migrations) {
    const isOfIt = migration.instanceId === guest.id && migration.status === 'confirming';
    if (isOfIt) setStatus(world, migration, 'confirmed');
  }
}

function recordMigration(world: World, guest: Guest, source: Host, target: Host | undefined): Migration {
  const migration: Migration = {
    id: (world.migrations.at(-1)?.id ?? 0) + 1,
    uuid: world.randomness.uuid(),
    type: 'migration',
    instanceId: guest.id,
    sourceHost: source.name,
    targetHost: target?.name ?? null,
    targetNode: target?.name ?? null,
    status: 'pre-migrating',
    createdAtMs: world.clock.now(),
    updatedAtMs: undefined,
  };
  world.migrations.push(migration);
  return migration;
}

function setStatus(world: World, migration: Migration, status: string): void {
  migration.status = status;
  migration.updatedAtMs = world.clock.now();
}

function unavailable(): Answer {
  return novaError(409, 'Service is unavailable at this time.');
}

function touch(world: World, guest: Guest): void {
  guest.updatedAtMs = world.clock.now();
}
