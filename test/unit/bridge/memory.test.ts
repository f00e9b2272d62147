import { describe, expect, it } from 'vitest';
import { decide, emptyMemory } from '../../../src/bridge/index.ts';
import type { BridgeMemory } from '../../../src/bridge/index.ts';
import { T0, fencedRemote, fencing, lostRemote, remoteNode, snapshotAt } from '../../support/snapshots.ts';
import { inAWord, policy, watching } from './watch.ts';

const S = 1_000;
const up = { nodes: [remoteNode('cmp1')] };

describe('the memory of the bridge', () => {
  it('is not changed by a decision, and the same arguments give the same decision', () => {
    const snapshot = snapshotAt(T0, up);
    const first = decide(snapshot, emptyMemory, policy, T0);
    expect(decide(snapshot, emptyMemory, policy, T0)).toEqual(first);
    expect(emptyMemory.nodes).toEqual({});
  });

  it('keeps the loss when the clock jumps back or forward', () => {
    for (const jump of [-86_400 * S, 86_400 * S]) {
      const watch = watching();
      watch.look(T0, up);
      watch.look(T0 + 5 * S, { nodes: [lostRemote('cmp1')] });
      const verdict = watch.look(T0 + 10 * S + jump, { nodes: [lostRemote('cmp1')] });
      expect(verdict).toMatchObject({ state: 'lost', lostSinceMs: T0 + 5 * S });
      const nodes = [fencedRemote('cmp1', T0 + 11 * S + jump)];
      const fencings = [fencing('cmp1', T0 + 11 * S + jump)];
      expect(inAWord(watch.look(T0 + 12 * S + jump, { nodes, fencings }))).toBe('proven');
    }
  });

  it('makes no proof of an old record when the clock jumps back behind it', () => {
    const watch = watching();
    const fencings = [fencing('cmp1', T0 - 60 * S)];
    watch.look(T0, { ...up, fencings });
    watch.look(T0 - 3_600 * S, { ...up, fencings });
    expect(inAWord(watch.look(T0 - 3_595 * S, { nodes: [lostRemote('cmp1')], fencings }))).toBe('lost: not-fenced');
  });

  it('gives a second fencing of the same second, after a clock jump, an id of its own', () => {
    const watch = watching();
    watch.look(T0, up);
    const first = watch.look(T0 + 7 * S, {
      nodes: [fencedRemote('cmp1', T0 + 6 * S)],
      fencings: [fencing('cmp1', T0 + 6 * S)],
    });
    watch.look(T0 + 1 * S, up);
    const again = fencing('cmp1', T0 + 6 * S, { client: 'pacemaker-controld.99' });
    const second = watch.look(T0 + 7 * S, { nodes: [fencedRemote('cmp1', T0 + 6 * S)], fencings: [again] });
    expect(first).toMatchObject({ proof: { id: `cmp1:${T0 / S + 6}` } });
    expect(second).toMatchObject({ proof: { id: `cmp1:${T0 / S + 6}~2` } });
  });

  it('takes no fencing from before the node was last up for a later one, when the newer is stamped by a clock behind', () => {
    const watch = watching();
    const former = fencing('cmp1', T0 - 30 * S);
    watch.look(T0, { ...up, fencings: [former] });
    // Stamped by a controller whose clock is a minute and a half behind; node_fenced is the DC's.
    const newer = fencing('cmp1', T0 - 90 * S, { delegate: 'ctl2' });
    const nodes = [fencedRemote('cmp1', T0 - 90 * S)];
    const decision = watch.see(snapshotAt(T0 + 7 * S, { nodes, fencings: [former, newer] }));
    expect(inAWord(watch.verdict())).toBe('proven');
    expect(decision.fencedAgain).toEqual([]);
  });

  it('keeps a proof of a node that left the configuration, and forgets the node after a day', () => {
    const watch = watching();
    watch.look(T0, up);
    watch.look(T0 + 7 * S, { nodes: [fencedRemote('cmp1', T0 + 6 * S)], fencings: [fencing('cmp1', T0 + 6 * S)] });
    watch.see(snapshotAt(T0 + 10 * S));
    expect(inAWord(watch.verdict())).toBe('proven');
    watch.see(snapshotAt(T0 + 86_400 * S));
    expect(watch.memory.nodes['cmp1']).toBeDefined();
    watch.see(snapshotAt(T0 + 86_411 * S));
    expect(watch.memory.nodes['cmp1']).toBeUndefined();
    expect(inAWord(watch.verdict())).toBe('none');
  });

  it('starts afresh from a memory of another version', () => {
    const foreign = { version: 2, nodes: 7 } as unknown as BridgeMemory;
    expect(decide(snapshotAt(T0, up), foreign, policy, T0).memory.version).toBe(1);
  });

  it('survives node names that every object has as properties', () => {
    const watch = watching();
    watch.see(snapshotAt(T0, { nodes: [remoteNode('constructor'), remoteNode('toString')] }));
    watch.see(snapshotAt(T0 + 5 * S, { nodes: [lostRemote('constructor'), remoteNode('toString')] }));
    expect(inAWord(watch.verdict('constructor'))).toBe('lost: not-fenced');
  });
});
