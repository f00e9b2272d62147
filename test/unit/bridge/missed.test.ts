import { describe, expect, it } from 'vitest';
import { T0, fencedRemote, fencing, lostRemote, remoteNode } from '../../support/snapshots.ts';
import { inAWord, watching } from './watch.ts';

const S = 1_000;
const nodes = [remoteNode('cmp1')];
const fencings = [fencing('cmp1', T0 + 2 * S)];

describe('hosts that were fenced and are back', () => {
  it('a node that was fenced and came back between two looks is told once, after a second look', () => {
    const watch = watching();
    watch.look(T0, { nodes });
    expect(inAWord(watch.look(T0 + 5 * S, { nodes, fencings }))).toBe('up');
    expect(watch.missed).toEqual([]);
    watch.look(T0 + 10 * S, { nodes, fencings });
    watch.look(T0 + 15 * S, { nodes, fencings });
    expect(watch.missed).toMatchObject([{ node: 'cmp1', host: 'cmp1', proof: { by: 'ctl3', action: 'reboot' } }]);
    expect(watch.sentences.at(-1)).toContain('cmp1 was fenced by ctl3');
  });

  it('when the second look shows it down with node_fenced, the reads had crossed: proven, not missed', () => {
    const watch = watching();
    watch.look(T0, { nodes });
    watch.look(T0 + 2 * S, { nodes, fencings });
    expect(inAWord(watch.look(T0 + 3 * S, { nodes: [fencedRemote('cmp1', T0 + 2 * S)], fencings }))).toBe('proven');
    expect(watch.missed).toEqual([]);
  });

  it('when it is lost again after it was back, the old fencing is missed and does not prove the new loss', () => {
    const watch = watching();
    watch.look(T0, { nodes });
    watch.look(T0 + 5 * S, { nodes, fencings });
    expect(inAWord(watch.look(T0 + 10 * S, { nodes: [lostRemote('cmp1')], fencings }))).toBe('lost: not-fenced');
    expect(watch.missed).toHaveLength(1);
  });

  it('a lost node that is up again with the success of that loss was missed', () => {
    const watch = watching();
    watch.look(T0, { nodes });
    watch.look(T0 + 1 * S, { nodes: [lostRemote('cmp1')], fencings: [fencing('cmp1', undefined)] });
    watch.look(T0 + 9 * S, { nodes, fencings });
    expect(watch.missed).toMatchObject([{ node: 'cmp1' }]);
  });

  it('a node whose proof was held back until it was up again was missed', () => {
    const watch = watching();
    watch.look(T0, { nodes });
    const proven = { nodes: [fencedRemote('cmp1', T0 + 2 * S)], fencings };
    watch.look(T0 + 3 * S, proven, { paused: true });
    watch.look(T0 + 9 * S, { nodes, fencings });
    expect(watch.missed).toHaveLength(1);
  });

  it('a node whose proof was given is not missed when it returns: its recovery knows', () => {
    const watch = watching();
    watch.look(T0, { nodes });
    watch.look(T0 + 3 * S, { nodes: [fencedRemote('cmp1', T0 + 2 * S)], fencings });
    watch.look(T0 + 9 * S, { nodes, fencings });
    expect(watch.missed).toEqual([]);
  });

  it('a fencing and return during a gap in our watch are told as well', () => {
    const watch = watching();
    watch.look(T0, { nodes });
    watch.look(T0 + 900 * S, { nodes, fencings });
    watch.look(T0 + 905 * S, { nodes, fencings });
    expect(watch.missed).toHaveLength(1);
  });

  it('an engine that just started reports nothing as missed', () => {
    const watch = watching();
    watch.look(T0 + 5 * S, { nodes, fencings });
    watch.look(T0 + 10 * S, { nodes, fencings });
    expect(watch.missed).toEqual([]);
  });
});
