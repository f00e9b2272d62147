import { describe, expect, it } from 'vitest';
import { newRecovery } from '../../../src/engine/rebuild.ts';
import type { Recovery } from '../../../src/engine/recovery.ts';
import { takeUp } from '../../../src/engine/take-up.ts';
import type { ComputeService } from '../../../src/openstack/cloud.ts';
import { chanceFrom } from '../../../src/simulation/chance.ts';
import { proofOf, proven, up } from './bench.ts';

const FENCED_MS = 1_000_000;
const NOW = FENCED_MS + 60_000;

describe('a recovery that an engine finds in its store', () => {
  const proof = proofOf('cmp1', FENCED_MS);
  const made = newRecovery({ host: 'cmp1', node: 'cmp1', proof, lostSinceMs: 1, now: 2 }, chanceFrom('take-up'));
  const recoveryIn = (state: Recovery['state']): Recovery => ({ ...made.recovery, state });
  const service: ComputeService = {
    id: 's1',
    host: 'cmp1',
    zone: 'nova',
    status: 'enabled',
    state: 'up',
    forcedDown: false,
    disabledReason: undefined,
    updatedAtMs: NOW,
  };

  it('and that had ended is over when its host is in service: an engine died before it had written that down', () => {
    const found = takeUp(recoveryIn('recovered'), service, up('cmp1'), NOW);
    expect(found).toEqual({ kind: 'released', reason: 'cmp1 was given back to Nova before this engine began' });
  });

  it('and that had ended keeps its host out while Nova has it forced down', () => {
    expect(takeUp(recoveryIn('failed'), { ...service, forcedDown: true }, up('cmp1'), NOW).kind).toBe('keep-out');
  });

  it('and that has not ended is closed when its host is in service: nothing may be evacuated from it', () => {
    expect(takeUp(recoveryIn('evacuating'), service, up('cmp1'), NOW).kind).toBe('close');
  });

  it('and that has not ended goes on when its host is proven down, whatever Nova says', () => {
    expect(takeUp(recoveryIn('evacuating'), service, proven('cmp1', proof), NOW).kind).toBe('go-on');
  });
});
