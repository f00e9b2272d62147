import type { Condition, DomainState } from '../libvirt/domain.ts';

/** A guest that runs, as far as we know. */
export interface KnownGuest {
  readonly uuid: string;
  readonly name: string;
  /** Runs, or the event by which it came to stand still: it is told once. */
  readonly condition: 'runs' | Standstill;
}

export type KnownGuests = ReadonlyMap<string, KnownGuest>;

export const STANDSTILLS = [
  'CRASHED_PANICKED',
  'SUSPENDED_IOERROR',
  'SUSPENDED_WATCHDOG',
  'SUSPENDED_API_ERROR',
  'SUSPENDED_POSTCOPY_FAILED',
] as const;

export type Standstill = (typeof STANDSTILLS)[number];

/** VIR_DOMAIN_PAUSED_* that nobody asked for; by all other reasons a guest is paused on purpose. */
const PAUSED_BY: ReadonlyMap<number, Standstill> = new Map([
  [5, 'SUSPENDED_IOERROR'],
  [6, 'SUSPENDED_WATCHDOG'],
  [10, 'CRASHED_PANICKED'],
  [13, 'SUSPENDED_POSTCOPY_FAILED'],
  [14, 'SUSPENDED_API_ERROR'],
]);

/**
 * VIR_DOMAIN_SHUTOFF_*: how a guest ended of which we heard no event. libvirt calls it CRASHED where its event says
 * STOPPED_FAILED (QEMU was killed) and where it says STOPPED_CRASHED (a panic), so the name is the one that every engine
 * knows. UNKNOWN and DAEMON are what a libvirtd says that was not there itself: then somebody must look, and the engine
 * asks Nova.
 */
const OFF_BY = [
  'STOPPED_FAILED',
  'STOPPED_SHUTDOWN',
  'STOPPED_DESTROYED',
  'STOPPED_FAILED',
  'STOPPED_MIGRATED',
  'STOPPED_SAVED',
  'STOPPED_FAILED',
  'STOPPED_FROM_SNAPSHOT',
  'STOPPED_FAILED',
];

const NOT_UP: ReadonlySet<Condition> = new Set(['off', 'no state']);

export function isUp({ condition }: DomainState): boolean {
  return !NOT_UP.has(condition);
}

export function conditionOf({ condition, reason }: DomainState): KnownGuest['condition'] {
  if (condition === 'crashed') return 'CRASHED_PANICKED';
  return condition === 'paused' ? (PAUSED_BY.get(reason) ?? 'runs') : 'runs';
}

/** The detail of the event that we have missed. */
export function endOf({ reason }: DomainState): string {
  return OFF_BY[reason] ?? 'STOPPED_FAILED';
}

export function isStandstill(detail: string): detail is Standstill {
  return STANDSTILLS.some((each) => each === detail);
}
