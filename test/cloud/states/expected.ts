/** What Lifeboat must make of each state, whatever the microversion. */
export interface Expected {
  readonly ends: string;
  /** Undefined: no move. */
  readonly move: 'done' | 'skipped' | 'failed' | undefined;
  /** Default: one when the move is done, else none. */
  readonly evacuations?: number;
  /** Nova's answer to an evacuate of the instance as it is; default: 200. */
  readonly bare?: 400 | 409;
  /** What the move has to tell; undefined: nothing. */
  readonly tells?: RegExp;
}

/** Evacuations that Nova accepts and that then fail: as many as an engine may try. */
export const ATTEMPTS = 3;

const UNMOVED = 'on the dead host';
const MEMORY_LOST = /^what was in its memory is lost/;
const waitsInQueue = (call: string): RegExp => new RegExp(`^its ${call} waits in the queue of nova-compute on HOST`);
const movedAs = (vmState: string, tells?: RegExp): Expected => ({
  ends: `${vmState} on another host`,
  move: 'done',
  ...(tells && { tells }),
});
const refused = (expected: Expected): Expected => ({ ...expected, bare: 409 });

export const EXPECTED: Readonly<Record<string, Expected>> = {
  active: movedAs('active'),
  stopped: movedAs('stopped'),
  error: movedAs('active'),
  paused: refused(movedAs('paused', MEMORY_LOST)),
  suspended: refused(movedAs('suspended', MEMORY_LOST)),
  rescued: refused(movedAs('rescued', /^it is in rescue again/)),
  shelved: refused({ ends: `shelved ${UNMOVED}`, move: 'skipped', tells: /^it is shelved/ }),
  shelved_offloaded: { ends: 'shelved_offloaded on no host', move: undefined, bare: 400 },
  'soft-delete': refused({ ends: `soft-delete ${UNMOVED}`, move: undefined }),
  'resized, source alive': refused(movedAs('active', /resize can no longer be reverted/)),
  'resized, source dead too': refused(movedAs('active', /resize can no longer be reverted/)),
  'resized, was stopped': refused(movedAs('stopped', /resize can no longer be reverted/)),
  building: refused({ ends: `building, spawning ${UNMOVED}`, move: 'failed', tells: /^it was still being built/ }),
  deleting: { ends: `active, deleting ${UNMOVED}`, move: 'skipped', tells: /^its owner is deleting it/ },
  'powering-off, queued': { ends: `active, powering-off ${UNMOVED}`, move: 'skipped', tells: waitsInQueue('stop') },
  'powering-on, queued': { ends: `stopped, powering-on ${UNMOVED}`, move: 'failed', tells: waitsInQueue('start') },
  'rebooting, queued': movedAs('active'),
  'rebooting_hard, queued': movedAs('active'),
  'pausing, queued': movedAs('paused', MEMORY_LOST),
  'suspending, queued': { ends: `active, suspending ${UNMOVED}`, move: 'skipped', tells: waitsInQueue('suspend') },
  'resuming, queued': refused({
    ends: `suspended, resuming ${UNMOVED}`,
    move: 'failed',
    tells: waitsInQueue('resume'),
  }),
  'rescuing, queued': { ends: `active, rescuing ${UNMOVED}`, move: 'failed', tells: waitsInQueue('rescue') },
  'image_snapshot_pending, queued': movedAs('active'),
  'resize_prep, queued': { ends: `active, resize_prep ${UNMOVED}`, move: 'failed', tells: waitsInQueue('migrate') },
  'powering-off, taken': movedAs('stopped', /^its owner had asked for it to be stopped/),
  'locked by its owner': movedAs('active'),
  'locked by an administrator': movedAs('active'),
  // The filter counts the dead host as the group's, and no other may be chosen.
  'in an affinity group': {
    ends: `error ${UNMOVED}`,
    move: 'failed',
    evacuations: ATTEMPTS,
    tells: /No valid host was found/,
  },
  'in an anti-affinity group': movedAs('active'),
  'pinned to its host': movedAs('active'),
};
