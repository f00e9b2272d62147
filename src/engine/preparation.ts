import type { Instance } from '../openstack/cloud.ts';

/**
 * What has to happen to an instance on the dead host before Nova evacuates it. Nova takes active, stopped and error only
 * (seen: 409 for the others), in any task state.
 */
export type Preparation =
  | { readonly kind: 'none' }
  /** Its last call may still wait for the dead host: Nova's record of it tells. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'reset' }
  /** Confirms its resize, which the source of the resize carries out; a reset when Nova refuses. */
  | { readonly kind: 'confirm' }
  | Leave;

export interface Leave {
  readonly kind: 'leave';
  readonly state: 'skipped' | 'failed';
  readonly reason: string;
}

/**
 * Invariant: an instance whose last call still waits in the message queue of the dead host's nova-compute is not moved,
 * unless that call was seen to do no harm there. Nova carries it out when the host is back, without asking where the
 * instance is by then: a start, a resume or a rescue runs a second copy of it (docs/decisions/0024, measured).
 *
 * `lastCall`: `taken` when nova-compute had begun with it, so that nothing of it is left in the queue.
 */
export function preparationFor(instance: Instance, lastCall: 'taken' | 'unknown'): Preparation {
  const resting = RESTING[instance.vmState];
  if (resting !== undefined) return resting;
  if (instance.taskState !== undefined && lastCall === 'unknown' && !HARMLESS.test(instance.taskState)) {
    return { kind: 'ask' };
  }
  switch (instance.vmState) {
    case 'active':
    case 'stopped':
    case 'error':
      return { kind: 'none' };
    case 'paused':
    case 'suspended':
    case 'rescued':
      return { kind: 'reset' };
    case 'resized':
      return { kind: 'confirm' };
    default:
      return leave('failed', `it is ${instance.vmState}; Nova does not evacuate it in this state`);
  }
}

/** For an instance whose last call still waits for nova-compute of the dead host. */
export function leaveForItsQueue(instance: Instance, action: string, host: string): Leave {
  const state = WANTED_AT_REST.test(instance.taskState ?? '') ? 'skipped' : 'failed';
  const remedy = `to move it before, purge the message queue compute.${host} while nova-compute of ${host} is off, then openstack server set --state error ${instance.id}; openstack server evacuate ${instance.id}`;
  return leave(
    state,
    `its ${action} waits in the queue of nova-compute on ${host}, which carries it out when it is back, also on an instance that has moved; ${remedy}`,
  );
}

/**
 * Task states of calls that an old host was seen to carry out without harm to an instance that had moved: Nova compares
 * the task state first, or finds no guest.
 */
const HARMLESS = /^(pausing|reboot|image_)/;

/** What their owner asked for was that they do not run; on the dead host they do not. */
const WANTED_AT_REST = /^(powering-off|suspending|shelving)/;

/** Nothing of them runs, and Nova could not bring them up elsewhere without a loss. */
const RESTING: Readonly<Record<string, Leave>> = {
  shelved: leave(
    'skipped',
    'it is shelved: its snapshot is in Glance, nothing of it runs; evacuated, it would be shelved from an empty disk',
  ),
  'soft-delete': leave('skipped', 'it is soft-deleted'),
  building: leave(
    'failed',
    'it was still being built and never ran: Nova does not evacuate it; delete it and create it again',
  ),
};

function leave(state: Leave['state'], reason: string): Leave {
  return { kind: 'leave', state, reason };
}
