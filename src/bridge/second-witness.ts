/** Nova's default for service_down_time: six missed reports of 10 s each. */
export const DEFAULT_SILENCE_MS = 60_000;

/** Without a baseline two clocks are compared (the fencer's and Nova's): an updated_at this much newer is an advance. */
const CLOCK_SLACK_MS = 5_000;

/** One forward step of a service's updated_at that no PUT of ours explains. */
export interface Advance {
  /** Nova's updated_at after the step. */
  readonly updatedAtMs: number;
  /** When we read it, by our clock. */
  readonly seenAtMs: number;
}

export interface HeartbeatQuestion {
  /** Completion of the fencing that is in doubt. */
  readonly fencedAtMs: number;
  /** updated_at as the answer to our own last PUT gave it; undefined when we have not written yet. */
  readonly baseline: { readonly updatedAtMs: number; readonly readAtMs: number } | undefined;
  /** `advances` of the last judgement for this fencing; empty at first. */
  readonly previousAdvances: readonly Advance[];
  /** The compute service as Nova shows it now (a ComputeService will do). */
  readonly service: { readonly updatedAtMs: number | undefined };
  readonly now: number;
  readonly silenceMs?: number;
}

export type HeartbeatJudgement =
  | { readonly kind: 'silent'; readonly advances: readonly Advance[] }
  | { readonly kind: 'beating'; readonly sinceMs: number; readonly advances: readonly Advance[] };

/**
 * Invariant (S9): `silent` is said only while nothing but single writes, each at least `silenceMs` from the next, moved
 * updated_at since the fencing.
 *
 * Nova moves updated_at with each report of nova-compute (every 10 s) and also with a PUT on the service. So our own last
 * PUT is the baseline, every advance past it is a sign of life, and one that stays alone for `silenceMs` was somebody's
 * write. Two advances within `silenceMs` are a heartbeat, and stay one: a heart that stops later proves nothing, for a cut
 * network looks the same. Only a new fencing, judged with no previous advances, starts afresh.
 */
export function judgeHeartbeat(question: HeartbeatQuestion): HeartbeatJudgement {
  const silenceMs = question.silenceMs ?? DEFAULT_SILENCE_MS;
  const advances = withNewAdvance(question);
  const heartbeat = firstPairWithin(advances, silenceMs);
  if (heartbeat !== undefined) return { kind: 'beating', sinceMs: heartbeat.seenAtMs, advances };

  const newest = advances.at(-1);
  // A clock that jumped back leaves `seenAtMs` in the future: not silent yet.
  if (newest === undefined || question.now - newest.seenAtMs >= silenceMs) return { kind: 'silent', advances };
  return { kind: 'beating', sinceMs: newest.seenAtMs, advances };
}

function withNewAdvance(question: HeartbeatQuestion): readonly Advance[] {
  const { previousAdvances, service, now } = question;
  const floorMs = question.baseline?.updatedAtMs ?? question.fencedAtMs + CLOCK_SLACK_MS;
  const knownMs = Math.max(floorMs, ...previousAdvances.slice(-1).map((advance) => advance.updatedAtMs));
  if (service.updatedAtMs === undefined || service.updatedAtMs <= knownMs) return previousAdvances;
  // Three are enough to tell a heartbeat, and keep what the store carries small.
  return [...previousAdvances, { updatedAtMs: service.updatedAtMs, seenAtMs: now }].slice(-3);
}

/** The first of two advances that are no further apart than `silenceMs`: a heartbeat, and not somebody's write. */
export function firstPairWithin(advances: readonly Advance[], silenceMs: number): Advance | undefined {
  return advances.find((advance, index) => {
    const next = advances[index + 1];
    return next !== undefined && next.updatedAtMs - advance.updatedAtMs <= silenceMs;
  });
}
