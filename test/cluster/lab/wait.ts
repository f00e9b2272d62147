import { setTimeout as pause } from 'node:timers/promises';
import { LabError } from './lab-error.ts';

export interface WaitOptions {
  /** Milliseconds from now until the wait fails. */
  readonly deadlineMs: number;
  /** Milliseconds between two looks. Default 100. */
  readonly everyMs?: number;
}

/**
 * Looks until `look` returns something other than undefined or false, and returns that. Throws LabError `timed-out`
 * that names what was waited for. An error thrown by `look` ends the wait at once.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { deadlineMs, everyMs = 100 }: WaitOptions,
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() - startedAt >= deadlineMs) {
      throw new LabError('timed-out', `waited ${deadlineMs} ms in vain for ${what}`);
    }
    await pause(everyMs);
  }
}
