/**
 * The whole cluster state read at one moment. Immutable; made only by `readSnapshot`,
 * from crm_mon, the fencing history and the CIB's node_state. Times are milliseconds since the epoch.
 */
export interface ClusterSnapshot {
  /** When reading began, by this node's clock: everything in the snapshot is at least this fresh. */
  readonly readAtMs: number;
  /** The cluster node that was asked. */
  readonly localNode: string;
  readonly quorate: boolean;
  /** Name of the Designated Controller; undefined while there is none. */
  readonly dc: string | undefined;
  readonly options: ClusterOptions;
  /** By node name. */
  readonly nodes: ReadonlyMap<string, ClusterNode>;
  /** Newest first, as far as the history reaches. In memory of pacemaker-fenced: may be empty after a restart. */
  readonly fencings: readonly Fencing[];
  /** Failed operations that nobody has cleaned up, for display. Left out by virtual clusters. */
  readonly failures?: readonly OperationFailure[];
}

/** The last failure of one resource's operation on one node. */
export interface OperationFailure {
  readonly node: string;
  /** As Pacemaker writes it: RESOURCE_ACTION_INTERVAL, with the interval in milliseconds. */
  readonly operation: string;
  /** ok, error, not running … and its number. */
  readonly exitStatus: string;
  readonly exitCode: number;
  /** The resource agent's own words. */
  readonly exitReason: string | undefined;
  /** complete, Timed Out, Error … */
  readonly status: string;
  readonly failedAtMs: number | undefined;
}

export interface ClusterOptions {
  readonly stonithEnabled: boolean;
  readonly maintenanceMode: boolean;
  readonly stopAllResources: boolean;
  readonly noQuorumPolicy: string;
}

export type NodeKind = 'cluster' | 'remote' | 'guest';

export interface ClusterNode {
  readonly name: string;
  readonly kind: NodeKind;
  /** crm_mon's word, which is "true" also for a remote node whose connection is only Starting. Proves nothing. */
  readonly online: boolean;
  readonly unclean: boolean;
  readonly pending: boolean;
  readonly standby: boolean;
  readonly maintenance: boolean;
  /** A clean shutdown is under way. */
  readonly shutdown: boolean;
  /** What the CIB's status section says of it; undefined when it has no node_state. */
  readonly state: NodeState | undefined;
  /** Remote nodes only: the ocf:pacemaker:remote resource that connects it. */
  readonly connection: RemoteConnection | undefined;
  /**
   * Transient and permanent node attributes. Of a node that is offline the permanent ones only: crm_mon hides them all
   * then, the CIB's nodes section keeps the permanent ones.
   */
  readonly attributes: ReadonlyMap<string, string>;
}

export interface NodeState {
  readonly inMembership: boolean;
  /**
   * node_fenced: when the DC saw the last successful fencing of this node; undefined when the node has been back since
   * (Pacemaker resets it to 0). 1 s resolution, seen on 2.1.5.
   */
  readonly fencedAtMs: number | undefined;
  readonly crmd: string | undefined;
  readonly join: string | undefined;
  readonly expected: string | undefined;
}

export interface RemoteConnection {
  readonly resource: string;
  /** Started, Starting, Stopped, Stopping … */
  readonly role: string;
  /** Stopped means: an administrator disabled it. */
  readonly targetRole: string | undefined;
  readonly active: boolean;
  readonly failed: boolean;
  readonly managed: boolean;
  readonly blocked: boolean;
  readonly maintenance: boolean;
  /** The cluster node that hosts the connection. */
  readonly hostedBy: string | undefined;
}

export type FencingStatus = 'pending' | 'success' | 'failed';

/** One record of the fencing history. */
export interface Fencing {
  readonly target: string;
  /** off, reboot, on … */
  readonly action: string;
  readonly status: FencingStatus;
  /** Who asked: pacemaker-controld.PID or stonith_admin.PID. */
  readonly client: string;
  /** The cluster node where it was asked. */
  readonly origin: string;
  /** The cluster node that did it; "a human" for stonith_admin --confirm. */
  readonly delegate: string | undefined;
  /** 1 s resolution, rounded down; undefined while pending. */
  readonly completedAtMs: number | undefined;
  readonly exitReason: string | undefined;
}

/** Tells two records apart: the history carries no id of its own. */
export function fencingKey(fencing: Fencing): string {
  const { target, action, status, client, origin, completedAtMs } = fencing;
  return [target, action, status, client, origin, completedAtMs ?? 'pending'].join('|');
}
