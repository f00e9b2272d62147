import { connectionsIn } from './connection.ts';
import { fencingOf } from './fencing-event.ts';
import { failureOf } from './operation-failure.ts';
import { childOf, parseResult, requireSection } from './pacemaker-result.ts';
import { optionalFlag, requireFlag, requireText, unreadable } from './read-attribute.ts';
import type { ClusterNode, ClusterOptions, Fencing, NodeKind, OperationFailure, RemoteConnection } from './snapshot.ts';
import type { XmlElement } from './xml-element.ts';

const SOURCE = 'crm_mon';

/** A node without what only the CIB tells. */
export type MonitoredNode = Omit<ClusterNode, 'state' | 'connection' | 'attributes'>;

export interface CrmMon {
  readonly quorate: boolean;
  readonly dc: string | undefined;
  readonly options: ClusterOptions;
  readonly nodes: readonly MonitoredNode[];
  /** By the name of the node that the resource connects. */
  readonly connections: ReadonlyMap<string, RemoteConnection>;
  /** By node name. Of online nodes only: crm_mon 2.1.5 leaves the attributes of an offline node out. */
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly failures: readonly OperationFailure[];
  /** Reduced by crm_mon to the newest of each flavour. The pending ones are here. */
  readonly fencings: readonly Fencing[];
}

/**
 * The output of `crm_mon --output-as=xml`, whole or with sections left out; without <summary> and <nodes> it says
 * nothing. Unknown elements and attributes are ignored, so that a newer Pacemaker is understood.
 *
 * @throws LifeboatError CRM_GARBAGE, or what the command's status stands for
 */
export function parseCrmMon(text: string): CrmMon {
  const root = parseResult(text, SOURCE);
  const summary = requireSection(root, 'summary', SOURCE);
  const nodes = requireSection(root, 'nodes', SOURCE);
  return {
    ...quorumOf(requireSection(summary, 'current_dc', SOURCE)),
    options: optionsOf(requireSection(summary, 'cluster_options', SOURCE)),
    nodes: elements(nodes, 'node').map(nodeOf),
    connections: connectionsIn(childOf(root, 'resources'), SOURCE),
    attributes: attributesOf(childOf(root, 'node_attributes')),
    failures: elements(childOf(root, 'failures'), 'failure').map((failure) => failureOf(failure, SOURCE)),
    fencings: elements(childOf(root, 'fence_history'), 'fence_event').map((event) => fencingOf(event, SOURCE)),
  };
}

function elements(section: XmlElement | undefined, name: string): readonly XmlElement[] {
  return section?.children.filter((child) => child.name === name) ?? [];
}

/** Quorum is an attribute of the DC: while there is none, nobody vouches for quorum. */
function quorumOf(currentDc: XmlElement): Pick<CrmMon, 'quorate' | 'dc'> {
  if (!requireFlag(currentDc, 'present', SOURCE)) return { quorate: false, dc: undefined };
  return {
    quorate: requireFlag(currentDc, 'with_quorum', SOURCE),
    dc: requireText(currentDc, 'name', SOURCE),
  };
}

function optionsOf(options: XmlElement): ClusterOptions {
  return Object.freeze({
    stonithEnabled: requireFlag(options, 'stonith-enabled', SOURCE),
    maintenanceMode: requireFlag(options, 'maintenance-mode', SOURCE),
    // since Pacemaker 2.0.4
    stopAllResources: optionalFlag(options, 'stop-all-resources', false, SOURCE),
    noQuorumPolicy: requireText(options, 'no-quorum-policy', SOURCE),
  });
}

function nodeOf(node: XmlElement): MonitoredNode {
  const flag = (name: string): boolean => requireFlag(node, name, SOURCE);
  return {
    name: requireText(node, 'name', SOURCE),
    kind: kindOf(node),
    online: flag('online'),
    unclean: flag('unclean'),
    pending: flag('pending'),
    standby: flag('standby') || optionalFlag(node, 'standby_onfail', false, SOURCE),
    maintenance: flag('maintenance'),
    shutdown: flag('shutdown'),
  };
}

function kindOf(node: XmlElement): NodeKind {
  const { id_as_resource: container, container_id: containerBefore20 } = node.attributes;
  const type = requireText(node, 'type', SOURCE);
  switch (type) {
    case 'remote':
      return container === undefined && containerBefore20 === undefined ? 'remote' : 'guest';
    // unknown: a cluster node that the CIB does not list yet
    case 'member':
    case 'ping':
    case 'unknown':
      return 'cluster';
    default:
      throw unreadable(node, 'type', 'member, remote, ping or unknown', SOURCE);
  }
}

function attributesOf(section: XmlElement | undefined): ReadonlyMap<string, ReadonlyMap<string, string>> {
  return new Map(
    elements(section, 'node').map((node) => [
      requireText(node, 'name', SOURCE),
      new Map(
        elements(node, 'attribute').map((attribute) => [
          requireText(attribute, 'name', SOURCE),
          requireText(attribute, 'value', SOURCE),
        ]),
      ),
    ]),
  );
}
