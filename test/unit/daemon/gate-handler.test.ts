import { describe, expect, it } from 'vitest';
import { FreshLook } from '../../../src/daemon/fresh-look.ts';
import { gateHandler } from '../../../src/daemon/gate-handler.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { GateAnswer } from '../../../src/engine/gate.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

function stage() {
  const clock = virtualClock();
  const freshLook = new FreshLook(clock, () => undefined, 10_000);
  let says: GateAnswer = { gate: 'open', reason: 'cmp1 is not recovered' };
  const engine = {
    services: { hosts: ['cmp1'], refresh: () => Promise.resolve() },
    gateOf: () => says,
  } as unknown as Engine;
  const ask = gateHandler({ engine, clock, freshLook, localNode: 'ctl1' });
  return { clock, freshLook, ask, say: (answer: GateAnswer) => (says = answer) };
}

describe('the answer to a gate', () => {
  it('is in doubt when the cluster could not be read since the question, whatever was known before', async () => {
    const { ask, clock } = stage();
    const answer = ask('cmp1', 'nova-compute');
    await clock.advance(10_000);
    expect(await answer).toMatchObject({ gate: 'unknown', remedy: 'crm_mon on ctl1' });
  });

  it('is what the engine knows after a reading that began since the question', async () => {
    const { ask, clock, freshLook, say } = stage();
    const askedAtMs = clock.now();
    const answer = ask('cmp1', 'nova-compute');
    freshLook.seen({ readAtMs: askedAtMs - 1 });
    say({ gate: 'closed', reason: 'cmp1 was fenced meanwhile' });
    freshLook.seen({ readAtMs: askedAtMs });
    expect(await answer).toMatchObject({ gate: 'closed' });
  });
});
