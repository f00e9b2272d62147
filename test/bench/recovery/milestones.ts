import type { Exchange } from '../../cloud/proxy/proxy.ts';
import type { Landing } from './watch-instances.ts';

/** Seconds since the failure; null for what did not happen. */
export interface Milestones {
  /** Nova has taken the first forced-down or disabled of the host. */
  readonly keptOut: number | null;
  /** The first evacuate call leaves. */
  readonly firstSent: number | null;
  readonly firstAccepted: number | null;
  readonly lastAccepted: number | null;
  readonly firstRunning: number | null;
  readonly lastRunning: number | null;
  /** The contender itself says that it is over. */
  readonly told: number | null;
}

export const MILESTONES: readonly (keyof Milestones)[] = [
  'keptOut',
  'firstSent',
  'firstAccepted',
  'lastAccepted',
  'firstRunning',
  'lastRunning',
  'told',
];

/** All times on the monotonic clock, in milliseconds. */
export function milestonesOf(
  failedAtMs: number,
  toldAtMs: number | undefined,
  traffic: readonly Exchange[],
  landings: readonly Landing[],
): Milestones {
  const since = (atMs: number | undefined): number | null =>
    atMs === undefined || !Number.isFinite(atMs) ? null : (atMs - failedAtMs) / 1_000;
  const updates = traffic.filter(({ route, status }) => route.startsWith('nova PUT /os-services') && status === 200);
  const evacuates = traffic.filter(isEvacuate);
  const accepted = evacuates.filter(({ status }) => status === 200).map(endOf);
  const running = landings.map(({ runningAtMs }) => runningAtMs ?? Number.POSITIVE_INFINITY);
  return {
    keptOut: since(Math.min(...updates.map(endOf))),
    firstSent: since(Math.min(...evacuates.map(({ atMs }) => atMs))),
    firstAccepted: since(Math.min(...accepted)),
    lastAccepted: since(Math.max(...accepted)),
    firstRunning: since(Math.min(...running)),
    lastRunning: since(Math.max(...running)),
    told: since(toldAtMs),
  };
}

export function isEvacuate({ route }: Exchange): boolean {
  return route.startsWith('nova POST ') && route.endsWith(' evacuate');
}

function endOf({ atMs, tookMs }: Exchange): number {
  return atMs + tookMs;
}
