import type { Clock } from '../ports.ts';

/** Node cannot wait longer than this in one timer; it would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    return () => {
      clearTimeout(timer);
    };
  },
};
