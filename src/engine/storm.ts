/** A host that was lost, as the storm guard counts it: once, however often it was. */
export interface Loss {
  readonly host: string;
  /** `suspected`: lost at this moment and not proven down; it counts for as long as that lasts. */
  readonly kind: 'proven' | 'suspected';
  /** When it was proven down, or lost; milliseconds since the epoch. */
  readonly atMs: number;
}

export interface StormLimits {
  readonly windowMs: number;
  /** How long the limits must have been kept before what was held begins by itself. */
  readonly coolDownMs: number;
  readonly cluster: Allowance;
  /** For each segment by itself. */
  readonly segment: Allowance;
}

/** How many hosts may be lost within the window: the smaller of the two, and never fewer than one. */
export interface Allowance {
  readonly hosts: number;
  readonly percent: number;
}

export interface StormView {
  readonly losses: readonly Loss[];
  /** Every host of the cluster, lost or not. */
  readonly hosts: readonly string[];
  readonly segmentOf: SegmentOf;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** By the clock that does not jump. */
  readonly monotonicMs: number;
}

/** Undefined: of no segment; then only the limits of the whole cluster count for it. */
export type SegmentOf = (host: string) => string | undefined;

/** By the name of the segment; the whole cluster is WHOLE. */
export type Storms = ReadonlyMap<string, Storm>;

/** What no segment is called. */
export const WHOLE = '';

export interface Storm {
  /** Undefined: a former engine has counted. */
  readonly count: StormCount | undefined;
  /** Since when the limit is kept again, by the clock that does not jump; undefined while it is exceeded. */
  readonly calmSinceMs: number | undefined;
}

export interface StormCount {
  /** How many hosts were lost within the window when the limit was exceeded last. */
  readonly lost: number;
  /** Of them, not proven down. */
  readonly suspected: number;
  /** How many hosts there are. */
  readonly of: number;
  readonly allowed: number;
}

/**
 * Where a storm is at this moment. Invariant (S7): a segment, or the whole, is in this answer from the moment at which more
 * of its hosts were lost within the window than it allows, and until that has not been so for the whole cool-down. One
 * host is never a storm. What is lost and not yet proven down counts, so that a rack that is fenced one by one is held
 * whole. A host that nobody decides about (no quorum, S2; left alone, S8) is no loss: the caller leaves it out.
 */
export function weighStorm(before: Storms, view: StormView, limits: StormLimits): Storms {
  const recent = view.losses.filter(({ kind, atMs }) => kind === 'suspected' || atMs > view.now - limits.windowMs);
  const hostsIn = countBy(view.hosts, view.segmentOf);
  const storms = new Map<string, Storm>();
  for (const [scope, of] of hostsIn) {
    const allowance = scope === WHOLE ? limits.cluster : limits.segment;
    const lost = recent.filter(({ host }) => scope === WHOLE || view.segmentOf(host) === scope);
    const storm = stormIn(lost, of, allowance) ?? calmer(before.get(scope), view.monotonicMs, limits);
    if (storm !== undefined) storms.set(scope, storm);
  }
  return storms;
}

/** The storm that keeps a recovery of the host from beginning. */
export function stormOver(host: string, storms: Storms, segmentOf: SegmentOf): Storm | undefined {
  return storms.get(WHOLE) ?? storms.get(segmentOf(host) ?? WHOLE);
}

function stormIn(lost: readonly Loss[], of: number, { hosts, percent }: Allowance): Storm | undefined {
  const allowed = Math.max(1, Math.min(hosts, Math.floor((of * percent) / 100)));
  if (lost.length <= allowed) return undefined;
  const suspected = lost.filter(({ kind }) => kind === 'suspected').length;
  return { count: { lost: lost.length, suspected, of, allowed }, calmSinceMs: undefined };
}

/** The limit is kept now: what becomes of a storm of before. */
function calmer(before: Storm | undefined, monotonicMs: number, { coolDownMs }: StormLimits): Storm | undefined {
  if (before === undefined) return undefined;
  const calmSinceMs = before.calmSinceMs ?? monotonicMs;
  return monotonicMs - calmSinceMs >= coolDownMs ? undefined : { ...before, calmSinceMs };
}

/** How many hosts there are in the whole and in each segment. */
function countBy(hosts: readonly string[], segmentOf: SegmentOf): ReadonlyMap<string, number> {
  const counts = new Map([[WHOLE, hosts.length]]);
  for (const host of hosts) {
    const segment = segmentOf(host);
    if (segment !== undefined && segment !== WHOLE) counts.set(segment, (counts.get(segment) ?? 0) + 1);
  }
  return counts;
}
