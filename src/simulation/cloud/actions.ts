import { createHash } from 'node:crypto';
import { conflict, recordAction } from './action-record.ts';
import { novaError } from './answer.ts';
import type { Answer } from './answer.ts';
import { carryOutLate, confirmResize, migrate, takeBack } from './cold-migration.ts';
import { computeAnswers } from './heartbeat.ts';
import { endRuns, startRun } from './world.ts';
import type { Guest, GuestAction, Host, World } from './world.ts';

interface Verb {
  /** As Nova names it in a refusal and in its record of the action. */
  readonly name: string;
  readonly from: readonly string[];
  readonly taskState: string;
  readonly vmState: string;
  readonly powerState: number;
  readonly status: number;
  /** What nova-compute does when it finds the call in its queue and the instance has moved (seen on 26.2.2 with libvirt's rules). */
  readonly afterAMove: 'runs a second copy' | 'shown as stopped' | 'shown in error' | 'nothing';
}

const START_STATES = ['active', 'stopped', 'error'];

const OS_STOP = verb('stop', ['active', 'error'], 'powering-off', 'stopped', 4, 'shown as stopped');

/** By the key of the action's body. */
const VERBS: Readonly<Record<string, Verb>> = {
  'os-start': verb('start', ['stopped'], 'powering-on', 'active', 1, 'runs a second copy'),
  'os-stop': OS_STOP,
  pause: verb('pause', ['active'], 'pausing', 'paused', 3, 'nothing'),
  suspend: verb('suspend', ['active'], 'suspending', 'suspended', 7, 'shown in error'),
  resume: verb('resume', ['suspended'], 'resuming', 'active', 1, 'runs a second copy'),
  rescue: { ...verb('rescue', START_STATES, 'rescuing', 'rescued', 1, 'runs a second copy'), status: 200 },
};

function verb(
  name: string,
  from: readonly string[],
  taskState: string,
  vmState: string,
  powerState: number,
  afterAMove: Verb['afterAMove'],
): Verb {
  return { name, from, taskState, vmState, powerState, status: 202, afterAMove };
}

/** How long nova-compute needs for one of them. */
const CARRY_OUT_MS = 15;

/** Every action but evacuate; undefined for one that the emulator does not know. `by`: the admin when left out. */
export function actOn(world: World, guest: Guest, body: object, by?: GuestAction['by']): Answer | undefined {
  const key = Object.keys(body)[0] ?? '';
  if (key === 'os-resetState') return resetState(world, guest);
  if (key === 'migrate') return migrate(world, guest, by);
  if (key === 'confirmResize') return confirmResize(world, guest, by);
  const found = VERBS[key];
  return found === undefined ? undefined : order(world, guest, found, by);
}

/**
 * The guest dies by itself, as a killed QEMU does. Nova has it as running until nova-compute hears of it from its hypervisor, which
 * it believes some seconds later, and then stops it by itself.
 */
export function crashGuest(world: World, guest: Guest): void {
  endRuns(world, (run) => run.instanceId === guest.id);
  const diedAtMs = world.clock.now();
  world.clock.schedule(world.options.crashHeardMs, () => {
    const host = guest.host === null ? undefined : world.hosts.get(guest.host);
    const hasStartedSince = world.runs.some(({ fromMs, instanceId }) => instanceId === guest.id && fromMs > diedAtMs);
    if (host === undefined || !computeAnswers(world, host) || hasStartedSince) return;
    if (guest.vmState === 'active' && guest.taskState === null) order(world, guest, OS_STOP, 'nova');
  });
}

/** The order of checks is Nova's: vm_state before task_state. */
function order(world: World, guest: Guest, found: Verb, by?: GuestAction['by']): Answer {
  if (!found.from.includes(guest.vmState)) return conflict(guest, found.name, 'vm_state', guest.vmState);
  if (guest.taskState !== null) return conflict(guest, found.name, 'task_state', guest.taskState);
  guest.taskState = found.taskState;
  guest.updatedAtMs = world.clock.now();
  const action = recordAction(world, guest, found.name, by);
  const host = guest.host === null ? undefined : world.hosts.get(guest.host);
  if (host !== undefined && computeAnswers(world, host)) {
    world.clock.schedule(CARRY_OUT_MS, () => {
      if (computeAnswers(world, host)) carryOut(world, guest, found, host, action);
    });
  }
  const body = found.name === 'rescue' ? { adminPass: 'a secret of the instance' } : undefined;
  return { status: found.status, ...(body && { body }) };
}

function carryOut(world: World, guest: Guest, found: Verb, host: Host, action: GuestAction): void {
  action.begun.push({ event: `compute_${found.name}_instance`, host: host.name });
  guest.vmState = found.vmState;
  guest.taskState = null;
  guest.powerState = found.powerState;
  guest.updatedAtMs = world.clock.now();
  if (found.vmState === 'stopped' || found.vmState === 'suspended')
    endRuns(world, (run) => run.instanceId === guest.id);
  if (found.name === 'start' || found.name === 'resume') startRun(world, guest, host);
}

function resetState(world: World, guest: Guest): Answer {
  recordAction(world, guest, 'resetState');
  guest.vmState = 'error';
  guest.taskState = null;
  guest.updatedAtMs = world.clock.now();
  return { status: 202 };
}

/**
 * What waited for a nova-compute that was away is carried out when it is back, without a question where the instance is
 * by then. What the instance went through since does not matter but to `stop`, `suspend` and the rest as named above.
 */
export function drainQueue(world: World, host: Host): void {
  takeBack(world, host);
  for (const guest of world.guests.values()) {
    for (const action of guest.actions.filter(({ queuedFor }) => queuedFor === host.name)) {
      action.queuedFor = undefined;
      if (carryOutLate(world, guest, action)) continue;
      const found = Object.values(VERBS).find(({ name }) => name === action.name);
      if (found === undefined) continue;
      if (guest.host === host.name) {
        if (guest.taskState === found.taskState) carryOut(world, guest, found, host, action);
        continue;
      }
      action.begun.push({ event: `compute_${found.name}_instance`, host: host.name });
      if (found.afterAMove === 'runs a second copy') startRun(world, guest, host);
      if (found.afterAMove === 'shown as stopped') guest.vmState = 'stopped';
      if (found.afterAMove === 'shown in error') guest.vmState = 'error';
    }
  }
}

export function listActions(world: World, guest: Guest): Answer {
  const instanceActions = guest.actions.toReversed().map((action) => rowOf(world, guest, action));
  return { status: 200, body: { instanceActions } };
}

export function showAction(world: World, guest: Guest, requestId: string): Answer {
  const action = guest.actions.find((each) => each.requestId === requestId);
  if (action === undefined)
    return novaError(404, `Action for request_id ${requestId} on instance ${guest.id} not found`);
  const at = stamp(action.startedAtMs);
  const events = action.begun.toReversed().map(({ event, failure, host }) => {
    const hostId = createHash('sha224').update(`${guest.projectId}${host}`).digest('hex');
    const ended = { start_time: at, finish_time: at, result: failure === undefined ? 'Success' : 'Error' };
    return { event, ...ended, traceback: null, hostId, host, details: failure ?? null };
  });
  return { status: 200, body: { instanceAction: { ...rowOf(world, guest, action), events } } };
}

function rowOf(world: World, guest: Guest, { begun, by, name, requestId, startedAtMs }: GuestAction): object {
  return {
    action: name,
    instance_uuid: guest.id,
    request_id: requestId,
    user_id: userOf(world, by) ?? null,
    project_id: by === 'nova' ? null : guest.projectId,
    start_time: stamp(startedAtMs),
    message: begun.some(({ failure }) => failure !== undefined) ? 'Error' : null,
    updated_at: stamp(startedAtMs),
  };
}

/** Undefined: nova-compute by itself. */
export function userOf(world: World, by: GuestAction['by']): string | undefined {
  if (by === 'nova') return undefined;
  return by === 'somebody' ? SOMEBODY : world.ids.user;
}

const SOMEBODY = '5e'.repeat(16);

/** Whole seconds, with the zeros of their parts. */
function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}.000000`;
}
