import { describe, expect, it } from 'vitest';
import type { Health } from '../../../src/control/protocol.ts';
import { judge } from '../../../resource-agents/engine/monitor.ts';
import { readCall } from '../../../resource-agents/engine/parameters.ts';
import { oneLine, type Outcome } from '../../../resource-agents/ocf.ts';
import { healthOf } from '../../support/health.ts';

const recurring = { OCF_RESKEY_CRM_meta_interval: '10000' };

function judged(health: Partial<Health>, environment: Record<string, string> = recurring): Outcome {
  return judge({ outcome: 'healthy', health: healthOf(health) }, readCall(environment));
}

const held: Partial<Health> = {
  held: 2,
  holds: [
    {
      host: 'cmp1',
      kind: 'fencing-failed',
      inShort: 'fencing failed',
      reason: 'the fencing failed',
      remedy: 'stonith_admin --confirm cmp1',
    },
    { host: 'cmp2', kind: 'not-fenced', inShort: 'not fenced yet', reason: 'nothing fenced it', remedy: undefined },
  ],
};

describe('a monitor', () => {
  it('of a daemon with nothing held is fine, whatever it recovers and while it starts', () => {
    expect(judged({ recovering: 3 })).toEqual({ code: 0 });
    expect(judged({ state: 'starting', snapshotAgeMs: undefined, cloud: 'unknown' })).toEqual({ code: 0 });
  });

  it('of a daemon that another engine has deposed fails, so that Pacemaker ends it', () => {
    const reason = 'the lease of epoch 3 is lost: the engine of ctl2 has taken it (epoch 4)';
    const hold = { host: 'ctl1', kind: 'no-lease', inShort: 'no lease', reason, remedy: undefined } as const;
    const deposed = { state: 'deposed', held: 1, holds: [hold] } as const;
    expect(judged(deposed)).toEqual({ code: 1, reason: `lifeboatd was deposed: ${reason}` });
    expect(judged(deposed, {}).code).toBe(1);
    expect(judged({ ...deposed, holds: [{ ...hold, reason: 'x'.repeat(200) }] }).reason).toBe(
      'lifeboatd was deposed by another engine; see its log',
    );
  });

  it('is degraded while something is held, and says what, how many more, and what to do', () => {
    expect(judged(held)).toEqual({
      code: 190,
      reason: 'held: cmp1: the fencing failed (and 1 more); do: stonith_admin --confirm cmp1',
    });
    expect(judged({ held: 1, holds: [] })).toEqual({ code: 190, reason: '1 held; see: lifeboat status' });
  });

  it('is degraded while Lifeboat is paused, and says by whom and how to end it', () => {
    expect(judged({ paused: 'by root since 2026-11-25T15:03:10Z: a new switch' })).toEqual({
      code: 190,
      reason: 'paused by root since 2026-11-25T15:03:10Z: a new switch; do: lifeboat resume',
    });
    expect(judged({ paused: `by root: ${'x'.repeat(200)}` }).reason).toBe(
      'paused; do: lifeboat resume (why: lifeboat status)',
    );
  });

  it('gives a remedy whole or not at all, because Pacemaker cuts a reason after 128 bytes', () => {
    const judgedWith = (reason: string, remedy: string): string | undefined => {
      const hold = { host: 'cmp1', kind: 'fencing-failed', inShort: 'fencing failed', reason, remedy } as const;
      return judged({ held: 2, holds: [hold] }).reason;
    };
    const remedy = 'see to the power of cmp1; when it is surely off: stonith_admin --confirm cmp1';
    expect(judgedWith('fencing (reboot) failed at 20:51:03: Fence agent did not complete within 20s', remedy)).toBe(
      `held: cmp1: fencing failed (and 1 more); do: ${remedy}`,
    );
    expect(judgedWith('it failed at 20:51:03', 'x'.repeat(100))).toBe(
      'held: cmp1: it failed at 20:51:03 (and 1 more); see: lifeboat status',
    );
    expect(judgedWith('é'.repeat(60), 'x'.repeat(100))).toBe(
      'held: cmp1: fencing failed (and 1 more); see: lifeboat status',
    );
  });

  it('that is a probe is never degraded', () => {
    expect(judged(held, {})).toEqual({ code: 0 });
    expect(judged(held, { OCF_RESKEY_CRM_meta_interval: '0' })).toEqual({ code: 0 });
  });

  it('of depth 10 fails when the cluster was not seen for minutes, which depth 0 leaves alone', () => {
    const deep = { ...recurring, OCF_CHECK_LEVEL: '10' };
    expect(judged({ snapshotAgeMs: 300_000 })).toEqual({ code: 0 });
    expect(judged({ snapshotAgeMs: 300_000 }, deep)).toEqual({
      code: 1,
      reason: 'lifeboatd last saw the whole cluster 300 s ago; see its log',
    });
    expect(judged({ snapshotAgeMs: 119_000 }, deep)).toEqual({ code: 0 });
  });

  it('of depth 10 is degraded, not failed, when the cloud does not answer', () => {
    expect(judged({ cloud: 'unavailable' })).toEqual({ code: 0 });
    expect(judged({ cloud: 'unavailable' }, { ...recurring, OCF_CHECK_LEVEL: '10' }).code).toBe(190);
  });

  it('tells a dead daemon from one that hangs', () => {
    const call = readCall({});
    expect(judge({ outcome: 'absent', code: 'ECONNREFUSED' }, call)).toEqual({ code: 7 });
    expect(judge({ outcome: 'silent', waitedMs: 10_000 }, call)).toEqual({
      code: 1,
      reason: 'lifeboatd is there but hangs: no answer in 10 s',
    });
    expect(judge({ outcome: 'broken', reason: 'it hung up without an answer' }, call).code).toBe(1);
  });
});

describe('an exit reason', () => {
  it('is one line of at most 128 bytes, of whole characters', () => {
    expect(oneLine('a\nb\tc\u0000d')).toBe('a b c d');
    expect(oneLine('x'.repeat(128))).toBe('x'.repeat(128));
    expect(oneLine('x'.repeat(129))).toBe(`${'x'.repeat(125)}...`);
    expect(oneLine('é'.repeat(1_000))).toBe(`${'é'.repeat(62)}...`);
  });
});
