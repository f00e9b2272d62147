import { describe, expect, it } from 'vitest';
import type { RecoveryStatus } from '../../../src/control/protocol.ts';
import { allRecovered, outcomeOf } from '../../../scripts/demo/outcome.ts';

const cut = { cutAtMs: 0, askedAtMs: 6_000, fencedAtMs: 6_250, firstAcceptedAtMs: 6_500, lastRunningAtMs: 7_001 };

function recovery(state: RecoveryStatus['state'], moves: readonly ('done' | 'failed' | 'waiting')[]): RecoveryStatus {
  return {
    ...{ id: 'r', host: 'cmp1', node: 'cmp1', state, reason: undefined, remedy: undefined },
    startedAtMs: 6_300,
    finishedAtMs: undefined,
    proof: { by: 'ctl1', action: 'reboot', completedAtMs: 6_250 },
    moves: moves.map((each, index) => ({
      ...{ instance: `${index}`, name: `web-${index}`, state: each, from: 'cmp1', to: undefined, reason: undefined },
      seconds: undefined,
    })),
  };
}

describe('the outcome of the demo as JSON', () => {
  it('has the promised shape', () => {
    const seen = { host: 'cmp1', instances: 2, recovered: 2, recovery: recovery('released', ['done', 'done']), cut };
    expect(JSON.parse(JSON.stringify(outcomeOf(seen)))).toEqual({
      hosts: [
        {
          host: 'cmp1',
          state: 'released',
          instances: 2,
          recovered: 2,
          held: 0,
          seconds: { lossToFenced: 6.25, fencedToFirstAccepted: 0.25, fencedToLastRunning: 0.751 },
        },
      ],
    });
    expect(allRecovered(outcomeOf(seen))).toBe(true);
  });

  it('counts as held what waits in a held recovery, without what failed', () => {
    const held = recovery('held', ['done', 'failed', 'waiting', 'waiting']);
    const outcome = outcomeOf({ host: 'cmp1', instances: 4, recovered: 1, recovery: held, cut });
    expect(outcome.hosts[0]).toMatchObject({ state: 'held', recovered: 1, held: 2 });
    expect(allRecovered(outcome)).toBe(false);
  });

  it('says unknown when no engine showed a recovery', () => {
    const outcome = outcomeOf({ host: 'cmp1', instances: 1, recovered: 0, recovery: undefined, cut });
    expect(outcome.hosts[0]).toMatchObject({ state: 'unknown', held: 0 });
  });
});
