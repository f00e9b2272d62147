import type { Clock } from '../ports.ts';

/** A process on a simulated machine: it can be killed at any moment, and its machine's wall clock may be wrong. */
export interface SimulatedProcess {
  readonly clock: Clock;
  readonly isAlive: boolean;
  /** As kill -9: nothing of it happens any more, and no answer reaches it. */
  kill(): void;
  /** Runs `task` with an answer that has arrived, unless the process is dead. */
  deliver(task: () => void): void;
}

/** `wallOffsetMs`: how far the machine's wall clock is ahead of the true time, at this moment. */
export function simulatedProcess(time: Clock, wallOffsetMs: () => number): SimulatedProcess {
  let alive = true;
  return {
    clock: {
      now: () => time.now() + wallOffsetMs(),
      monotonic: () => time.monotonic(),
      schedule: (delayMs, task) =>
        time.schedule(delayMs, () => {
          if (alive) task();
        }),
    },
    get isAlive() {
      return alive;
    },
    kill: () => {
      alive = false;
    },
    deliver: (task) => {
      if (alive) task();
    },
  };
}
