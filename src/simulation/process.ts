import type { Clock } from '../ports.ts';

/** A process on a simulated machine: it can be killed at any moment, and its machine's wall clock may be wrong. */
export interface SimulatedProcess {
  readonly clock: Clock;
  readonly isAlive: boolean;
  /** As kill -9: nothing of it happens any more, and no answer reaches it. */
  kill(): void;
  /** As SIGSTOP: what falls due for it, and what arrives, waits; its clocks go on. */
  freeze(): void;
  /** What has waited happens now, in its order. */
  thaw(): void;
  /** Runs `task` with an answer that has arrived, unless the process is dead. */
  deliver(task: () => void): void;
}

/** `wallOffsetMs`: how far the machine's wall clock is ahead of the true time, at this moment. */
export function simulatedProcess(time: Clock, wallOffsetMs: () => number): SimulatedProcess {
  let alive = true;
  let isFrozen = false;
  let held: { run: (() => void) | undefined }[] = [];
  const meet = (task: { run: (() => void) | undefined }): void => {
    if (!alive) return;
    if (isFrozen) held.push(task);
    else task.run?.();
  };
  return {
    clock: {
      now: () => time.now() + wallOffsetMs(),
      monotonic: () => time.monotonic(),
      schedule: (delayMs, run) => {
        const task: { run: (() => void) | undefined } = { run };
        const cancel = time.schedule(delayMs, () => {
          meet(task);
        });
        return () => {
          task.run = undefined;
          cancel();
        };
      },
    },
    get isAlive() {
      return alive;
    },
    kill: () => {
      alive = false;
      held = [];
    },
    freeze: () => {
      isFrozen = true;
    },
    thaw: () => {
      isFrozen = false;
      const waited = held;
      held = [];
      for (const task of waited) {
        time.schedule(0, () => {
          meet(task);
        });
      }
    },
    deliver: (run) => {
      meet({ run });
    },
  };
}
