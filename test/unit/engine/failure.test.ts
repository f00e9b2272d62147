import { describe, expect, it } from 'vitest';
import type { HoldKind, Verdict } from '../../../src/bridge/verdict.ts';
import { lossesOf, type Failure } from '../../../src/engine/failure.ts';
import { flappingHold } from '../../../src/engine/flapping.ts';
import { proofOf, proven, up } from './bench.ts';

const NOW = Date.UTC(2026, 10, 25);
const HOUR = 3_600_000;

function failed(host: string, agoMs: number, acknowledgedAgoMs?: number): Failure {
  return {
    host,
    recoveryId: `${host}-${agoMs}`,
    atMs: NOW - agoMs,
    acknowledgedAtMs: acknowledgedAgoMs === undefined ? undefined : NOW - acknowledgedAgoMs,
  };
}

function held(node: string, kind: HoldKind, host: string | undefined = node): Verdict {
  return { state: 'lost', node, host, lostSinceMs: NOW - 5_000, hold: { kind, reason: '', remedy: undefined } };
}

describe('what counts as lost', () => {
  it('is each host once, by its newest failure', () => {
    expect(
      lossesOf([failed('cmp1', 2_000), failed('cmp1', HOUR)], [proven('cmp1', proofOf('cmp1', NOW - 1_000))], NOW),
    ).toEqual([{ host: 'cmp1', kind: 'proven', atMs: NOW - 1_000 }]);
  });

  it('is what is about to be fenced, or should have been, also when its host is not known yet', () => {
    const kinds = ['not-fenced', 'fencing-pending', 'fencing-failed', 'human-not-accepted'] as const;
    const verdicts = kinds.map((kind, index) => held(`cmp${index}`, kind, index === 0 ? undefined : `cmp${index}`));
    expect(lossesOf([], verdicts, NOW).map(({ host, kind }) => [host, kind])).toEqual(
      kinds.map((_, index) => [`cmp${index}`, 'suspected']),
    );
  });

  it('is nothing of what is held for want of quorum or a DC: a lost quorum is no mass failure (S2)', () => {
    const verdicts = [held('cmp1', 'no-quorum'), held('cmp2', 'no-dc'), held('cmp3', 'no-quorum')];
    expect(lossesOf([], verdicts, NOW)).toEqual([]);
  });

  it('is neither a host that is up nor one that is left alone (S8)', () => {
    const away: Verdict = { state: 'hands-off', node: 'cmp2', host: 'cmp2', reason: 'it is in maintenance' };
    expect(lossesOf([], [up('cmp1'), away], NOW)).toEqual([]);
  });

  it('is never in the future, whatever the clock of the controller that fenced it says', () => {
    expect(lossesOf([failed('cmp1', -HOUR)], [], NOW)).toEqual([{ host: 'cmp1', kind: 'proven', atMs: NOW }]);
  });
});

describe('a host that fails again and again', () => {
  const LIMITS = { failures: 3, windowMs: 24 * HOUR };
  const often = [failed('cmp1', HOUR), failed('cmp1', 2 * HOUR), failed('cmp1', 20 * HOUR)];

  it('is not given back, with the count and what to do', () => {
    expect(flappingHold('cmp1', often, LIMITS)).toEqual({
      kind: 'flapping',
      reason: 'cmp1 has failed 3 times within 24 h: it is kept out of Nova',
      remedy: 'find out why, then: lifeboat acknowledge cmp1',
    });
  });

  it('is, as long as it has not failed that often, or not within the window', () => {
    expect(flappingHold('cmp1', often.slice(1), LIMITS)).toBeUndefined();
    expect(flappingHold('cmp1', [...often.slice(0, 2), failed('cmp1', 26 * HOUR)], LIMITS)).toBeUndefined();
    expect(flappingHold('cmp2', often, LIMITS)).toBeUndefined();
  });

  it('stays kept out however long ago that was: the window ends with its newest failure', () => {
    const longAgo = often.map((failure) => ({ ...failure, atMs: failure.atMs - 1_000 * HOUR }));
    expect(flappingHold('cmp1', longAgo, LIMITS)?.kind).toBe('flapping');
  });

  it('counts from none again after an operator has acknowledged it', () => {
    const acknowledged = [failed('cmp1', HOUR, HOUR / 2), ...often.slice(1)];
    expect(flappingHold('cmp1', acknowledged, LIMITS)).toBeUndefined();
    const twiceMore = [failed('cmp1', 10), failed('cmp1', 20), ...acknowledged];
    expect(flappingHold('cmp1', twiceMore, LIMITS)).toBeUndefined();
    expect(flappingHold('cmp1', [failed('cmp1', 5), ...twiceMore], LIMITS)?.kind).toBe('flapping');
  });
});
