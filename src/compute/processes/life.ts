import type { Observation } from './observation.ts';
import type { ProcessLimits, RestartLimits } from './limits.ts';

/** What is known of a process from one look to the next. Times with `since` are of the clock that does not jump, ms. */
export interface ProcessLife {
  /** What the engine was told last; `STARTED` when it was told nothing. */
  readonly told: 'STARTED' | 'STOPPED';
  /** Since when it is seen running at each look. */
  readonly runsSinceMs: number | undefined;
  /** Since when it has not run for long enough to be well. */
  readonly downSinceMs: number | undefined;
  readonly failedSinceMs: number | undefined;
  /** Our restarts, milliseconds since the epoch, oldest first. */
  readonly restartsAtMs: readonly number[];
}

export const NEW_LIFE: ProcessLife = {
  told: 'STARTED',
  runsSinceMs: undefined,
  downSinceMs: undefined,
  failedSinceMs: undefined,
  restartsAtMs: [],
};

/** What could not be looked at is tried again after so long. */
const BLIND_MS = 5_000;

export type Deed =
  | { readonly kind: 'tell'; readonly event: 'STARTED' | 'STOPPED'; readonly sentence: string }
  | { readonly kind: 'restart'; readonly attempt: number }
  | { readonly kind: 'give up'; readonly attempts: number };

export interface Judgement {
  readonly life: ProcessLife;
  readonly deed: Deed | undefined;
  /** When there is something to judge again though nothing happens, ms from now. */
  readonly againInMs: number | undefined;
}

export interface Moment {
  /** By the clock that does not jump, ms. */
  readonly monotonicMs: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/**
 * One look at one process. Invariant: a failure that lasts is told once, whatever was told, seen or forgotten before; and that it runs
 * again only after it was told, when it has run for long enough. A look that saw nothing changes neither.
 */
export function judgeLife(
  life: ProcessLife,
  observation: Observation,
  moment: Moment,
  limits: ProcessLimits,
  settleMs: number,
): Judgement {
  const { monotonicMs: now } = moment;
  switch (observation.kind) {
    case 'unknown':
      // Nobody saw it meanwhile: what was a matter of seconds begins anew.
      return { life: unseen(life), deed: undefined, againInMs: BLIND_MS };
    case 'runs':
      return judgeRunning({ ...life, failedSinceMs: undefined, runsSinceMs: life.runsSinceMs ?? now }, now, limits);
    case 'stopped':
    case 'absent':
      return quiet(unseen(life));
    case 'between': {
      const down = { ...life, runsSinceMs: undefined, failedSinceMs: undefined, downSinceMs: life.downSinceMs ?? now };
      return judgeBetween(down, observation.sentence, now, limits);
    }
    case 'failed': {
      const downSinceMs = life.downSinceMs ?? now;
      const failedSinceMs = life.failedSinceMs ?? now;
      const failed = { ...life, runsSinceMs: undefined, downSinceMs, failedSinceMs };
      if (life.told === 'STOPPED') return judgeRestart(failed, failedSinceMs, moment, limits.restarts);
      if (now - failedSinceMs < settleMs)
        return { life: failed, deed: undefined, againInMs: failedSinceMs + settleMs - now };
      return tell(failed, 'STOPPED', observation.sentence, limits.restarts);
    }
  }
}

function judgeRunning(life: ProcessLife, now: number, limits: ProcessLimits): Judgement {
  const leftMs = (life.runsSinceMs ?? now) + limits.steadyMs - now;
  if (leftMs > 0) {
    const isNews = life.told === 'STOPPED' || life.downSinceMs !== undefined;
    return { life, deed: undefined, againInMs: isNews ? leftMs : undefined };
  }
  const well = { ...life, downSinceMs: undefined };
  return life.told === 'STARTED' ? quiet(well) : tell(well, 'STARTED', 'it runs again', limits.restarts);
}

function judgeBetween(life: ProcessLife, sentence: string, now: number, limits: ProcessLimits): Judgement {
  if (life.told === 'STOPPED') return quiet(life);
  const { patienceMs } = limits;
  const downMs = now - (life.downSinceMs ?? now);
  if (downMs < patienceMs) return { life, deed: undefined, againInMs: patienceMs - downMs };
  return tell(life, 'STOPPED', `${sentence}, and it was not well for ${Math.round(downMs / 1000)} s`, limits.restarts);
}

/** Told already: whether it is time to restart it. */
function judgeRestart(
  life: ProcessLife,
  failedSinceMs: number,
  { monotonicMs, nowMs }: Moment,
  { attempts, firstMs, windowMs }: RestartLimits,
): Judgement {
  if (attempts === 0) return quiet(life);
  // One that lies ahead was written before the clock was set back.
  const recent = life.restartsAtMs.filter((atMs) => atMs <= nowMs && nowMs - atMs < windowMs);
  const kept = { ...life, restartsAtMs: recent };
  const [oldest] = recent;
  if (recent.length >= attempts && oldest !== undefined) {
    const againInMs = oldest + windowMs - nowMs;
    return { life: kept, deed: { kind: 'give up', attempts: recent.length }, againInMs };
  }
  const sinceMs = Math.min(monotonicMs - failedSinceMs, nowMs - (recent.at(-1) ?? 0));
  const leftMs = firstMs * 2 ** Math.min(16, recent.length) - sinceMs;
  if (leftMs > 0) return { life: kept, deed: undefined, againInMs: leftMs };
  const restarted = { ...kept, failedSinceMs: undefined, restartsAtMs: [...recent, nowMs] };
  return { life: restarted, deed: { kind: 'restart', attempt: recent.length + 1 }, againInMs: undefined };
}

function unseen(life: ProcessLife): ProcessLife {
  return { ...life, runsSinceMs: undefined, downSinceMs: undefined, failedSinceMs: undefined };
}

function quiet(life: ProcessLife): Judgement {
  return { life, deed: undefined, againInMs: undefined };
}

function tell(
  life: ProcessLife,
  event: 'STARTED' | 'STOPPED',
  sentence: string,
  { attempts, firstMs }: RestartLimits,
): Judgement {
  const againInMs = event === 'STOPPED' && attempts > 0 ? firstMs : undefined;
  return { life: { ...life, told: event }, deed: { kind: 'tell', event, sentence }, againInMs };
}
