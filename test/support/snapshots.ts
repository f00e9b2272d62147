import type {
  ClusterNode,
  ClusterOptions,
  ClusterSnapshot,
  Fencing,
  RemoteConnection,
} from '../../src/crm/snapshot.ts';

/** 2026-11-22 06:18:00 UTC, the day of the recordings. */
export const T0 = Date.UTC(2026, 10, 22, 6, 18, 0);

export function clusterNode(name: string, change: Partial<ClusterNode> = {}): ClusterNode {
  return {
    name,
    kind: 'cluster',
    online: true,
    unclean: false,
    pending: false,
    standby: false,
    maintenance: false,
    shutdown: false,
    state: { inMembership: true, fencedAtMs: undefined, crmd: 'online', join: 'member', expected: 'member' },
    connection: undefined,
    attributes: new Map(),
    ...change,
  };
}

export function connection(resource: string, change: Partial<RemoteConnection> = {}): RemoteConnection {
  return {
    resource,
    role: 'Started',
    targetRole: undefined,
    active: true,
    failed: false,
    managed: true,
    blocked: false,
    maintenance: false,
    hostedBy: 'ctl1',
    ...change,
  };
}

export function remoteNode(
  name: string,
  change: Partial<ClusterNode> = {},
  link: Partial<RemoteConnection> = {},
): ClusterNode {
  return clusterNode(name, {
    kind: 'remote',
    state: { inMembership: true, fencedAtMs: undefined, crmd: undefined, join: undefined, expected: undefined },
    connection: connection(name, link),
    ...change,
  });
}

/** node_state of a remote node whose fencing completed at `fencedAtMs`, or of one that is merely gone. */
export function goneState(fencedAtMs?: number): NonNullable<ClusterNode['state']> {
  return { inMembership: false, fencedAtMs, crmd: undefined, join: undefined, expected: undefined };
}

/** A remote node that Pacemaker has just lost: unclean, its connection failed. */
export function lostRemote(name: string, change: Partial<ClusterNode> = {}): ClusterNode {
  return remoteNode(name, { online: false, unclean: true, ...change }, { failed: true });
}

/** A remote node as it looks after its fencing: offline, clean, its connection starting; node_fenced set. */
export function fencedRemote(name: string, fencedAtMs: number | undefined): ClusterNode {
  return remoteNode(name, { online: false, state: goneState(fencedAtMs) }, { role: 'Starting', failed: true });
}

export function stoppedRemote(name: string, link: Partial<RemoteConnection> = {}): ClusterNode {
  return remoteNode(
    name,
    { online: false, state: goneState() },
    { role: 'Stopped', active: false, hostedBy: undefined, ...link },
  );
}

export function fencing(target: string, completedAtMs: number | undefined, change: Partial<Fencing> = {}): Fencing {
  return {
    target,
    action: 'reboot',
    status: completedAtMs === undefined ? 'pending' : 'success',
    client: 'pacemaker-controld.60',
    origin: 'ctl1',
    delegate: completedAtMs === undefined ? undefined : 'ctl3',
    completedAtMs: completedAtMs === undefined ? undefined : Math.floor(completedAtMs / 1000) * 1000,
    exitReason: undefined,
    ...change,
  };
}

const options: ClusterOptions = {
  stonithEnabled: true,
  maintenanceMode: false,
  stopAllResources: false,
  noQuorumPolicy: 'stop',
};

export interface SnapshotChange extends Omit<Partial<ClusterSnapshot>, 'nodes' | 'options'> {
  /** Beside the three controllers; one of the same name replaces it. */
  readonly nodes?: readonly ClusterNode[];
  readonly options?: Partial<ClusterOptions>;
}

/** Three controllers with quorum, DC ctl1, and the given nodes. */
export function snapshotAt(readAtMs: number, change: SnapshotChange = {}): ClusterSnapshot {
  const nodes = [clusterNode('ctl1'), clusterNode('ctl2'), clusterNode('ctl3'), ...(change.nodes ?? [])];
  return {
    readAtMs,
    localNode: 'ctl1',
    quorate: true,
    dc: 'ctl1',
    fencings: [],
    ...change,
    options: { ...options, ...change.options },
    nodes: new Map(nodes.map((node) => [node.name, node])),
  };
}
