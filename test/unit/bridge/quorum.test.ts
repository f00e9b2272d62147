import { describe, expect, it } from 'vitest';
import {
  T0,
  clusterNode,
  fencedRemote,
  fencing,
  lostRemote,
  remoteNode,
  snapshotAt,
  stoppedRemote,
} from '../../support/snapshots.ts';
import { inAWord, watching } from './watch.ts';

const S = 1_000;
const all = ['cmp1', 'cmp2', 'cmp3'];

describe('S2 quorum', () => {
  it('f2: losing every compute node at the moment quorum goes opens no loss', () => {
    const watch = watching();
    watch.see(snapshotAt(T0, { nodes: all.map((name) => remoteNode(name)) }));
    const alone = {
      quorate: false,
      nodes: [
        ...all.map((name) => stoppedRemote(name)),
        clusterNode('ctl2', { online: false, unclean: true }),
        clusterNode('ctl3', { online: false, unclean: true }),
      ],
    };
    watch.see(snapshotAt(T0 + 5 * S, alone));
    watch.see(snapshotAt(T0 + 10 * S, alone));
    expect(all.map((name) => inAWord(watch.verdict(name)))).toEqual(['up', 'up', 'up']);
    expect(watch.sentences).toEqual(['this partition has no quorum: nothing is decided, what was known stays']);
    // Quorum returns, and the connections start again.
    watch.see(snapshotAt(T0 + 20 * S, { nodes: all.map((name) => stoppedRemote(name, { role: 'Starting' })) }));
    expect(all.map((name) => inAWord(watch.verdict(name)))).toEqual(['hands-off', 'hands-off', 'hands-off']);
    watch.see(snapshotAt(T0 + 25 * S, { nodes: all.map((name) => remoteNode(name)) }));
    expect(all.map((name) => inAWord(watch.verdict(name)))).toEqual(['up', 'up', 'up']);
  });

  it('a successful fencing seen without quorum makes nothing proven', () => {
    const watch = watching();
    watch.look(T0, { nodes: [remoteNode('cmp1')] });
    watch.look(T0 + 5 * S, { nodes: [lostRemote('cmp1')] });
    const nodes = [fencedRemote('cmp1', T0 + 6 * S)];
    const fencings = [fencing('cmp1', T0 + 6 * S)];
    expect(inAWord(watch.look(T0 + 7 * S, { quorate: false, nodes, fencings }))).toBe('lost: no-quorum');
    expect(inAWord(watch.look(T0 + 8 * S, { nodes, fencings }))).toBe('proven');
  });

  it('a proof given before quorum went is held while it is gone, and stands with the same id after', () => {
    const watch = watching();
    watch.look(T0, { nodes: [remoteNode('cmp1')] });
    const seen = { nodes: [fencedRemote('cmp1', T0 + 6 * S)], fencings: [fencing('cmp1', T0 + 6 * S)] };
    const before = watch.look(T0 + 7 * S, seen);
    expect(inAWord(watch.look(T0 + 8 * S, { ...seen, quorate: false }))).toBe('lost: no-quorum');
    expect(inAWord(watch.look(T0 + 9 * S, { ...seen, dc: undefined }))).toBe('lost: no-dc');
    expect(watch.look(T0 + 10 * S, seen)).toEqual(before);
  });

  it('without a DC nothing is decided, even if quorum is claimed', () => {
    const watch = watching();
    watch.look(T0, { nodes: [remoteNode('cmp1')] });
    expect(inAWord(watch.look(T0 + 5 * S, { dc: undefined, nodes: [lostRemote('cmp1')] }))).toBe('up');
    expect(inAWord(watch.look(T0 + 6 * S, { nodes: [lostRemote('cmp1')] }))).toBe('lost: not-fenced');
  });

  it('an engine that starts without quorum knows nothing, and says so', () => {
    const watch = watching();
    const verdict = watch.look(T0, { quorate: false, nodes: [lostRemote('cmp1')] });
    expect(verdict).toMatchObject({ state: 'hands-off' });
  });

  it('what the cluster fences as soon as quorum is back counts', () => {
    const watch = watching();
    watch.look(T0, { nodes: [remoteNode('cmp1')] });
    watch.look(T0 + 5 * S, { quorate: false, nodes: [lostRemote('cmp1')] });
    watch.look(T0 + 10 * S, { quorate: false, nodes: [lostRemote('cmp1')] });
    const seen = { nodes: [fencedRemote('cmp1', T0 + 12 * S)], fencings: [fencing('cmp1', T0 + 12 * S)] };
    expect(inAWord(watch.look(T0 + 14 * S, seen))).toBe('proven');
  });
});
