import { describe, expect, it } from 'vitest';
import { judge } from '../../../resource-agents/engine/monitor.ts';
import { readCall } from '../../../resource-agents/engine/parameters.ts';
import type { Outcome } from '../../../resource-agents/ocf.ts';
import type { Health } from '../../../src/control/protocol.ts';
import { healthOf } from '../../support/health.ts';

function judged(depth: string, different: Partial<Health>): Outcome {
  const health = healthOf({ state: 'starting', snapshotAgeMs: undefined, ...different });
  return judge(
    { outcome: 'healthy', health },
    readCall({ OCF_CHECK_LEVEL: depth, OCF_RESKEY_CRM_meta_interval: '60000' }),
  );
}

describe('a monitor of a daemon that has not seen the cluster', () => {
  it('fails at depth 10 once it has run for more than two minutes, with the reason', () => {
    expect(judged('10', { uptimeMs: 121_000 })).toEqual({
      code: 1,
      reason: 'lifeboatd has run for 121 s and has not seen the cluster yet; see its log',
    });
  });

  it('leaves it the two minutes', () => {
    expect(judged('10', { uptimeMs: 119_000 })).toEqual({ code: 0 });
  });

  it('does not ask at depth 0, nor a daemon of a version that does not say how long it has run', () => {
    expect(judged('0', { uptimeMs: 121_000 })).toEqual({ code: 0 });
    expect(judged('10', {})).toEqual({ code: 0 });
  });
});
