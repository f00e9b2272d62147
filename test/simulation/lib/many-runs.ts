import { Worker } from 'node:worker_threads';
import type { RunMessage, RunOrder } from './run-worker.ts';

export interface RandomReport {
  readonly passed: number;
  readonly failed: number;
}

/** A run that takes longer than this of real time has lost its way. */
const LONGEST_RUN_MS = 60_000;
const SHOWN_FAILURES = 20;

/** Random runs of `count` seeds from `from` on, shared out to threads. Each failure is told with how to see it again. */
export async function manyRandomRuns(
  from: number,
  count: number,
  workers: number,
  out: (line: string) => void,
): Promise<RandomReport> {
  const began = performance.now();
  let [passed, failed, steps, virtualMs] = [0, 0, 0, 0];
  const tell = (seed: number, what: string): void => {
    failed += 1;
    if (failed <= SHOWN_FAILURES) out(`seed ${seed}: ${what}\n    npm run test:simulation -- --seed ${seed}`);
  };
  const one = (index: number): Promise<void> =>
    new Promise((resolve) => {
      const order: RunOrder = { from: from + index, to: from + count - 1, step: workers };
      const worker = new Worker(new URL('run-worker.ts', import.meta.url), { workerData: order });
      let seed = order.from;
      let isOver = false;
      const end = (why: string | undefined): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(alarm);
        if (why !== undefined) tell(seed, why);
        void worker.terminate().then(() => resolve());
      };
      const watch = (): NodeJS.Timeout =>
        setTimeout(() => end(`does not end within ${LONGEST_RUN_MS / 1000} s`), LONGEST_RUN_MS);
      let alarm = watch();
      worker.on('message', (message: RunMessage) => {
        clearTimeout(alarm);
        alarm = watch();
        switch (message.kind) {
          case 'begins':
            seed = message.seed;
            break;
          case 'ended': {
            steps += message.steps;
            virtualMs += message.virtualMs;
            const [first] = message.violations;
            if (first === undefined) passed += 1;
            else tell(message.seed, `${first.rule} at ${(first.atMs / 1000).toFixed(3)} s: ${first.what}`);
            break;
          }
          case 'all done':
            end(undefined);
        }
      });
      worker.on('error', (error) =>
        end(`fails: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
      );
      worker.on('exit', () => end('its thread has ended'));
    });
  await Promise.all(Array.from({ length: Math.min(workers, count) }, (_, index) => one(index)));
  const seconds = (performance.now() - began) / 1000;
  const hours = (virtualMs / 3_600_000).toFixed(0);
  out(
    `random runs: ${passed} passed, ${failed} failed, seeds ${from} to ${from + count - 1}, ${seconds.toFixed(1)} s ` +
      `(${hours} h of virtual time, ${steps} steps)`,
  );
  return { passed, failed };
}
