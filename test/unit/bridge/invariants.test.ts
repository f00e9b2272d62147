import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, emptyMemory } from '../../../src/bridge/index.ts';
import type { BridgeMemory, Verdict } from '../../../src/bridge/index.ts';
import type { ClusterNode, ClusterSnapshot, Fencing } from '../../../src/crm/snapshot.ts';
import { T0, clusterNode, fencing, goneState, remoteNode, snapshotAt } from '../../support/snapshots.ts';
import { policy } from './watch.ts';

const S = 1_000;
const NODES = ['cmp1', 'cmp2', 'ctl3'] as const;
const LOOKS = ['up', 'failed', 'stopped', 'starting', 'migrating', 'maintenance', 'standby'] as const;
type Look = (typeof LOOKS)[number];

/** What happens before one look at the cluster, and what it shows; consistent or not, as crossing reads may be. */
interface Moment {
  readonly elapsedS: number;
  readonly quorate: boolean;
  readonly hasDc: boolean;
  readonly fencingEnabled: boolean;
  readonly looks: readonly Look[];
  /** Seconds before the look at which node_fenced was set; null: not set. */
  readonly stamps: readonly (number | null)[];
  readonly fencings: readonly {
    readonly target: (typeof NODES)[number];
    readonly action: 'off' | 'reboot' | 'on';
    readonly status: 'success' | 'failed' | 'pending';
    readonly agoS: number;
    readonly delegate: 'ctl2' | 'ctl3' | 'a human';
  }[];
  readonly historyCleaned: boolean;
}

const mostly = fc.integer({ min: 0, max: 9 }).map((n) => n > 0);
const elapsed = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: -4_000, max: 4_000 }) },
);
const moment: fc.Arbitrary<Moment> = fc.record({
  elapsedS: elapsed,
  quorate: mostly,
  hasDc: mostly,
  fencingEnabled: mostly,
  looks: fc.array(fc.constantFrom<Look>('up', 'up', 'failed', 'failed', ...LOOKS), { minLength: 3, maxLength: 3 }),
  stamps: fc.array(fc.option(fc.integer({ min: 0, max: 10 }), { freq: 2 }), { minLength: 3, maxLength: 3 }),
  fencings: fc.array(
    fc.record({
      target: fc.constantFrom(...NODES),
      action: fc.constantFrom('off', 'reboot', 'reboot', 'on'),
      status: fc.constantFrom('success', 'success', 'failed', 'pending'),
      agoS: fc.integer({ min: -3, max: 60 }),
      delegate: fc.constantFrom('ctl2', 'ctl3', 'a human'),
    }),
    { maxLength: 2 },
  ),
  historyCleaned: mostly.map((kept) => !kept),
});

function remote(name: string, look: Look, fencedAtMs: number | undefined): ClusterNode {
  const state = { ...goneState(fencedAtMs), inMembership: look === 'up' };
  switch (look) {
    case 'up':
      return remoteNode(name, { state: { ...state, fencedAtMs: undefined } });
    case 'failed':
      return remoteNode(name, { online: false, unclean: true, state }, { failed: true });
    case 'stopped':
      return remoteNode(name, { online: false, state }, { role: 'Stopped', active: false });
    case 'starting':
      return remoteNode(name, { state }, { role: 'Starting' });
    case 'migrating':
      return remoteNode(name, {}, { role: 'Migrating' });
    case 'maintenance':
      return remoteNode(name, { maintenance: true, state });
    case 'standby':
      return remoteNode(name, { standby: true, online: false, state }, { role: 'Stopped', active: false });
  }
}

function member(name: string, look: Look): ClusterNode {
  const down = { inMembership: false, fencedAtMs: undefined, crmd: 'offline', join: 'down', expected: 'down' };
  if (look === 'up' || look === 'migrating' || look === 'starting') return clusterNode(name);
  if (look === 'failed') {
    return clusterNode(name, { online: false, unclean: true, state: { ...down, expected: 'member' } });
  }
  if (look === 'stopped') return clusterNode(name, { online: false, state: down });
  return clusterNode(name, { online: false, state: down, [look]: true });
}

function snapshotsOf(moments: readonly Moment[]): readonly ClusterSnapshot[] {
  let atMs = T0;
  let history: readonly Fencing[] = [];
  return moments.map((now, index) => {
    atMs += now.elapsedS * S;
    const pendingOver = history.filter((record) => record.status !== 'pending');
    const fresh = now.fencings.map(({ target, status, agoS, action, delegate }) =>
      fencing(target, status === 'pending' ? undefined : atMs - agoS * S, {
        action,
        status,
        delegate: status === 'pending' ? undefined : delegate,
        client: `pacemaker-controld.${index}`,
      }),
    );
    history = now.historyCleaned ? fresh : [...fresh, ...pendingOver];
    const stamp = (n: number): number | undefined => {
      const ago = now.stamps[n];
      return ago === null || ago === undefined ? undefined : atMs - ago * S;
    };
    const look = (n: number): Look => now.looks[n] ?? 'up';
    return snapshotAt(atMs, {
      quorate: now.quorate,
      dc: now.hasDc ? 'ctl1' : undefined,
      options: { stonithEnabled: now.fencingEnabled },
      nodes: [remote('cmp1', look(0), stamp(0)), remote('cmp2', look(1), stamp(1)), member('ctl3', look(2))],
      fencings: history,
    });
  });
}

/** Read from the snapshot by other words than presence.ts uses. */
function looksUp(node: ClusterNode | undefined): boolean {
  if (node === undefined || !node.online || node.unclean) return false;
  if (node.kind === 'cluster') return node.state?.inMembership === true;
  return node.connection?.role === 'Started' && !node.connection.failed && node.state?.fencedAtMs === undefined;
}

const mayDecide = (snapshot: ClusterSnapshot): boolean => snapshot.quorate && snapshot.dc !== undefined;

interface Seen {
  readonly snapshot: ClusterSnapshot;
  readonly verdict: Verdict;
  readonly previous: Verdict | undefined;
  /** readAtMs of the last snapshot with authority that showed the node up (earlier, if the clock went back since). */
  readonly lastUpAtMs: number | undefined;
  /** How many showed it up. */
  readonly upCount: number;
}

function watch(moments: readonly Moment[], acceptHumanConfirmation: boolean): readonly Seen[] {
  const hosts = { ...policy, acceptHumanConfirmation, novaHosts: [...NODES] };
  const seen: Seen[] = [];
  let memory: BridgeMemory = emptyMemory;
  const previous = new Map<string, Seen>();
  for (const snapshot of snapshotsOf(moments)) {
    const decision = decide(snapshot, memory, hosts, snapshot.readAtMs);
    memory = JSON.parse(JSON.stringify(decision.memory)) as BridgeMemory;
    for (const verdict of decision.verdicts) {
      const before = previous.get(verdict.node);
      const isUp = mayDecide(snapshot) && looksUp(snapshot.nodes.get(verdict.node));
      const entry: Seen = {
        snapshot,
        verdict,
        previous: before?.verdict,
        lastUpAtMs: isUp ? snapshot.readAtMs : before?.lastUpAtMs && Math.min(before.lastUpAtMs, snapshot.readAtMs),
        upCount: (before?.upCount ?? 0) + (isUp ? 1 : 0),
      };
      previous.set(verdict.node, entry);
      seen.push(entry);
    }
  }
  return seen;
}

const isNewProof = ({ verdict, previous }: Seen): boolean =>
  verdict.state === 'proven' && !(previous?.state === 'proven' && previous.proof.id === verdict.proof.id);

function everySight(holds: (seen: Seen) => void, only: (seen: Seen) => boolean = () => true): void {
  fc.assert(
    fc.property(fc.array(moment, { minLength: 2, maxLength: 14 }), fc.boolean(), (moments, human) => {
      for (const seen of watch(moments, human)) if (only(seen)) holds(seen);
    }),
    { numRuns: 500 },
  );
}

describe('whatever the cluster shows', () => {
  it('a proof rests on a successful off or reboot of that node, or on node_fenced', () => {
    everySight(({ snapshot, verdict, previous }) => {
      if (verdict.state !== 'proven' || previous?.state === 'lost') return;
      const records = snapshot.fencings.filter(
        (record) => record.target === verdict.node && record.status === 'success' && record.action !== 'on',
      );
      const stamp = snapshot.nodes.get(verdict.node)?.state?.fencedAtMs;
      expect(records.length > 0 || stamp !== undefined).toBe(true);
    }, isNewProof);
  });

  it('nothing is proven without quorum and a DC', () => {
    everySight(({ snapshot, verdict }) => {
      if (!mayDecide(snapshot)) expect(verdict.state).not.toBe('proven');
    });
  });

  it('no loss becomes proven while fencing is disabled', () => {
    everySight(
      ({ previous }) => expect(['lost', 'hands-off']).toContain(previous?.state),
      (seen) => isNewProof(seen) && !seen.snapshot.options.stonithEnabled,
    );
  });

  it('no node that takes part is proven down', () => {
    everySight(({ snapshot, verdict }) => {
      if (mayDecide(snapshot) && looksUp(snapshot.nodes.get(verdict.node))) expect(verdict.state).not.toBe('proven');
    });
  });

  it('one proof is never used for two losses', () => {
    fc.assert(
      fc.property(fc.array(moment, { minLength: 2, maxLength: 14 }), fc.boolean(), (moments, human) => {
        const upCountOf = new Map<string, number>();
        for (const { verdict, upCount } of watch(moments, human)) {
          if (verdict.state !== 'proven') continue;
          expect(upCountOf.get(verdict.proof.id) ?? upCount).toBe(upCount);
          upCountOf.set(verdict.proof.id, upCount);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a record that completed well before the node was last up proves nothing', () => {
    everySight(({ verdict, lastUpAtMs }) => {
      if (verdict.state !== 'proven' || lastUpAtMs === undefined) return;
      if (verdict.proof.evidence.includes('node_fenced')) return;
      expect(verdict.proof.completedAtMs).toBeGreaterThanOrEqual(lastUpAtMs - 3 * S);
    }, isNewProof);
  });

  it('a loss ends only when the node is up or an administrator takes it', () => {
    everySight(({ snapshot, verdict, previous }) => {
      if (previous?.state !== 'lost' && previous?.state !== 'proven') return;
      const node = snapshot.nodes.get(verdict.node);
      if (looksUp(node) || node?.maintenance === true || node?.standby === true) return;
      expect(['lost', 'proven']).toContain(verdict.state);
    });
  });

  it('a proof stands, unchanged, until the node is up', () => {
    everySight(({ snapshot, verdict, previous }) => {
      if (previous?.state !== 'proven' || !mayDecide(snapshot)) return;
      if (looksUp(snapshot.nodes.get(verdict.node))) return;
      expect(verdict).toEqual(previous);
    });
  });
});
