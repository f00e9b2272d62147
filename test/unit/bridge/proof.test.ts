import { describe, expect, it } from 'vitest';
import {
  T0,
  clusterNode,
  fencedRemote,
  fencing,
  goneState,
  lostRemote,
  remoteNode,
  snapshotAt,
  stoppedRemote,
} from '../../support/snapshots.ts';
import { inAWord, watching } from './watch.ts';

const up = { nodes: [remoteNode('cmp1')] };
const S = 1_000;
/** Lost, and out of the membership: nothing but its records can speak against a proof. */
const gone = lostRemote('cmp1', { state: goneState() });

describe('S1 proof', () => {
  it('an unclean node is lost, and held until something fenced it', () => {
    const watch = watching();
    watch.look(T0, up);
    expect(watch.look(T0 + 5 * S, { nodes: [lostRemote('cmp1')] })).toMatchObject({
      state: 'lost',
      lostSinceMs: T0 + 5 * S,
      hold: { kind: 'not-fenced' },
    });
  });

  it('carries what, when, by whom, and where it was read', () => {
    const watch = watching();
    watch.look(T0, up);
    const done = T0 + 6 * S;
    const nodes = [fencedRemote('cmp1', done)];
    expect(watch.look(T0 + 7 * S, { nodes, fencings: [fencing('cmp1', done)] })).toEqual({
      state: 'proven',
      node: 'cmp1',
      host: 'cmp1',
      lostSinceMs: T0 + 7 * S,
      proof: {
        id: `cmp1:${done / 1000}`,
        node: 'cmp1',
        kind: 'fenced',
        action: 'reboot',
        completedAtMs: done,
        by: 'ctl3',
        origin: 'ctl1',
        evidence: ['history', 'node_fenced'],
      },
    });
  });

  it('an unfencing ("on") proves nothing', () => {
    const watch = watching();
    watch.look(T0, up);
    const fencings = [fencing('cmp1', T0 + 6 * S, { action: 'on' })];
    expect(inAWord(watch.look(T0 + 7 * S, { nodes: [gone], fencings }))).toBe('lost: not-fenced');
  });

  it('a failed fencing proves nothing, though the node has left the membership', () => {
    const watch = watching();
    watch.look(T0, up);
    const fencings = [fencing('cmp1', T0 + 6 * S, { status: 'failed', exitReason: 'Fence agent did not complete' })];
    expect(inAWord(watch.look(T0 + 7 * S, { nodes: [gone], fencings }))).toBe('lost: fencing-failed');
  });

  it('an old record that a restarted controller lists late proves nothing', () => {
    const watch = watching();
    watch.look(T0, up);
    watch.look(T0 + 5 * S, { nodes: [gone] });
    const fencings = [fencing('cmp1', T0 - 3_600 * S)];
    expect(inAWord(watch.look(T0 + 12 * S, { nodes: [gone], fencings }))).toBe('lost: not-fenced');
  });

  it('a record that was listed when the node was last up proves nothing, whatever its time says', () => {
    const watch = watching();
    const fencings = [fencing('cmp1', T0 + 3_600 * S)];
    watch.look(T0, { ...up, fencings });
    expect(inAWord(watch.look(T0 + 5 * S, { nodes: [gone], fencings }))).toBe('lost: not-fenced');
  });

  it('a completion up to 3 s before the node was last seen up counts: seconds are rounded and clocks differ', () => {
    const watch = watching();
    watch.look(T0, up);
    const fencings = [fencing('cmp1', T0 - 2 * S)];
    expect(inAWord(watch.look(T0 + 1 * S, { nodes: [lostRemote('cmp1')], fencings }))).toBe('lost: not-fenced');
    expect(inAWord(watch.look(T0 + 2 * S, { nodes: [gone], fencings }))).toBe('proven');
  });

  it('a pending or failed fencing after a success does not undo the proof', () => {
    const watch = watching();
    watch.look(T0, up);
    const done = T0 + 6 * S;
    const later = [
      fencing('cmp1', undefined),
      fencing('cmp1', T0 + 7 * S, { status: 'failed' }),
      fencing('cmp1', done),
    ];
    expect(inAWord(watch.look(T0 + 8 * S, { nodes: [fencedRemote('cmp1', done)], fencings: later }))).toBe('proven');
  });

  it('node_fenced alone proves only when a human confirmation would be accepted: it may have been one', () => {
    const done = T0 + 6 * S;
    const nodes = [fencedRemote('cmp1', done)];
    const strict = watching();
    strict.look(T0, up);
    expect(inAWord(strict.look(T0 + 7 * S, { nodes }))).toBe('lost: human-not-accepted');

    const trusting = watching({ acceptHumanConfirmation: true });
    trusting.look(T0, up);
    expect(trusting.look(T0 + 7 * S, { nodes })).toMatchObject({
      state: 'proven',
      proof: { by: 'unknown', action: undefined, evidence: ['node_fenced'] },
    });
  });

  it('a record that arrives after node_fenced proved makes no second proof', () => {
    const watch = watching({ acceptHumanConfirmation: true });
    watch.look(T0, up);
    const nodes = [fencedRemote('cmp1', T0 + 6 * S)];
    const first = watch.look(T0 + 7 * S, { nodes });
    const second = watch.look(T0 + 8 * S, { nodes, fencings: [fencing('cmp1', T0 + 5 * S)] });
    expect(second).toEqual(first);
  });

  it('a record within 5 s of node_fenced names the proof, so that both ways to it give one id', () => {
    const watch = watching();
    watch.look(T0, up);
    const verdict = watch.look(T0 + 9 * S, {
      nodes: [fencedRemote('cmp1', T0 + 7 * S)],
      fencings: [fencing('cmp1', T0 + 6 * S)],
    });
    expect(verdict).toMatchObject({ state: 'proven', proof: { id: `cmp1:${(T0 + 6 * S) / 1000}` } });
  });

  it('an engine that starts after the fencing believes node_fenced, and its record', () => {
    const done = T0 - 60 * S;
    const nodes = [fencedRemote('cmp1', done)];
    expect(inAWord(watching().look(T0, { nodes, fencings: [fencing('cmp1', done)] }))).toBe('proven');
  });

  it('an engine without memory does not believe a lone record about a remote node', () => {
    const watch = watching();
    const fencings = [fencing('cmp1', T0 - 2 * S)];
    const nodes = [gone];
    expect(inAWord(watch.look(T0, { nodes, fencings }))).toBe('lost: not-fenced');
    expect(inAWord(watch.look(T0 + 5 * S, { nodes, fencings }))).toBe('lost: not-fenced');
  });

  it('a node is not proven while the CIB still has it in the membership: it may be back since', () => {
    const watch = watching();
    watch.look(T0, up);
    const fencings = [fencing('cmp1', T0 + 2 * S)];
    expect(inAWord(watch.look(T0 + 3 * S, { nodes: [lostRemote('cmp1')], fencings }))).toBe('lost: not-fenced');
  });

  it('a remote node is not proven while its connection is shown as Started, though node_fenced is set', () => {
    const watch = watching();
    watch.look(T0, up);
    const done = T0 + 2 * S;
    const shown = [remoteNode('cmp1', { state: { ...goneState(done), inMembership: true } })];
    const fencings = [fencing('cmp1', done)];
    expect(inAWord(watch.look(T0 + 3 * S, { nodes: shown, fencings }))).toBe('lost: fencing-pending');
    expect(inAWord(watch.look(T0 + 4 * S, { nodes: [fencedRemote('cmp1', done)], fencings }))).toBe('proven');
  });

  it('c3: "online" while the connection is only Starting is not up, and keeps the proof', () => {
    const watch = watching();
    watch.look(T0, up);
    const done = T0 + 6 * S;
    const starting = remoteNode('cmp1', { state: goneState(done) }, { role: 'Starting' });
    const fencings = [fencing('cmp1', done)];
    expect(inAWord(watch.look(T0 + 7 * S, { nodes: [starting], fencings }))).toBe('proven');
    expect(inAWord(watch.look(T0 + 17 * S, { nodes: [starting], fencings }))).toBe('proven');
  });

  it('e7: a DC that dies while it fences leaves no proof, and no loss once the node is up again', () => {
    const watch = watching();
    watch.look(T0, up);
    const pending = [fencing('cmp1', undefined)];
    expect(inAWord(watch.look(T0 + 2 * S, { nodes: [lostRemote('cmp1')], fencings: pending }))).toBe(
      'lost: fencing-pending',
    );
    expect(inAWord(watch.look(T0 + 5 * S, { dc: undefined, nodes: [lostRemote('cmp1')] }))).toBe('lost: no-dc');
    // The new DC shows the node as fine, its connection Started on the controller that is gone.
    const dead = clusterNode('ctl1', { online: false, unclean: true });
    const failed = [fencing('cmp1', T0 + 6 * S, { status: 'failed' })];
    const forgotten = { dc: 'ctl2', nodes: [remoteNode('cmp1'), dead], fencings: failed };
    expect(inAWord(watch.look(T0 + 7 * S, forgotten))).toBe('lost: fencing-failed');
    const back = { dc: 'ctl2', nodes: [remoteNode('cmp1', {}, { hostedBy: 'ctl2' }), dead], fencings: failed };
    expect(inAWord(watch.look(T0 + 20 * S, back))).toBe('up');
    expect(watch.missed).toEqual([]);
  });

  it('after a proven loss the node is up again, and the next loss needs a proof of its own', () => {
    const watch = watching();
    watch.look(T0, up);
    const fencings = [fencing('cmp1', T0 + 6 * S)];
    const first = watch.look(T0 + 7 * S, { nodes: [fencedRemote('cmp1', T0 + 6 * S)], fencings });
    expect(inAWord(watch.look(T0 + 60 * S, { ...up, fencings }))).toBe('up');
    expect(inAWord(watch.look(T0 + 65 * S, { nodes: [lostRemote('cmp1')], fencings }))).toBe('lost: not-fenced');
    const second = watch.look(T0 + 70 * S, {
      nodes: [fencedRemote('cmp1', T0 + 69 * S)],
      fencings: [fencing('cmp1', T0 + 69 * S), ...fencings],
    });
    expect(first?.state === 'proven' && second?.state === 'proven' && first.proof.id !== second.proof.id).toBe(true);
  });

  it('with fencing disabled nothing becomes proven; enabled again, what then stands counts', () => {
    const watch = watching();
    watch.look(T0, up);
    const nodes = [fencedRemote('cmp1', T0 + 6 * S)];
    const fencings = [fencing('cmp1', T0 + 6 * S)];
    const disabled = watch.look(T0 + 7 * S, { nodes, fencings, options: { stonithEnabled: false } });
    expect(disabled).toMatchObject({
      hold: { kind: 'fencing-disabled', remedy: 'pcs property set stonith-enabled=true' },
    });
    expect(inAWord(watch.look(T0 + 8 * S, { nodes, fencings }))).toBe('proven');
  });
});

describe('S1 proof of a cluster node that hosts instances', () => {
  const hosts = { novaHosts: ['ctl2'] };
  const down = { inMembership: false, fencedAtMs: undefined, crmd: 'offline', join: 'down', expected: 'down' };
  const offline = clusterNode('ctl2', { online: false, state: down });

  it('without memory a fresh success and the DC’s word prove it', () => {
    const watch = watching(hosts);
    watch.see(snapshotAt(T0, { nodes: [offline], fencings: [fencing('ctl2', T0 - 60 * S)] }));
    expect(inAWord(watch.verdict('ctl2'))).toBe('proven');
  });

  it('without memory an old success proves nothing: a clean shutdown since looks the same', () => {
    const watch = watching(hosts);
    watch.see(snapshotAt(T0, { nodes: [offline], fencings: [fencing('ctl2', T0 - 3_600 * S)] }));
    expect(inAWord(watch.verdict('ctl2'))).toBe('hands-off');
  });

  it('after a gap in our watch an unseen record no longer tells whether the node was back since', () => {
    const watch = watching(hosts);
    watch.see(snapshotAt(T0));
    const fencings = [fencing('ctl2', T0 + 10 * S)];
    watch.see(snapshotAt(T0 + 1_200 * S, { nodes: [offline], fencings }));
    watch.see(snapshotAt(T0 + 1_205 * S, { nodes: [offline], fencings }));
    expect(inAWord(watch.verdict('ctl2'))).toBe('hands-off');
  });

  it('a fencing from before the node was back proves nothing, gap or not, however fresh', () => {
    const watch = watching(hosts);
    const fencings = [fencing('ctl2', T0 - 60 * S)];
    watch.see(snapshotAt(T0, { fencings }));
    watch.see(snapshotAt(T0 + 60 * S, { nodes: [offline], fencings }));
    expect(inAWord(watch.verdict('ctl2'))).toBe('hands-off');
  });

  it('a controller that is no Nova host gets no verdict, lost or not', () => {
    const watch = watching();
    watch.see(snapshotAt(T0));
    watch.see(snapshotAt(T0 + 5 * S, { nodes: [clusterNode('ctl2', { online: false, unclean: true })] }));
    expect(watch.verdict('ctl2')).toBeUndefined();
    expect(watch.sentences).toEqual([]);
  });
});

describe('fencings of another partition', () => {
  const cut = clusterNode('ctl1', { online: false, unclean: true });
  const elsewhere = { origin: 'ctl1', delegate: 'ctl1' };

  it('a record made by a controller that was not with us proves nothing by itself', () => {
    const watch = watching();
    watch.see(snapshotAt(T0, { dc: 'ctl2', nodes: [remoteNode('cmp1', {}, { hostedBy: 'ctl2' })] }));
    watch.see(snapshotAt(T0 + 5 * S, { dc: 'ctl2', nodes: [gone, cut] }));
    const fencings = [fencing('cmp1', T0 + 10 * S, elsewhere)];
    watch.see(snapshotAt(T0 + 15 * S, { dc: 'ctl2', nodes: [gone], fencings }));
    expect(inAWord(watch.verdict())).toBe('lost: not-fenced');
  });

  it('the same record counts when our own DC recorded the fencing as node_fenced', () => {
    const watch = watching();
    watch.see(snapshotAt(T0, { dc: 'ctl2', nodes: [remoteNode('cmp1', {}, { hostedBy: 'ctl2' })] }));
    watch.see(snapshotAt(T0 + 5 * S, { dc: 'ctl2', nodes: [lostRemote('cmp1'), cut] }));
    const nodes = [fencedRemote('cmp1', T0 + 10 * S)];
    watch.see(snapshotAt(T0 + 15 * S, { dc: 'ctl2', nodes, fencings: [fencing('cmp1', T0 + 10 * S, elsewhere)] }));
    expect(inAWord(watch.verdict())).toBe('proven');
  });

  it('what we ourselves fenced without quorum proves nothing when quorum is back', () => {
    const watch = watching();
    watch.see(snapshotAt(T0, up));
    watch.see(snapshotAt(T0 + 3 * S, { quorate: false, nodes: [stoppedRemote('cmp1')] }));
    watch.see(snapshotAt(T0 + 20 * S, { quorate: false, nodes: [stoppedRemote('cmp1')] }));
    const nodes = [fencedRemote('cmp1', T0 + 13 * S)];
    const fencings = [fencing('cmp1', T0 + 13 * S, elsewhere)];
    watch.see(snapshotAt(T0 + 25 * S, { nodes, fencings }));
    expect(inAWord(watch.verdict())).toBe('lost: not-fenced');
  });
});
