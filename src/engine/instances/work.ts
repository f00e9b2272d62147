/** How far the recovery of one instance is; on disk before each call. Times are milliseconds since the epoch. */
export interface InstanceWork {
  /** All but `looking`: the call was sent, or is about to be. */
  readonly step: InstanceStep;
  readonly sinceMs: number;
  /** Calls of this step so far. */
  readonly tries: number;
  /** When it was begun to be started anew; undefined before. */
  readonly restartedAtMs?: number;
  /** Where it is now, after the recovery of its host or a migration has moved it; undefined: where the report came from. */
  readonly host?: string;
  /** What Nova answered to the last call of this step, when it refused it. */
  readonly refusal?: string | undefined;
  /** It is started on another host, because it was restarted too often where it was. */
  readonly migration?: InstanceMigration;
}

const STEPS = ['looking', 'stopping', 'migrating', 'confirming', 'starting'] as const;

export type InstanceStep = (typeof STEPS)[number];

export interface InstanceMigration {
  readonly from: string;
  /** When it was decided on, milliseconds since the epoch; it counts from then on. */
  readonly atMs: number;
  /** The request of Nova's newest action before our first call; undefined: there was none. */
  readonly after?: string | undefined;
}

export function newWork(now: number): InstanceWork {
  return { step: 'looking', sinceMs: now, tries: 0 };
}

/** It is at the mercy of a migration: where it is depends on how far that has come. */
export function isMigrating({ step }: InstanceWork): boolean {
  return step === 'migrating' || step === 'confirming';
}

/**
 * Of an instance that we had stopped, or were about to, when its host died: the recovery of the host has brought it to this one as
 * Nova had it, and there it is started, unless it runs.
 */
export function handedOver(work: InstanceWork, host: string): InstanceWork {
  return { ...work, step: 'starting', host, tries: 0 };
}

/** As if its last call had not been made. */
export function uncounted(work: InstanceWork): InstanceWork {
  return { ...work, tries: Math.max(0, work.tries - 1) };
}

/** What the store holds; anything else begins anew, which is safe: Nova is asked before each call. */
export function readWork(text: string | undefined, now: number): InstanceWork {
  if (text === undefined) return newWork(now);
  try {
    const found = JSON.parse(text) as Partial<InstanceWork> | null;
    if (found?.step === undefined || !STEPS.includes(found.step)) return newWork(now);
    if (typeof found.sinceMs !== 'number' || typeof found.tries !== 'number') return newWork(now);
    if (found.host !== undefined && typeof found.host !== 'string') return newWork(now);
    if (found.migration === undefined ? isMigrating(found as InstanceWork) : !isSound(found.migration)) {
      return newWork(now);
    }
    return found as InstanceWork;
  } catch {
    return newWork(now);
  }
}

function isSound(migration: unknown): boolean {
  if (typeof migration !== 'object' || migration === null) return false;
  const { after, atMs, from } = migration as Partial<InstanceMigration>;
  return typeof from === 'string' && typeof atMs === 'number' && ['string', 'undefined'].includes(typeof after);
}
