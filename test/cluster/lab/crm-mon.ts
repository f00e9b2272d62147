/** As much of crm_mon's XML as the lab needs to say whether its nodes are in the cluster. */
export interface ClusterView {
  readonly nodes: readonly { readonly name: string; readonly online: boolean; readonly clean: boolean }[];
  /** The ocf:pacemaker:remote resources; their names are those of the remote nodes. */
  readonly connections: readonly { readonly name: string; readonly started: boolean }[];
}

export function parseCrmMon(xml: string): ClusterView {
  const nodes = [...xml.matchAll(/<node (name="[^>]*\bonline="[^>]*)>/g)].map(([, attributes = '']) => ({
    name: attribute(attributes, 'name'),
    online: attribute(attributes, 'online') === 'true' && attribute(attributes, 'pending') === 'false',
    clean: attribute(attributes, 'unclean') === 'false',
  }));
  const connections = [...xml.matchAll(/<resource ([^>]*resource_agent="ocf:pacemaker:remote"[^>]*)>/g)];
  return {
    nodes,
    connections: connections.map(([, attributes = '']) => ({
      name: attribute(attributes, 'id'),
      started: attribute(attributes, 'role') === 'Started' && attribute(attributes, 'failed') === 'false',
    })),
  };
}

/**
 * The nodes of `expected` that are not fully in the cluster. A remote node must also have its connection Started:
 * crm_mon says online="true" already while the connection is Starting, even to a host without power.
 */
export function missingNodes(view: ClusterView, expected: readonly string[]): readonly string[] {
  return expected.filter((name) => {
    const node = view.nodes.find((candidate) => candidate.name === name);
    const connection = view.connections.find((candidate) => candidate.name === name);
    return node?.online !== true || !node.clean || connection?.started === false;
  });
}

export interface FencingRecord {
  readonly target: string;
  readonly action: string;
  readonly status: string;
  /** Milliseconds since the epoch, of whole seconds; absent while pending. */
  readonly completedAtMs?: number;
}

/** From `stonith_admin --history '*' -V --output-as=xml`, the newest first. */
export function parseFencingHistory(xml: string): readonly FencingRecord[] {
  return [...xml.matchAll(/<fence_event ([^>]*)>/g)].map(([, attributes = '']) => {
    // As Pacemaker writes it: 2026-11-22 20:41:10Z
    const completed = attribute(attributes, 'completed');
    return {
      target: attribute(attributes, 'target'),
      action: attribute(attributes, 'action'),
      status: attribute(attributes, 'status'),
      ...(completed === '' ? {} : { completedAtMs: Date.parse(completed.replace(' ', 'T')) }),
    };
  });
}

function attribute(attributes: string, name: string): string {
  return new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
}
