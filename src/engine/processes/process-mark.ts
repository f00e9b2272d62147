import { factsOf, writeMark } from '../mark-text.ts';

/**
 * Our mark in Nova on a host whose process has failed. It alone says that the service is ours to enable again, whichever
 * engine is at work by then; one that an operator has disabled has none.
 */
export interface ProcessMark {
  /** What has failed and was not seen well since; at least one, none twice. */
  readonly processes: readonly string[];
  /** When the first of them was reported; milliseconds since the epoch. */
  readonly sinceMs: number;
}

const KIND = 'process';

export function processMark(host: string, { processes, sinceMs }: ProcessMark): string {
  const what = `${processes.join(' and ')} of ${host} ${processes.length === 1 ? 'has' : 'have'} failed`;
  return writeMark(`${what}, nothing is placed there until that is well`, [KIND, sinceMs, processes.join(',')]);
}

/** Undefined when the reason is none of these. */
export function readProcessMark(disabledReason: string | undefined): ProcessMark | undefined {
  const [kind, since, names, ...more] = factsOf(disabledReason) ?? [];
  if (kind !== KIND || more.length > 0 || !names) return undefined;
  const sinceMs = Number(since);
  return Number.isSafeInteger(sinceMs) ? { processes: [...new Set(names.split(','))], sinceMs } : undefined;
}
