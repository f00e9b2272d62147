import type { ClusterNode, ClusterSnapshot } from '../crm/snapshot.ts';
import type { Policy } from './policy.ts';

/**
 * S8: the marks by which an administrator takes a node out of our hands. In words for the log; undefined without one.
 *
 * A mark and a fencing can meet in any order. What wins:
 *
 * | the node was             | then                                  | verdict |
 * |---|---|---|
 * | up                       | marked                                | hands-off; fencings under the mark are the administrator's |
 * | marked                   | dies, is fenced or confirmed          | hands-off |
 * | marked, fenced           | the mark is lifted, it is still down  | as without memory of that fencing: it proves nothing |
 * | marked                   | the mark is lifted, then lost, fenced | lost, then proven by the new fencing |
 * | lost                     | marked                                | hands-off while the mark stands and nothing proves it down |
 * | lost, marked             | fenced                                | proven: the loss came before the mark |
 * | lost, marked             | the mark is lifted                    | lost, since the first time |
 * | proven                   | marked                                | proven: its instances are dead, whatever the mark says |
 * | up                       | mark and a new fencing in one look    | proven when that succeeded, lost while it is under way |
 * | up                       | mark and an unclean node in one look  | hands-off: which was first is unknown, nothing fenced it |
 * | lost or proven         | the configuration ignores it from now | hands-off: that is meant for Lifeboat itself |
 * | unknown (we just began)  | marked and down, whatever node_fenced | hands-off: which was first is unknown |
 *
 * Shutting down, stopped cleanly, connecting and joining are no marks (see presence.ts): a fencing that succeeds
 * afterwards proves the node down, for a host that was power-cycled has lost its instances however it left.
 *
 * A standby node that dies stays the administrator's: standby is how a host is emptied before work on it.
 */
export function administratorsMark(node: ClusterNode, snapshot: ClusterSnapshot, policy: Policy): string | undefined {
  if (policy.ignoredNodes.includes(node.name)) return 'the configuration ignores it';
  if (snapshot.options.maintenanceMode) return 'the cluster is in maintenance mode';
  if (snapshot.options.stopAllResources) return 'stop-all-resources is set';
  if (node.maintenance) return 'it is in maintenance';
  // A cluster node that joins is shown in standby until its attributes arrive.
  if (node.standby && !node.pending) return 'it is in standby';
  const connection = node.connection;
  if (connection === undefined) return undefined;
  if (connection.targetRole?.toLowerCase() === 'stopped') return `its connection ${connection.resource} is disabled`;
  if (connection.maintenance) return `its connection ${connection.resource} is in maintenance`;
  if (!connection.managed) return `its connection ${connection.resource} is unmanaged`;
  return undefined;
}
