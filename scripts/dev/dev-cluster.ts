import type { Cluster } from '../../src/crm/cluster.ts';
import { fencedRemote, fencing, lostRemote, remoteNode, snapshotAt } from '../../test/support/snapshots.ts';

type NodeState =
  { readonly kind: 'up' } | { readonly kind: 'lost' } | { readonly kind: 'fenced'; readonly atMs: number };

/** A cluster that is not there: three controllers, and remote nodes that are lost when somebody says so. */
export interface DevCluster extends Cluster {
  /** Gone, and not fenced yet. */
  lose(node: string): void;
  fenced(node: string): void;
  returned(node: string): void;
  /** What crm_mon would show. */
  readonly attributes: ReadonlyMap<string, string>;
}

export function devCluster(nodes: readonly string[], localNode: string): DevCluster {
  const states = new Map<string, NodeState>(nodes.map((node) => [node, { kind: 'up' }]));
  const history: { readonly node: string; readonly atMs: number }[] = [];
  const attributes = new Map<string, string>();
  return {
    attributes,
    read: async () => {
      const now = Date.now();
      const seen = [...states].map(([name, state]) => {
        if (state.kind === 'up') return remoteNode(name);
        return state.kind === 'lost' ? lostRemote(name) : fencedRemote(name, state.atMs);
      });
      const fencings = history.toReversed().map(({ atMs, node }) => fencing(node, atMs));
      return snapshotAt(now, { localNode, nodes: seen, fencings });
    },
    writeAttribute: async (node, name, value) => {
      if (value === undefined) attributes.delete(`${node} ${name}`);
      else attributes.set(`${node} ${name}`, value);
    },
    lose: (node) => states.set(node, { kind: 'lost' }),
    fenced: (node) => {
      const atMs = Date.now();
      states.set(node, { kind: 'fenced', atMs });
      history.push({ node, atMs });
    },
    returned: (node) => states.set(node, { kind: 'up' }),
  };
}
