import { machineOf, nodeOf, type ClusterWorld } from './cluster-world.ts';
import { connectFirst, isWantedStopped, reconnect, stopBesideFencing, stopConnection } from './connections.ts';
import { placeEngine } from './engine-place.ts';
import { fence, isPending } from './fencing.ts';
import type { BelievedNode, Partition } from './partition.ts';

/** What Pacemaker does about what it believes, as far as it matters here. Without a DC: nothing. */
export function transition(world: ClusterWorld, partition: Partition): void {
  if (partition.isOver || partition.dc === undefined) return;
  placeEngine(world, partition);
  if (!partition.quorate) {
    withoutQuorum(world, partition);
    return;
  }
  if (world.options.maintenanceMode) return;
  for (const name of world.controllers) {
    if (nodeOf(partition, name).unclean) fence(world, partition, name);
  }
  for (const node of partition.nodes.values()) if (node.kind === 'remote') settleRemote(world, partition, node);
}

/** no-quorum-policy=stop: everything is stopped, cleanly; what cannot be stopped has failed. */
function withoutQuorum(world: ClusterWorld, partition: Partition): void {
  for (const node of partition.nodes.values()) {
    const keeper = node.connection?.hostedBy;
    if (node.kind !== 'remote' || keeper === undefined || !partition.members.includes(keeper)) continue;
    // A remote node counts as a member of its partition, so it is fenced also without quorum (seen; f1).
    if (node.unclean && node.connection?.failed === true) fence(world, partition, node.name);
    else if (node.connection?.role === 'Started') stopConnection(world, partition, node);
  }
}

function settleRemote(world: ClusterWorld, partition: Partition, node: BelievedNode): void {
  const { connection, name } = node;
  if (connection === undefined || node.maintenance || !connection.managed || connection.maintenance) return;
  if (node.unclean && connection.failed) {
    const isNew = !isPending(partition, name);
    fence(world, partition, name);
    if (isNew && machineOf(world, name).isIdle && isPending(partition, name)) {
      stopBesideFencing(world, partition, node);
    }
    return;
  }
  if (isPending(partition, name)) return;
  if (isWantedStopped(world, node)) {
    stopConnection(world, partition, node);
    return;
  }
  if (connection.role === 'Starting' && node.turn === 0) {
    connectFirst(world, partition, node);
    return;
  }
  const keeper = connection.hostedBy;
  if (connection.role === 'Stopped' || (keeper !== undefined && !partition.members.includes(keeper))) {
    if (!connection.failed) reconnect(world, partition, name, 'as online');
  }
}
