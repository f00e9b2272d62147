import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/engine/pace.ts';

function paceAfter(...durationsMs: readonly number[]): Pace {
  const pace = new Pace(1_000);
  for (const durationMs of durationsMs) pace.landed(durationMs);
  return pace;
}

describe('the pace of following', () => {
  it('is a share of what an evacuation takes, smaller while others wait for the place', () => {
    const pace = paceAfter(3_000, 3_600, 6_000);
    expect(pace.pauseMs(9_000, true)).toBe(300);
    expect(pace.pauseMs(9_000, false)).toBe(600);
  });

  it('grows with the age of the oldest while nothing has landed yet', () => {
    expect(paceAfter().pauseMs(0, true)).toBe(250);
    expect(paceAfter().pauseMs(4_000, true)).toBe(500);
  });

  it('asks nothing while even the quickest of late could not be done', () => {
    const pace = paceAfter(1_000, 1_000, 1_000, 1_000, 1_000);
    expect(pace.pauseMs(100, true)).toBe(700);
    expect(pace.pauseMs(1_000, true)).toBe(100);
  });

  it('never waits longer than it may, however slow Nova is', () => {
    expect(paceAfter(60_000, 60_000, 60_000, 60_000, 60_000).pauseMs(0, true)).toBe(1_000);
  });
});
