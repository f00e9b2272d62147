/** How far the recovery of one instance is; on disk before each call. Times are milliseconds since the epoch. */
export interface InstanceWork {
  /** `stopping` and `starting`: the call was sent, or is about to be. */
  readonly step: 'looking' | 'stopping' | 'starting';
  readonly sinceMs: number;
  /** Calls of this step so far. */
  readonly tries: number;
  /** When it was begun to be started anew; undefined before. */
  readonly restartedAtMs?: number;
  /** Where it is now, after the recovery of its host has moved it; undefined: where the report came from. */
  readonly host?: string;
}

export function newWork(now: number): InstanceWork {
  return { step: 'looking', sinceMs: now, tries: 0 };
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
    const isKnown = found?.step === 'looking' || found?.step === 'stopping' || found?.step === 'starting';
    if (!isKnown || typeof found.sinceMs !== 'number' || typeof found.tries !== 'number') return newWork(now);
    if (found.host !== undefined && typeof found.host !== 'string') return newWork(now);
    return found as InstanceWork;
  } catch {
    return newWork(now);
  }
}
