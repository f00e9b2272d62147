import { parentPort, workerData } from 'node:worker_threads';
import { runRandom } from '../../../src/simulation/random/run-random.ts';
import type { Violation } from '../../../src/simulation/violation.ts';

/** Which seeds a thread runs. */
export interface RunOrder {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

export type RunMessage =
  | { readonly kind: 'begins'; readonly seed: number }
  | {
      readonly kind: 'ended';
      readonly seed: number;
      readonly steps: number;
      readonly virtualMs: number;
      readonly violations: readonly Violation[];
    }
  | { readonly kind: 'all done' };

const { from, step, to } = workerData as RunOrder;
const tell = (message: RunMessage): void => parentPort?.postMessage(message);

for (let seed = from; seed <= to; seed += step) {
  tell({ kind: 'begins', seed });
  const { steps, violations, virtualMs } = await runRandom(String(seed));
  tell({ kind: 'ended', seed, steps, virtualMs, violations });
}
tell({ kind: 'all done' });
