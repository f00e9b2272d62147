import type { CrmMon, MonitoredNode } from './crm-mon.ts';
import { mergeFencings } from './fencing-event.ts';
import type { CibNodes } from './node-state.ts';
import type { ClusterNode, ClusterSnapshot, Fencing } from './snapshot.ts';

export interface SnapshotParts {
  readonly readAtMs: number;
  readonly localNode: string;
  readonly crmMon: CrmMon;
  readonly cibNodes: CibNodes;
  readonly fenceHistory: readonly Fencing[];
}

/** One immutable snapshot of what three commands told. The nodes are those that crm_mon lists. */
export function joinSnapshot({ readAtMs, localNode, crmMon, cibNodes, fenceHistory }: SnapshotParts): ClusterSnapshot {
  const nodes = new Map(crmMon.nodes.map((node) => [node.name, joinNode(node, crmMon, cibNodes)]));
  return Object.freeze({
    readAtMs,
    localNode,
    quorate: crmMon.quorate,
    dc: crmMon.dc,
    options: crmMon.options,
    nodes,
    fencings: Object.freeze(mergeFencings([fenceHistory, crmMon.fencings], readAtMs)),
    failures: Object.freeze(crmMon.failures),
  });
}

function joinNode(node: MonitoredNode, crmMon: CrmMon, cibNodes: CibNodes): ClusterNode {
  return Object.freeze({
    ...node,
    state: cibNodes.states.get(node.name),
    connection: node.kind === 'cluster' ? undefined : crmMon.connections.get(node.name),
    attributes: joinAttributes(cibNodes.attributes.get(node.name), crmMon.attributes.get(node.name)),
  });
}

const NONE: ReadonlyMap<string, string> = new Map();

/** crm_mon's value wins: a transient attribute hides a permanent one of the same name, in Pacemaker as well. */
function joinAttributes(
  permanent: ReadonlyMap<string, string> | undefined,
  shown: ReadonlyMap<string, string> | undefined,
): ReadonlyMap<string, string> {
  if (permanent === undefined) return shown ?? NONE;
  return new Map([...permanent, ...(shown ?? NONE)]);
}
