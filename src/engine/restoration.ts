import type { Instance, InstanceAction } from '../openstack/cloud.ts';

/** The states in which an instance is to be left on its new host, each in one sentence. */
export const WANTED_STATES = {
  active: 'runs',
  stopped: 'is shut off',
  paused: 'is paused, freshly started: what was in its memory is lost',
  suspended: 'is suspended, freshly started: what was in its memory is lost',
  rescued: 'is in rescue, with a new rescue password',
} as const;

export type WantedState = keyof typeof WANTED_STATES;

/** What its owner had it in, or had asked for: a call that was under way when the host died counts as done. */
export function wantedStateOf(instance: Pick<Instance, 'vmState' | 'taskState' | 'powerState'>): WantedState {
  const asked = ASKED[instance.taskState ?? ''];
  if (asked !== undefined) return asked;
  if (instance.vmState === 'resized') return instance.powerState === SHUT_DOWN ? 'stopped' : 'active';
  return isWantedState(instance.vmState) ? instance.vmState : 'active';
}

export function isWantedState(word: string): word is WantedState {
  return Object.hasOwn(WANTED_STATES, word);
}

/** The call that brings an active instance into the state; a stopped one into `active`. */
export const ACTION_TO: Readonly<Record<WantedState, InstanceAction>> = {
  active: 'start',
  stopped: 'stop',
  paused: 'pause',
  suspended: 'suspend',
  rescued: 'rescue',
};

/** What is lost when an instance arrives in the state after it was in `former`; undefined: nothing that it had. */
export function lossOf(former: string, wanted: WantedState): string | undefined {
  if (former === 'resized') return 'its resize can no longer be reverted';
  switch (wanted) {
    case 'paused':
    case 'suspended':
      return `what was in its memory is lost; it was started anew and is ${wanted} again`;
    case 'rescued':
      return 'it is in rescue again, with a new rescue password and the default rescue image';
    case 'stopped':
    case 'active':
      return undefined;
  }
}

const ASKED: Readonly<Record<string, WantedState>> = {
  'powering-off': 'stopped',
  'powering-on': 'active',
  pausing: 'paused',
  unpausing: 'active',
  suspending: 'suspended',
  resuming: 'active',
  rescuing: 'rescued',
  unrescuing: 'active',
};

const SHUT_DOWN = 4;
