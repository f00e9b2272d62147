/** What failed for this long is not mended by waiting longer, and whoever mends it does not want to wait for us. */
export const LONGEST_DELAY_MS = 300_000;

/** How long an instance is left alone after its `failures`-th failure (from 1 on), in ms: `firstMs`, doubled each time. */
export function backoffMs(failures: number, firstMs: number): number {
  return Math.min(LONGEST_DELAY_MS, firstMs * 2 ** Math.max(0, failures - 1));
}
