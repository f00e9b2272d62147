import type { ClusterOptions } from '../../crm/snapshot.ts';
import type { Clock } from '../../ports.ts';
import type { Chance } from '../chance.ts';
import { answers, type Machine } from './machine.ts';
import type { BelievedNode, Partition } from './partition.ts';
import type { PowerHooks } from './power.ts';
import type { ClusterTimings } from './timings.ts';

/** A fencing that ended, for whoever watches over the truth. */
export interface EndedFencing {
  readonly target: string;
  readonly result: 'success' | 'failed';
  /** Whether the machine lost its power by it, or had none. */
  readonly isTrue: boolean;
  readonly by: string;
  readonly quorate: boolean;
  /** As the record has it. */
  readonly completedAtMs: number;
}

/** What the cluster tells of itself to the rest of the simulation. */
export interface ClusterEvents {
  /** One line of the log, without a full stop. */
  say(text: string): void;
  /** Something changed that Pacemaker sends alerts for. */
  changed(partition: Partition): void;
  /** Its daemon is gone, or cut off. */
  lost(node: string): void;
  powerLost(machine: Machine): void;
  booted(machine: Machine): void;
  networkChanged(machine: Machine): void;
  /** The node takes part again, or for the first time. */
  up(node: string): void;
  fenced(fencing: EndedFencing): void;
  isEngineAlive(node: string): boolean;
  startEngine(node: string): void;
  stopEngine(node: string): void;
}

/** Everything that the simulated cluster is made of. */
export interface ClusterWorld {
  readonly time: Clock;
  readonly chance: Chance;
  readonly timings: ClusterTimings;
  readonly machines: ReadonlyMap<string, Machine>;
  /** Names of the cluster nodes. */
  readonly controllers: readonly string[];
  readonly events: ClusterEvents;
  options: ClusterOptions;
  partitions: readonly Partition[];
  /** Who can hear whom: two machines on different sides cannot. */
  readonly sides: Map<string, number>;
  /** By node name. */
  readonly permanent: Map<string, Map<string, string>>;
  readonly transient: Map<string, Map<string, string>>;
  /** What administrators have set; it stands in the CIB, and outlives every restart of the cluster. */
  readonly standby: Set<string>;
  readonly maintenance: Set<string>;
  readonly disabled: Set<string>;
  readonly unmanaged: Set<string>;
  /** For ids that count up: partitions, processes. */
  counter: number;
  /** What a partition does about what it believes; set by whoever puts the parts together. */
  transition: (partition: Partition) => void;
  readonly power: PowerHooks;
}

/** Something that is believed has changed: alerts go out, and Pacemaker thinks about it. */
export function changed(world: ClusterWorld, partition: Partition): void {
  if (partition.isOver) return;
  partition.version += 1;
  world.events.changed(partition);
  planTransition(world, partition, about(world, world.timings.transitionMs));
}

export function planTransition(world: ClusterWorld, partition: Partition, delayMs: number): void {
  if (partition.isOver || partition.transition !== undefined) return;
  partition.transition = world.time.schedule(delayMs, () => {
    partition.transition = undefined;
    if (!partition.isOver) world.transition(partition);
  });
}

export function machineOf(world: ClusterWorld, name: string): Machine {
  const machine = world.machines.get(name);
  if (machine === undefined) throw new Error(`there is no machine ${name}`);
  return machine;
}

export function nodeOf(partition: Partition, name: string): BelievedNode {
  const node = partition.nodes.get(name);
  if (node === undefined) throw new Error(`there is no node ${name}`);
  return node;
}

/** Whether `from` hears the daemon of `name`. */
export function hears(world: ClusterWorld, from: string, name: string): boolean {
  const [listener, speaker] = [machineOf(world, from), machineOf(world, name)];
  if (!answers(listener) || !answers(speaker)) return false;
  return sideOf(world, listener) === sideOf(world, speaker);
}

export function sideOf(world: ClusterWorld, machine: Machine): number {
  return world.sides.get(machine.name) ?? 0;
}

/** Where the node takes part as a member; undefined while it runs no cluster. */
export function partitionOf(world: ClusterWorld, controller: string): Partition | undefined {
  return world.partitions.find(({ members }) => members.includes(controller));
}

export function quoratePartition(world: ClusterWorld): Partition | undefined {
  return world.partitions.find(({ quorate }) => quorate);
}

/** What a wall clock shows there, in whole seconds, as the cluster stamps its records. */
export function stampAt(world: ClusterWorld, machine: string): number {
  return Math.floor((world.time.now() + machineOf(world, machine).wallOffsetMs) / 1000) * 1000;
}

/** Randomly a third less or more. */
export function about(world: ClusterWorld, ms: number): number {
  return Math.round(ms * (2 / 3 + (2 / 3) * world.chance.next()));
}
