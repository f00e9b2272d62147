import type { ClusterNode, ClusterSnapshot, NodeState, RemoteConnection } from '../crm/snapshot.ts';
import { timeOfDay } from './time-of-day.ts';

/**
 * What one snapshot shows of a node, before anything is remembered. `membership: 'seen'` forbids a proof: the node, or
 * what Pacemaker still believes of it, takes part.
 */
export type Presence =
  | { readonly kind: 'up'; readonly membership: 'seen' }
  /** Unclean, or its connection failed: Pacemaker itself says that something is wrong. */
  | { readonly kind: 'failed'; readonly membership: Membership; readonly sign: string }
  /** A cluster node that is offline, neither unclean nor expected to be down. */
  | { readonly kind: 'dropped'; readonly membership: 'gone'; readonly sign: string }
  /** Neither here nor there: connecting, moving to another controller, joining. Says nothing against the node. */
  | { readonly kind: 'changing'; readonly membership: Membership; readonly sign: string }
  /** Not taking part, and Pacemaker finds nothing wrong with that. Proves nothing. */
  | { readonly kind: 'left'; readonly membership: Membership; readonly sign: string }
  /** node_fenced is set and the connection still looks fine: Pacemaker has not noticed yet, or is about to reset it. */
  | { readonly kind: 'fenced-but-shown'; readonly membership: 'seen'; readonly sign: string };

export type Membership = 'seen' | 'gone';

export function presenceOf(node: ClusterNode, snapshot: ClusterSnapshot): Presence {
  return node.kind === 'cluster' ? ofClusterNode(node) : ofRemoteNode(node, node.connection, snapshot);
}

function ofRemoteNode(
  node: ClusterNode,
  connection: RemoteConnection | undefined,
  snapshot: ClusterSnapshot,
): Presence {
  if (connection === undefined) {
    const sign = 'it has no connection resource';
    return { kind: node.unclean ? 'failed' : 'left', membership: 'gone', sign };
  }
  const { role, failed } = connection;
  // Seen at cluster start: "UNCLEAN (online)" until the first start of the connection. Not a failure.
  if (node.online && node.unclean && !failed && role !== 'Started') {
    return { kind: 'changing', membership: 'gone', sign: `its connection is ${role} for the first time` };
  }
  if (node.unclean || failed) {
    return { kind: 'failed', membership: 'gone', sign: failureSigns(node, connection) };
  }
  if (role === 'Started') return ofStartedConnection(node, connection, snapshot);
  if (role === 'Stopped') return { kind: 'left', membership: 'gone', sign: 'its connection is stopped, cleanly' };
  // crm_mon says online="true" from Starting on, even when the host has no power. Migrating holds a live connection.
  return { kind: 'changing', membership: role === 'Starting' ? 'gone' : 'seen', sign: `its connection is ${role}` };
}

function ofStartedConnection(node: ClusterNode, connection: RemoteConnection, snapshot: ClusterSnapshot): Presence {
  if (!node.online || !connection.active) {
    return { kind: 'failed', membership: 'gone', sign: 'offline, though its connection is Started' };
  }
  // Seen when the DC died while it fenced a remote node: shown Started on the dead controller, clean and online.
  const keeper = connection.hostedBy;
  if (keeper !== undefined && !isMember(snapshot.nodes.get(keeper))) {
    return { kind: 'changing', membership: 'seen', sign: `its connection is shown on ${keeper}, which is gone` };
  }
  const fencedAtMs = node.state?.fencedAtMs;
  if (fencedAtMs !== undefined) {
    const sign = `fenced at ${timeOfDay(fencedAtMs)}, and its connection is still shown as Started`;
    return { kind: 'fenced-but-shown', membership: 'seen', sign };
  }
  if (node.shutdown) return { kind: 'left', membership: 'seen', sign: 'it is shutting down' };
  return { kind: 'up', membership: 'seen' };
}

function ofClusterNode(node: ClusterNode): Presence {
  const { state } = node;
  const membership: Membership = node.online || state?.inMembership === true ? 'seen' : 'gone';
  if (node.unclean) return { kind: 'failed', membership, sign: 'unclean' };
  if (node.shutdown) return { kind: 'left', membership, sign: 'it is shutting down' };
  if (membership === 'gone') {
    if (state === undefined || state.expected === 'down') {
      return { kind: 'left', membership, sign: 'it was shut down cleanly' };
    }
    return { kind: 'dropped', membership, sign: 'offline without a shutdown' };
  }
  if (node.pending) return { kind: 'changing', membership, sign: 'it is joining the cluster' };
  if (!node.online || (state !== undefined && !(state.inMembership && isOnlineWord(state.crmd)))) {
    return { kind: 'changing', membership, sign: 'crm_mon and the CIB disagree about it' };
  }
  return { kind: 'up', membership };
}

function failureSigns(node: ClusterNode, connection: RemoteConnection): string {
  const signs = [connection.failed ? 'connection failed' : undefined, node.unclean ? 'unclean' : undefined];
  return signs.filter((sign) => sign !== undefined).join(', ');
}

/** A cluster node that takes part in this partition. */
export function isMember(node: ClusterNode | undefined): boolean {
  return node?.kind === 'cluster' && node.online && !node.unclean;
}

/** The DC wrote that the cluster node is down: after a fencing, and likewise after a clean shutdown. */
export function isWrittenDown(state: NodeState | undefined): boolean {
  return state !== undefined && !state.inMembership && !isOnlineWord(state.crmd) && state.expected === 'down';
}

/** node_state's crmd is "online" or "offline"; from Pacemaker 2.1.7 on a time, with 0 for offline. */
function isOnlineWord(crmd: string | undefined): boolean {
  return crmd === 'online' || Number(crmd) > 0;
}
