import { about, nodeOf, planTransition, type ClusterWorld } from './cluster-world.ts';
import type { Partition } from './partition.ts';

/**
 * Where Pacemaker runs lifeboatd: on one controller of a partition with quorum, and elsewhere only once the former place
 * is known to be down, by a fencing or by a clean leave.
 */
export function placeEngine(world: ClusterWorld, partition: Partition): void {
  const { engineOn, members, quorate } = partition;
  if (!quorate) {
    if (engineOn !== undefined && members.includes(engineOn)) stop(world, partition, engineOn);
    return;
  }
  if (world.options.maintenanceMode || world.options.stopAllResources) return;
  if (engineOn !== undefined && members.includes(engineOn) && isFit(partition, engineOn)) {
    // Its monitor rests in maintenance; what it missed then it finds now.
    if (!world.events.isEngineAlive(engineOn)) engineDied(world, engineOn);
    return;
  }
  if (engineOn !== undefined && members.includes(engineOn)) {
    stop(world, partition, engineOn);
    return;
  }
  // Unclean, or not fenced yet: it may still run there.
  if (engineOn !== undefined && nodeOf(partition, engineOn).unclean) return;
  const fit = members.filter((name) => isFit(partition, name));
  if (fit.length === 0) return;
  start(world, partition, world.chance.pick(fit));
}

/** lifeboatd is gone from where Pacemaker has it: its monitor finds out, and it is started again there. */
export function engineDied(world: ClusterWorld, node: string): void {
  world.time.schedule(world.chance.between(500, world.timings.engineMonitorMs), () => {
    const partition = world.partitions.find(({ members }) => members.includes(node));
    if (partition?.engineOn === node && partition.quorate && !world.options.maintenanceMode)
      start(world, partition, node);
  });
}

/**
 * The engine stands still on a controller that Pacemaker takes for fenced, by a fencing that lied: it is started elsewhere
 * while the former one may wake up at any moment.
 */
export function takenForDead(world: ClusterWorld, node: string): void {
  world.time.schedule(world.chance.between(5_000, 15_000), () => {
    const partition = world.partitions.find(({ members }) => members.includes(node));
    if (partition?.engineOn !== node || !partition.quorate || world.options.maintenanceMode) return;
    const others = partition.members.filter((name) => name !== node && isFit(partition, name));
    if (others.length > 0) start(world, partition, world.chance.pick(others));
  });
}

function isFit(partition: Partition, name: string): boolean {
  const node = nodeOf(partition, name);
  return node.online && !node.pending && !node.standby && !node.shutdown && !node.unclean;
}

function start(world: ClusterWorld, partition: Partition, name: string): void {
  partition.engineOn = name;
  world.time.schedule(about(world, world.timings.engineStartMs), () => {
    if (!partition.isOver && partition.engineOn === name && partition.members.includes(name)) {
      world.events.startEngine(name);
    }
  });
}

function stop(world: ClusterWorld, partition: Partition, name: string): void {
  world.time.schedule(about(world, world.timings.engineStopMs), () => {
    if (partition.isOver || partition.engineOn !== name) return;
    partition.engineOn = undefined;
    world.events.stopEngine(name);
    planTransition(world, partition, 100);
  });
}
