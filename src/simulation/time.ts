import type { Clock } from '../ports.ts';

/** Time that moves only when it is told to, from one scheduled task to the next. */
export interface VirtualTime extends Clock {
  /**
   * Runs what falls due, in order of due time (and of scheduling within one millisecond), until `untilMs` of monotonic
   * time is reached or `isOver` answers true. After each task every promise settles that can without time passing.
   */
  run(untilMs: number, isOver?: () => boolean): Promise<void>;
  /** Tasks that were run so far. */
  readonly steps: number;
}

interface Task {
  readonly dueAtMs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Tasks that schedule each other without time passing are a defect, and would never end. */
const MANY_AT_ONCE = 1_000_000;

/** Starts at `startMs` of the epoch and at 0 of monotonic time. Whole milliseconds, as a machine's wall clock tells them. */
export function virtualTime(startMs: number): VirtualTime {
  const heap: Task[] = [];
  let elapsedMs = 0;
  let scheduled = 0;
  let steps = 0;
  let stepsAtOnce = 0;

  const comesBefore = (a: Task, b: Task): boolean =>
    a.dueAtMs < b.dueAtMs || (a.dueAtMs === b.dueAtMs && a.order < b.order);

  const push = (task: Task): void => {
    let index = heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !comesBefore(task, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = task;
  };

  const pop = (): Task | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      const left = heap[below];
      if (left === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && comesBefore(right, left)) below += 1;
      const child = heap[below] ?? left;
      if (!comesBefore(child, last)) break;
      heap[index] = child;
      index = below;
    }
    heap[index] = last;
    return first;
  };

  /** Takes what was cancelled off the top. */
  const next = (): Task | undefined => {
    while (heap[0] !== undefined && heap[0].run === undefined) pop();
    return heap[0];
  };

  return {
    now: () => startMs + elapsedMs,
    monotonic: () => elapsedMs,
    schedule: (delayMs, run) => {
      const task: Task = { dueAtMs: elapsedMs + Math.max(0, Math.round(delayMs)), order: scheduled++, run };
      push(task);
      return () => {
        task.run = undefined;
      };
    },
    run: (untilMs, isOver = () => false) =>
      new Promise((resolve, reject) => {
        // One turn of the event loop for each task: between two turns every chain of promises settles.
        const step = (): void => {
          try {
            const task = next();
            if (task === undefined || task.dueAtMs > untilMs || isOver()) {
              if (!isOver()) elapsedMs = Math.max(elapsedMs, untilMs);
              resolve();
              return;
            }
            pop();
            stepsAtOnce = task.dueAtMs > elapsedMs ? 0 : stepsAtOnce + 1;
            if (stepsAtOnce > MANY_AT_ONCE) throw new Error(`time stands still at ${elapsedMs} ms`);
            elapsedMs = task.dueAtMs;
            steps += 1;
            const { run } = task;
            task.run = undefined;
            run?.();
            setImmediate(step);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        setImmediate(step);
      }),
    get steps() {
      return steps;
    },
  };
}
