import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/config/duration.ts';

describe('a duration', () => {
  it('is read with its unit', () => {
    expect(['500ms', '5s', '1.5s', '2m', '1h', '0s'].map(parseDuration)).toEqual([
      500, 5_000, 1_500, 120_000, 3_600_000, 0,
    ]);
  });

  it('without a unit, with a sign, or in words is none', () => {
    for (const text of ['5', '-5s', '5 s', '5sec', 's', '', '1e3s', '99999999999s']) {
      expect(parseDuration(text), text).toBeUndefined();
    }
  });

  it('is written so that it is read back as the same', () => {
    fc.assert(fc.property(fc.nat(864_000_000), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});
