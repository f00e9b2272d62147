import { formatSpan } from './span.ts';
import type { Hold } from '../bridge/verdict.ts';
import type { Failure } from './failure.ts';

export interface FlappingLimits {
  /** This many failures within the window are too many. */
  readonly failures: number;
  readonly windowMs: number;
}

/**
 * Why the host is not given back though it is back and clean: it has failed too often within the window that ends with its
 * newest failure. Time alone does not end that; an operator's word does, and what failed before it counts no more.
 */
export function flappingHold(host: string, failures: readonly Failure[], limits: FlappingLimits): Hold | undefined {
  const ofHost = failures.filter((failure) => failure.host === host);
  const newestMs = Math.max(...ofHost.map(({ atMs }) => atMs));
  const saidMs = Math.max(...ofHost.map(({ acknowledgedAtMs }) => acknowledgedAtMs ?? Number.NEGATIVE_INFINITY));
  const counted = ofHost.filter(({ atMs }) => atMs > saidMs && atMs > newestMs - limits.windowMs);
  if (counted.length < limits.failures) return undefined;
  return {
    kind: 'flapping',
    reason: `${host} has failed ${counted.length} times within ${formatSpan(limits.windowMs)}: it is kept out of Nova`,
    remedy: `find out why, then: lifeboat acknowledge ${host}`,
  };
}
