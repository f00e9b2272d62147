import { describe, expect, it } from 'vitest';
import type { ClusterNode, RemoteConnection } from '../../../src/crm/snapshot.ts';
import {
  T0,
  fencedRemote,
  fencing,
  goneState,
  lostRemote,
  remoteNode,
  stoppedRemote,
} from '../../support/snapshots.ts';
import type { SnapshotChange } from '../../support/snapshots.ts';
import { inAWord, watching } from './watch.ts';

const S = 1_000;
const up = { nodes: [remoteNode('cmp1')] };
const dead = { online: false, state: goneState(T0 + 6 * S) };

interface Mark {
  readonly name: string;
  readonly node?: Partial<ClusterNode>;
  readonly link?: Partial<RemoteConnection>;
  readonly options?: SnapshotChange['options'];
}

const marks: readonly Mark[] = [
  { name: 'cluster maintenance-mode', options: { maintenanceMode: true } },
  { name: 'stop-all-resources', options: { stopAllResources: true } },
  { name: 'maintenance of the node', node: { maintenance: true } },
  { name: 'standby', node: { standby: true } },
  { name: 'a disabled connection', link: { targetRole: 'Stopped' } },
  { name: 'an unmanaged connection', link: { managed: false } },
  { name: 'maintenance of the connection', link: { maintenance: true } },
];

function marked(mark: Mark, node: Partial<ClusterNode>, link: Partial<RemoteConnection>): SnapshotChange {
  const options = mark.options === undefined ? {} : { options: mark.options };
  return { nodes: [remoteNode('cmp1', { ...node, ...mark.node }, { ...link, ...mark.link })], ...options };
}

const gone = { role: 'Stopped', active: false, failed: true };
const fencings = [fencing('cmp1', T0 + 6 * S)];

describe.each(marks)('S8 hands off: $name', (mark) => {
  it('a marked node that is up is left alone', () => {
    expect(inAWord(watching().look(T0, marked(mark, {}, {})))).toBe('hands-off');
  });

  it('a node that was marked, died and was fenced is the administrator’s', () => {
    const watch = watching();
    watch.look(T0, up);
    watch.look(T0 + 3 * S, marked(mark, {}, {}));
    expect(inAWord(watch.look(T0 + 7 * S, { ...marked(mark, dead, gone), fencings }))).toBe('hands-off');
    expect(inAWord(watch.look(T0 + 12 * S, { ...marked(mark, dead, gone), fencings }))).toBe('hands-off');
  });

  it('when the mark is lifted that fencing still proves nothing; a new one does', () => {
    const watch = watching();
    watch.look(T0, up);
    watch.look(T0 + 3 * S, marked(mark, {}, {}));
    watch.look(T0 + 7 * S, { ...marked(mark, dead, gone), fencings });
    const lifted = { nodes: [lostRemote('cmp1', { state: goneState(T0 + 6 * S) })], fencings };
    expect(inAWord(watch.look(T0 + 10 * S, lifted))).toBe('lost: not-fenced');
    const again = { nodes: [fencedRemote('cmp1', T0 + 14 * S)], fencings: [fencing('cmp1', T0 + 14 * S), ...fencings] };
    expect(inAWord(watch.look(T0 + 15 * S, again))).toBe('proven');
  });

  it('a lost node that is marked afterwards is left alone, and proven when it is fenced', () => {
    const watch = watching();
    watch.look(T0, up);
    watch.look(T0 + 3 * S, { nodes: [lostRemote('cmp1')] });
    const waiting = marked(mark, { online: false, unclean: true }, gone);
    expect(inAWord(watch.look(T0 + 5 * S, waiting))).toBe('hands-off');
    expect(inAWord(watch.look(T0 + 8 * S, { ...marked(mark, dead, gone), fencings }))).toBe('proven');
  });

  it('a lost node whose mark is lifted again is lost since the first time', () => {
    const watch = watching();
    watch.look(T0, up);
    watch.look(T0 + 3 * S, { nodes: [lostRemote('cmp1')] });
    watch.look(T0 + 5 * S, marked(mark, { online: false, unclean: true }, gone));
    expect(watch.look(T0 + 8 * S, { nodes: [lostRemote('cmp1')] })).toMatchObject({ lostSinceMs: T0 + 3 * S });
  });

  it('a proven node stays proven when it is marked', () => {
    const watch = watching();
    watch.look(T0, up);
    watch.look(T0 + 7 * S, { nodes: [fencedRemote('cmp1', T0 + 6 * S)], fencings });
    expect(inAWord(watch.look(T0 + 9 * S, { ...marked(mark, dead, gone), fencings }))).toBe('proven');
  });

  it('a fencing and the mark in one look: the fencing wins', () => {
    const watch = watching();
    watch.look(T0, up);
    expect(inAWord(watch.look(T0 + 7 * S, { ...marked(mark, dead, gone), fencings }))).toBe('proven');
  });

  it('an engine that just started leaves a marked and fenced node alone', () => {
    expect(inAWord(watching().look(T0 + 7 * S, { ...marked(mark, dead, gone), fencings }))).toBe('hands-off');
  });
});

describe('S8 hands off: clean ways to leave', () => {
  it('a connection that is stopped cleanly is left alone', () => {
    const watch = watching();
    watch.look(T0, up);
    expect(inAWord(watch.look(T0 + 5 * S, { nodes: [stoppedRemote('cmp1')] }))).toBe('hands-off');
  });

  it.each([
    ['pending', fencing('cmp1', undefined), 'lost: fencing-pending'],
    ['failed', fencing('cmp1', T0 + 3 * S, { status: 'failed' }), 'lost: fencing-failed'],
    ['successful', fencing('cmp1', T0 + 3 * S), 'proven'],
  ])('the same look with a %s fencing is a loss', (_name, record, word) => {
    const watch = watching();
    watch.look(T0, up);
    expect(inAWord(watch.look(T0 + 5 * S, { nodes: [stoppedRemote('cmp1')], fencings: [record] }))).toBe(word);
  });

  it('a loss once open is not closed by a clean look', () => {
    const watch = watching();
    watch.look(T0, up);
    watch.look(T0 + 5 * S, { nodes: [lostRemote('cmp1')] });
    expect(inAWord(watch.look(T0 + 10 * S, { nodes: [stoppedRemote('cmp1')] }))).toBe('lost: not-fenced');
  });

  it('a connection that moves to another controller is neither lost nor up', () => {
    const watch = watching();
    watch.look(T0, up);
    const moving = remoteNode('cmp1', {}, { role: 'Migrating' });
    expect(inAWord(watch.look(T0 + 5 * S, { nodes: [moving] }))).toBe('hands-off');
    watch.look(T0 + 6 * S, up);
    expect(watch.sentences).toEqual([]);
  });

  it('an ignored node is left alone even when it is proven', () => {
    const watch = watching();
    watch.look(T0, up);
    const seen = { nodes: [fencedRemote('cmp1', T0 + 6 * S)], fencings };
    expect(inAWord(watch.look(T0 + 7 * S, seen))).toBe('proven');
    expect(inAWord(watch.look(T0 + 8 * S, seen, { ignoredNodes: ['cmp1'] }))).toBe('hands-off');
  });
});
