import { describe, expect, it } from 'vitest';
import { T0, fencedRemote, fencing, lostRemote, remoteNode } from '../../support/snapshots.ts';
import { inAWord, watching } from './watch.ts';
import type { Watch } from './watch.ts';

const S = 1_000;
const proven = { nodes: [fencedRemote('cmp1', T0 + 6 * S)], fencings: [fencing('cmp1', T0 + 6 * S)] };

function watchingUp(): Watch {
  const watch = watching();
  watch.look(T0, { nodes: [remoteNode('cmp1')] });
  return watch;
}

describe('holds', () => {
  it('a pending fencing says who was asked and since when, and is said once', () => {
    const watch = watchingUp();
    const pending = { nodes: [lostRemote('cmp1')], fencings: [fencing('cmp1', undefined, { origin: 'ctl3' })] };
    watch.look(T0 + 16 * S, pending);
    watch.look(T0 + 21 * S, pending);
    expect(watch.sentences).toEqual([
      'cmp1 is lost since 06:18:16 (connection failed, unclean); held: fencing (reboot, asked on ctl3) is under way since 06:18:16',
    ]);
  });

  it('a failed fencing gives its exit reason, and asks for certainty before a confirmation', () => {
    const failed = fencing('cmp1', T0 + 8 * S, { status: 'failed', exitReason: 'Fence agent did not complete' });
    const verdict = watchingUp().look(T0 + 9 * S, { nodes: [lostRemote('cmp1')], fencings: [failed] });
    expect(verdict).toMatchObject({ hold: { kind: 'fencing-failed' } });
    const hold = verdict?.state === 'lost' ? verdict.hold : undefined;
    expect(hold?.reason).toContain('Fence agent did not complete');
    expect(hold?.remedy).toMatch(/surely off: stonith_admin --confirm cmp1/);
  });

  it('a failure of another day is not this loss’s failure', () => {
    const old = fencing('cmp1', T0 - 86_400 * S, { status: 'failed' });
    const watch = watching();
    watch.look(T0, { nodes: [remoteNode('cmp1')], fencings: [old] });
    expect(inAWord(watch.look(T0 + 5 * S, { nodes: [lostRemote('cmp1')], fencings: [old] }))).toBe('lost: not-fenced');
  });

  it('paused holds a proven node and keeps its proof', () => {
    const watch = watchingUp();
    expect(inAWord(watch.look(T0 + 7 * S, proven, { paused: true }))).toBe('lost: paused');
    expect(watch.look(T0 + 8 * S, proven)).toMatchObject({ state: 'proven', lostSinceMs: T0 + 7 * S });
  });

  it('a proof made before Nova was read is held, and completed by the next decision', () => {
    const watch = watchingUp();
    expect(watch.look(T0 + 7 * S, proven, { novaHosts: undefined })).toMatchObject({
      host: undefined,
      hold: { kind: 'cloud-unavailable' },
    });
    expect(watch.look(T0 + 8 * S, proven)).toMatchObject({ state: 'proven', host: 'cmp1' });
  });

  it('a proven node without a Nova host is held, with the two places to name it', () => {
    const verdict = watchingUp().look(T0 + 7 * S, proven, { novaHosts: ['other'] });
    expect(verdict).toMatchObject({ hold: { kind: 'host-unknown' } });
    const remedy = verdict?.state === 'lost' ? verdict.hold.remedy : undefined;
    expect(remedy).toContain('hosts.map');
    expect(remedy).toContain('crm_attribute --node cmp1 --name lifeboat-host --update');
  });

  it('two nodes of one Nova host are both held', () => {
    const watch = watchingUp();
    const change = { hostMap: { cmp2: 'cmp1' } };
    const nodes = [...proven.nodes, remoteNode('cmp2')];
    expect(inAWord(watch.look(T0 + 7 * S, { ...proven, nodes }, change))).toBe('lost: host-unknown');
  });
});
