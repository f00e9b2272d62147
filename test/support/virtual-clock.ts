import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/ports.ts';

export interface VirtualClock extends Clock {
  /** Lets `ms` pass: runs what falls due, in order of due time, and lets promises settle after each. */
  advance(ms: number): Promise<void>;
  /** The wall clock jumps by `ms` (backwards when negative), as after an NTP step; monotonic time and timers do not. */
  jump(ms: number): void;
  /** Lets every promise settle that can without time passing. */
  settle(): Promise<void>;
  /** How many tasks are scheduled: a leak of timers shows here. */
  readonly scheduled: number;
}

interface ScheduledTask {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A clock that moves only when told to. Starts at `nowMs` (default: a fixed moment, so that logs compare). */
export function virtualClock({ nowMs = Date.UTC(2026, 0, 1) }: { readonly nowMs?: number } = {}): VirtualClock {
  const tasks = new Set<ScheduledTask>();
  let wallOffset = nowMs;
  let elapsed = 0;

  const nextUntil = (limit: number): ScheduledTask | undefined => {
    let next: ScheduledTask | undefined;
    for (const task of tasks) {
      if (task.dueAt > limit) continue;
      if (next === undefined || task.dueAt < next.dueAt) next = task;
    }
    return next;
  };

  return {
    now: () => wallOffset + elapsed,
    monotonic: () => elapsed,
    schedule: (delayMs, run) => {
      const task: ScheduledTask = { dueAt: elapsed + Math.max(0, delayMs), run };
      tasks.add(task);
      return () => tasks.delete(task);
    },
    advance: async (ms) => {
      if (!(ms >= 0)) throw new RangeError(`time does not go backwards: advance(${ms})`);
      const target = elapsed + ms;
      await settle();
      for (let task = nextUntil(target); task !== undefined; task = nextUntil(target)) {
        tasks.delete(task);
        elapsed = task.dueAt;
        task.run();
        await settle();
      }
      elapsed = target;
    },
    jump: (ms) => {
      wallOffset += ms;
    },
    settle,
    get scheduled() {
      return tasks.size;
    },
  };
}

/**
 * One turn of the event loop drains every chain of promises; a second and third cover code that itself waits for a
 * turn (streams, process.nextTick after I/O).
 */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
