import { expect, it } from 'vitest';
import { backoffMs, LONGEST_DELAY_MS } from '../../../src/engine/backoff.ts';

it('the delay before a retry doubles with each failure, up to five minutes', () => {
  expect([1, 2, 3, 4].map((failures) => backoffMs(failures, 5_000))).toEqual([5_000, 10_000, 20_000, 40_000]);
  expect(backoffMs(10, 5_000)).toBe(LONGEST_DELAY_MS);
  expect(backoffMs(1, 600_000)).toBe(LONGEST_DELAY_MS);
  expect(backoffMs(0, 5_000)).toBe(5_000);
});
