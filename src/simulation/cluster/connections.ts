import { about, changed, hears, machineOf, nodeOf, type ClusterWorld } from './cluster-world.ts';
import type { BelievedNode, Partition } from './partition.ts';

/**
 * The daemon of a remote node is not heard any more. What notices it is the controller that hosts its connection, and only
 * if it is still so then: a short blip is nothing (seen; c1).
 */
export function noticeLater(world: ClusterWorld, name: string, how: 'silent' | 'reset'): void {
  const [least, most] = world.timings.monitorMs;
  const delayMs = how === 'reset' ? world.timings.connectionResetMs : world.chance.between(least, most);
  world.time.schedule(delayMs, () => {
    for (const partition of world.partitions) {
      const node = nodeOf(partition, name);
      const keeper = node.connection?.hostedBy;
      if (node.connection?.role !== 'Started' || node.connection.failed || keeper === undefined) continue;
      if (partition.members.includes(keeper) && !hears(world, keeper, name)) {
        connectionFailed(world, partition, name, 'lost');
      }
    }
  });
}

/** `fenced`: a success is on record already, and Pacemaker needs no other. */
export function connectionFailed(
  world: ClusterWorld,
  partition: Partition,
  name: string,
  after: 'lost' | 'fenced',
): void {
  const node = nodeOf(partition, name);
  const { connection } = node;
  if (partition.isOver || connection === undefined) return;
  node.turn += 1;
  Object.assign(node, { online: false, unclean: after === 'lost' });
  Object.assign(connection, { failed: true, active: true });
  world.events.say(`${connection.hostedBy ?? partition.dc} lost its connection to ${name}`);
  if (after === 'fenced') {
    world.events.changed(partition);
    world.time.schedule(about(world, 600), () => {
      if (!partition.isOver && node.connection?.failed === true) reconnect(world, partition, name, 'failed');
    });
    return;
  }
  changed(world, partition);
}

/** The controller is down, or has begun anew: what was not moved away from it (it is unmanaged) runs nowhere now. */
export function forgetHostedBy(partition: Partition, controller: string): void {
  for (const remote of partition.nodes.values()) {
    if (remote.connection?.hostedBy !== controller || remote.connection.role !== 'Started') continue;
    remote.online = false;
    Object.assign(remote.connection, { role: 'Stopped', active: false, failed: false, hostedBy: undefined });
  }
}

/** Nothing runs on the node: Pacemaker stops its connection while it has it fenced, and shows it as clean (seen; e3). */
export function stopBesideFencing(world: ClusterWorld, partition: Partition, node: BelievedNode): void {
  const { turn } = node;
  world.time.schedule(about(world, 150), () => {
    if (partition.isOver || node.turn !== turn) return;
    Object.assign(node, { online: false, unclean: false });
    Object.assign(node.connection ?? {}, { role: 'Stopped', active: false, failed: false, hostedBy: undefined });
    if (node.state !== undefined) node.state.inMembership = false;
    world.events.changed(partition);
  });
}

/** Its connection is to be started, on whichever member. `failed`: its failure is still shown. */
export function reconnect(
  world: ClusterWorld,
  partition: Partition,
  name: string,
  shown: 'failed' | 'as online',
): void {
  const node = nodeOf(partition, name);
  const { connection } = node;
  if (connection === undefined || partition.members.length === 0) return;
  node.turn += 1;
  const isFailed = shown === 'failed';
  // crm_mon says online from Starting on, even when the host has no power; but not while the failure is shown.
  Object.assign(node, { online: !isFailed, unclean: false });
  const hostedBy = world.chance.pick(partition.members);
  Object.assign(connection, { role: 'Starting', active: true, failed: isFailed, hostedBy });
  if (isFailed && node.state !== undefined) node.state.inMembership = false;
  world.events.changed(partition);
  tryToConnect(world, partition, node, hostedBy, 1);
}

/** The first start since the cluster began. */
export function connectFirst(world: ClusterWorld, partition: Partition, node: BelievedNode): void {
  const hostedBy = node.connection?.hostedBy;
  if (hostedBy === undefined) return;
  node.turn += 1;
  tryToConnect(world, partition, node, hostedBy, 1);
}

const TRIES = 3;

function tryToConnect(
  world: ClusterWorld,
  partition: Partition,
  node: BelievedNode,
  hostedBy: string,
  attempt: number,
): void {
  const { turn } = node;
  if (hears(world, hostedBy, node.name)) {
    connectSoon(world, partition, node);
    return;
  }
  world.time.schedule(world.timings.startTimeoutMs, () => {
    if (partition.isOver || node.turn !== turn || node.connection === undefined) return;
    const isUnknown = node.unclean && !node.connection.failed;
    if (isUnknown || node.state?.inMembership === true) {
      // Never seen to leave, or never seen at all, and it does not answer: that is a failure.
      connectionFailed(world, partition, node.name, 'lost');
      return;
    }
    node.turn += 1;
    if (attempt >= TRIES) {
      Object.assign(node, { online: false, unclean: false });
      Object.assign(node.connection, { role: 'Stopped', active: false, failed: false, hostedBy: undefined });
      world.events.changed(partition);
      return;
    }
    const next = world.chance.pick(partition.members);
    Object.assign(node, { online: true, unclean: false });
    Object.assign(node.connection, { role: 'Starting', failed: false, hostedBy: next });
    world.events.changed(partition);
    tryToConnect(world, partition, node, next, attempt + 1);
  });
}

/** The daemon of a remote node can be heard again. */
export function noticeReturn(world: ClusterWorld, name: string): void {
  for (const partition of world.partitions) {
    const node = nodeOf(partition, name);
    const role = node.connection?.role;
    if (role === 'Stopped') world.transition(partition);
    else if (role === 'Starting') connectSoon(world, partition, node);
  }
}

function connectSoon(world: ClusterWorld, partition: Partition, node: BelievedNode): void {
  world.time.schedule(about(world, world.timings.connectMs), () => {
    const { connection } = node;
    const keeper = connection?.hostedBy;
    if (partition.isOver || !partition.quorate || connection?.role !== 'Starting' || keeper === undefined) return;
    if (!hears(world, keeper, node.name) || isWantedStopped(world, node)) return;
    // A fencing that is under way or failed keeps it out until that has ended well.
    if (node.unclean && node.state?.inMembership !== false) return;
    connected(world, partition, node);
  });
}

function connected(world: ClusterWorld, partition: Partition, node: BelievedNode): void {
  node.turn += 1;
  Object.assign(node, { online: true, unclean: false, shutdown: false });
  Object.assign(node.connection ?? {}, { role: 'Started', active: true, failed: false });
  if (node.state !== undefined) Object.assign(node.state, { inMembership: true, fencedAtMs: undefined });
  partition.failures.delete(node.name);
  world.transient.delete(node.name);
  world.events.up(node.name);
  world.events.say(`${node.name} is connected to ${node.connection?.hostedBy}`);
  changed(world, partition);
}

export function isWantedStopped(world: ClusterWorld, node: BelievedNode): boolean {
  return node.connection?.targetRole === 'Stopped' || world.options.stopAllResources;
}

/** A stop on purpose: shown as shutting down for a moment, then stopped and clean (seen; d3). */
export function stopConnection(world: ClusterWorld, partition: Partition, node: BelievedNode): void {
  if (node.connection === undefined || node.connection.role === 'Stopped' || node.shutdown) return;
  node.turn += 1;
  const { turn } = node;
  node.shutdown = true;
  world.events.changed(partition);
  world.time.schedule(about(world, 500), () => {
    if (partition.isOver || node.turn !== turn) return;
    const keeper = node.connection?.hostedBy;
    node.shutdown = false;
    if (keeper !== undefined && !hears(world, keeper, node.name) && machineOf(world, node.name).power !== 'off') {
      // The stop fails when nobody answers, and then the node has failed (seen in a partition without quorum; f1).
      world.time.schedule(about(world, 8_000), () => {
        if (node.turn === turn) connectionFailed(world, partition, node.name, 'lost');
      });
      return;
    }
    Object.assign(node, { online: false, unclean: false });
    Object.assign(node.connection ?? {}, { role: 'Stopped', active: false, failed: false, hostedBy: undefined });
    if (node.state !== undefined) node.state.inMembership = false;
    world.transient.delete(node.name);
    changed(world, partition);
  });
}
