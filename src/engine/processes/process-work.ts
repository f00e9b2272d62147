/** How far the answer to one report of a process is; on disk before each call. Times are milliseconds since the epoch. */
export interface ProcessWork {
  /** `calling`: a change of the service was sent, or is about to be. */
  readonly step: 'looking' | 'calling';
  readonly sinceMs: number;
  /** Calls so far. */
  readonly tries: number;
}

export function newProcessWork(now: number): ProcessWork {
  return { step: 'looking', sinceMs: now, tries: 0 };
}

/** What the store holds; anything else begins anew, which is safe: Nova's list of services is read before each call. */
export function readProcessWork(text: string | undefined, now: number): ProcessWork {
  if (text === undefined) return newProcessWork(now);
  try {
    const found = JSON.parse(text) as Partial<ProcessWork> | null;
    const isKnown = found?.step === 'looking' || found?.step === 'calling';
    if (!isKnown || typeof found.sinceMs !== 'number' || typeof found.tries !== 'number') return newProcessWork(now);
    return found as ProcessWork;
  } catch {
    return newProcessWork(now);
  }
}
