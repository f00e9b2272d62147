import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is in use once all that nobody needs is gone, and what the process has of the machine; MB. */
export interface Memory {
  readonly heapMb: number;
  readonly rssMb: number;
}

/** RSS alone does not tell of a leak: V8 and malloc keep for long what they once had. */
export function memoryAfterCollection(): Memory {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapMb: Math.round((heapUsed + external) / 1e6), rssMb: Math.round(rss / 1e6) };
}
