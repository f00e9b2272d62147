import type { WatchPlan } from './lookout.ts';

/** What is watched on this host. The one place where watches are put in. */
export function watchPlans(): readonly WatchPlan[] {
  return [];
}
