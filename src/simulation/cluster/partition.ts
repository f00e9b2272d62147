import type { Fencing, NodeState, RemoteConnection } from '../../crm/snapshot.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What one partition of the cluster believes. Two partitions believe different things of the same node. */
export interface Partition {
  readonly id: number;
  members: readonly string[];
  dc: string | undefined;
  quorate: boolean;
  readonly nodes: Map<string, BelievedNode>;
  /** Newest first. */
  fencings: FencingRecord[];
  /** From when on a member lists them. */
  readonly historyFromMs: Map<string, number>;
  /** Fencings of a node that failed in a row. */
  readonly failures: Map<string, number>;
  /** Where Pacemaker believes lifeboatd to be. */
  engineOn: string | undefined;
  /** The next transition, when one is due. */
  transition: (() => void) | undefined;
  /** Grows with every change, as the CIB's does: when partitions join, the newest wins. */
  version: number;
  /** Another partition has taken its place. */
  isOver: boolean;
}

export interface BelievedNode {
  readonly name: string;
  readonly kind: 'cluster' | 'remote';
  online: boolean;
  unclean: boolean;
  pending: boolean;
  standby: boolean;
  maintenance: boolean;
  shutdown: boolean;
  state: Mutable<NodeState> | undefined;
  connection: Mutable<RemoteConnection> | undefined;
  /** Counts what was begun about its connection: what was begun before is over. */
  turn: number;
}

export type FencingRecord = Mutable<Fencing>;

export function memberState(): Mutable<NodeState> {
  return { inMembership: true, fencedAtMs: undefined, crmd: 'online', join: 'member', expected: 'member' };
}

export function remoteState(inMembership: boolean): Mutable<NodeState> {
  return { inMembership, fencedAtMs: undefined, crmd: undefined, join: undefined, expected: undefined };
}

export function connectionTo(name: string, hostedBy: string): Mutable<RemoteConnection> {
  return {
    resource: name,
    role: 'Started',
    targetRole: undefined,
    active: true,
    failed: false,
    managed: true,
    blocked: false,
    maintenance: false,
    hostedBy,
  };
}

export function clusterNode(name: string): BelievedNode {
  return { ...plainNode(name), kind: 'cluster', state: memberState(), connection: undefined };
}

export function remoteNode(name: string, hostedBy: string): BelievedNode {
  return { ...plainNode(name), kind: 'remote', state: remoteState(true), connection: connectionTo(name, hostedBy) };
}

function plainNode(name: string): Omit<BelievedNode, 'kind' | 'state' | 'connection'> {
  const calm = { unclean: false, pending: false, standby: false, maintenance: false, shutdown: false };
  return { name, online: true, ...calm, turn: 0 };
}

/** What the side believes that was cut off: the same, until it notices. */
export function splitOff(from: Partition, id: number): Partition {
  const nodes = [...from.nodes.values()].map((node): [string, BelievedNode] => [
    node.name,
    { ...node, state: node.state && { ...node.state }, connection: node.connection && { ...node.connection } },
  ]);
  return {
    ...from,
    id,
    nodes: new Map(nodes),
    fencings: from.fencings.map((record) => ({ ...record })),
    historyFromMs: new Map(from.historyFromMs),
    failures: new Map(from.failures),
    transition: undefined,
  };
}
