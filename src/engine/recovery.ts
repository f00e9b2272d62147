import type { Hold } from '../bridge/verdict.ts';
import type { Proof } from '../bridge/proof.ts';
import type { Orders } from './orders.ts';

/** The states of a recovery, each in one sentence. `transition` is the only way from one to another. */
export const RECOVERY_STATES = {
  accepted: 'is on disk; nothing has been done yet',
  isolating: 'Nova is being told that the host is down',
  evacuating: 'its instances are on their way to other hosts',
  held: 'waits on purpose; the hold says for what',
  recovered:
    'every instance that should run was seen running elsewhere; the host is kept out until it is back and clean',
  failed:
    'at least one instance could not be moved, and its move says why; the host is kept out until it is back and clean',
  released: 'the host is back and clean and may run instances again',
  superseded: 'a later failure of the same host, or somebody else, took over',
} as const;

export type RecoveryState = keyof typeof RECOVERY_STATES;

const NEXT: Readonly<Record<RecoveryState, readonly RecoveryState[]>> = {
  accepted: ['isolating', 'held', 'recovered', 'failed', 'superseded'],
  isolating: ['evacuating', 'held', 'recovered', 'failed', 'superseded'],
  evacuating: ['held', 'recovered', 'failed', 'superseded'],
  held: ['accepted', 'isolating', 'evacuating', 'recovered', 'failed', 'superseded'],
  recovered: ['released', 'superseded', 'evacuating'],
  failed: ['released', 'superseded', 'evacuating'],
  released: [],
  superseded: [],
};

/** The engine's work on one lost host. Times are milliseconds since the epoch. */
export interface Recovery {
  readonly id: string;
  readonly notificationId: string;
  readonly host: string;
  readonly node: string;
  readonly state: RecoveryState;
  /** Only while `held`. */
  readonly hold: Hold | undefined;
  /** Where a held recovery goes on. */
  readonly resumeTo: RecoveryState | undefined;
  readonly reason: string | undefined;
  readonly proof: Proof;
  readonly lostSinceMs: number;
  readonly isolation: Isolation | undefined;
  readonly orders: Orders;
  readonly createdAtMs: number;
  readonly firstAcceptedAtMs: number | undefined;
  /** When the last move ended. */
  readonly endedAtMs: number | undefined;
  readonly releasedAtMs: number | undefined;
}

/** What we changed on the host's compute service, and what it was, so that the release gives back the same. */
export interface Isolation {
  readonly serviceId: string;
  readonly wasDisabled: boolean;
  /** Nova's updated_at as our own last PUT answered it: an advance past it is a sign of life (S9). */
  readonly baselineUpdatedAtMs: number | undefined;
  readonly baselineReadAtMs: number;
  /** When a heartbeat after the fencing was certain. Outlives the engine: only a new fencing takes it back (S9). */
  readonly aliveSinceMs?: number | undefined;
}

/**
 * What a new failure of the same host takes over: what to give back in the end. What was heard of nova-compute belongs to
 * the former fencing; between the two the host may well have been alive.
 */
export function isolationAfter(former: Recovery | undefined, now: number): Isolation | undefined {
  if (former?.isolation === undefined) return undefined;
  const { serviceId, wasDisabled } = former.isolation;
  return { serviceId, wasDisabled, baselineUpdatedAtMs: undefined, baselineReadAtMs: now };
}

/** Still has work to do on instances. */
export function isUnfinished(recovery: Recovery): boolean {
  return (['accepted', 'isolating', 'evacuating', 'held'] as readonly RecoveryState[]).includes(recovery.state);
}

/** The host is (to be) kept out of Nova on behalf of this recovery. */
export function keepsOut(recovery: Recovery): boolean {
  return isUnfinished(recovery) || recovery.state === 'recovered' || recovery.state === 'failed';
}

/** Once begun, a recovery goes on, whatever else is lost (S7). What an older version began has no word of it. */
export function hasBegun(recovery: Recovery): boolean {
  return recovery.orders.admitted !== undefined || recovery.firstAcceptedAtMs !== undefined;
}

export interface Change {
  readonly state: RecoveryState;
  readonly hold?: Hold;
  readonly reason?: string;
  readonly atMs: number;
}

/** The recovery after the change. Throws when the table does not allow the step: that is a defect of ours. */
export function transition(recovery: Recovery, change: Change): Recovery {
  if (!NEXT[recovery.state].includes(change.state)) {
    throw new Error(`recovery ${recovery.id} of ${recovery.host} cannot go from ${recovery.state} to ${change.state}`);
  }
  const held = change.state === 'held';
  return {
    ...recovery,
    state: change.state,
    hold: held ? change.hold : undefined,
    resumeTo: held ? recovery.state : undefined,
    reason: change.reason ?? (held ? change.hold?.reason : undefined),
    endedAtMs: change.state === 'recovered' || change.state === 'failed' ? change.atMs : recovery.endedAtMs,
    releasedAtMs: change.state === 'released' ? change.atMs : recovery.releasedAtMs,
  };
}
