import { describe, expect, it } from 'vitest';
import { judgeHeartbeat } from '../../../src/bridge/index.ts';
import type { Advance, HeartbeatJudgement } from '../../../src/bridge/index.ts';
import { T0 } from '../../support/snapshots.ts';

const S = 1_000;
const baseline = { updatedAtMs: T0 + 2 * S, readAtMs: T0 + 2 * S };

/** Reads updated_at again and again, as [read at, updated_at] in seconds after the fencing. */
function reading(reads: readonly (readonly [number, number])[], base: typeof baseline | undefined): HeartbeatJudgement {
  let previousAdvances: readonly Advance[] = [];
  let last: HeartbeatJudgement = { kind: 'silent', advances: [] };
  for (const [at, updated] of reads) {
    const service = { updatedAtMs: T0 + updated * S };
    last = judgeHeartbeat({ fencedAtMs: T0, baseline: base, previousAdvances, service, now: T0 + at * S });
    previousAdvances = last.advances;
  }
  return last;
}

describe('S9 second witness', () => {
  it('is silent while updated_at stays where our own PUT left it', () => {
    expect(
      reading(
        [
          [3, 2],
          [100, 2],
        ],
        baseline,
      ).kind,
    ).toBe('silent');
  });

  it('any advance past our own PUT is a sign of life at once', () => {
    expect(reading([[10, 9]], baseline)).toMatchObject({ kind: 'beating', sinceMs: T0 + 10 * S });
  });

  it('an advance that stays alone was somebody’s write, and is silent after 60 s', () => {
    expect(
      reading(
        [
          [10, 9],
          [69, 9],
        ],
        baseline,
      ).kind,
    ).toBe('beating');
    expect(
      reading(
        [
          [10, 9],
          [70, 9],
        ],
        baseline,
      ).kind,
    ).toBe('silent');
  });

  it('two advances within 60 s are a heartbeat, and stay one when they stop', () => {
    expect(
      reading(
        [
          [10, 9],
          [20, 19],
          [600, 19],
        ],
        baseline,
      ),
    ).toMatchObject({ kind: 'beating', sinceMs: T0 + 10 * S });
  });

  it('single writes far apart are no heartbeat', () => {
    expect(
      reading(
        [
          [10, 9],
          [200, 199],
          [300, 199],
        ],
        baseline,
      ).kind,
    ).toBe('silent');
  });

  it('without a baseline only an updated_at more than 5 s newer than the fencing counts', () => {
    expect(reading([[6, 5]], undefined).kind).toBe('silent');
    expect(reading([[7, 6]], undefined).kind).toBe('beating');
  });

  it('a service that never reported is silent', () => {
    const question = { fencedAtMs: T0, baseline, previousAdvances: [], now: T0 };
    expect(judgeHeartbeat({ ...question, service: { updatedAtMs: undefined } }).kind).toBe('silent');
  });

  it('a clock that jumps back makes nothing silent', () => {
    expect(
      reading(
        [
          [10, 9],
          [-500, 9],
        ],
        baseline,
      ).kind,
    ).toBe('beating');
  });
});
