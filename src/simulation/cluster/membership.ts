import { about, changed, machineOf, nodeOf, sideOf, type ClusterWorld } from './cluster-world.ts';
import { forgetHostedBy } from './connections.ts';
import { forgetPresumed } from './fencing.ts';
import { answers } from './machine.ts';
import {
  clusterNode,
  memberState,
  remoteNode,
  remoteState,
  splitOff,
  type BelievedNode,
  type Partition,
} from './partition.ts';

/** The partitions as they begin: one, with every controller, and each connection on the next of them. */
export function firstPartition(world: ClusterWorld): Partition {
  const { controllers } = world;
  const nodes = new Map<string, BelievedNode>(controllers.map((name) => [name, clusterNode(name)]));
  let next = 0;
  for (const { kind, name } of world.machines.values()) {
    if (kind === 'remote') nodes.set(name, remoteNode(name, controllers[next++ % controllers.length] ?? ''));
  }
  return {
    id: 0,
    members: controllers,
    dc: controllers[0],
    quorate: true,
    nodes,
    fencings: [],
    historyFromMs: new Map(),
    failures: new Map(),
    engineOn: controllers[0],
    transition: undefined,
    version: 0,
    isOver: false,
  };
}

/** Who is a member with whom now, by what corosync can hear. Called when its timeouts have passed. */
export function regroup(world: ClusterWorld): void {
  const groups = heardGroups(world);
  const taken = new Set<Partition>();
  const next = groups.map((group) => partitionFor(world, group, taken));
  for (const partition of world.partitions) if (!next.includes(partition)) partition.isOver = true;
  world.partitions = next;
  for (const [index, partition] of next.entries()) settle(world, partition, groups[index] ?? []);
}

function heardGroups(world: ClusterWorld): readonly (readonly string[])[] {
  const bySide = new Map<string, string[]>();
  for (const name of world.controllers) {
    const machine = machineOf(world, name);
    if (machine.power !== 'on' || machine.daemon !== 'running') continue;
    const side = answers(machine) ? String(sideOf(world, machine)) : `only ${name}`;
    bySide.set(side, [...(bySide.get(side) ?? []), name]);
  }
  return [...bySide.values()].sort((a, b) => b.length - a.length);
}

/** The one with quorum, or else the newest, goes on; a second part of it begins with what all of it believed. */
function partitionFor(world: ClusterWorld, group: readonly string[], taken: Set<Partition>): Partition {
  const shared = (partition: Partition): number => partition.members.filter((name) => group.includes(name)).length;
  const base = world.partitions
    .filter((partition) => shared(partition) > 0)
    .sort((a, b) => Number(b.quorate) - Number(a.quorate) || b.version - a.version || shared(b) - shared(a))[0];
  if (base === undefined) return begun(world, group);
  if (!taken.has(base)) {
    taken.add(base);
    return base;
  }
  return splitOff(base, ++world.counter);
}

/** The cluster starts here: nobody remembers anything, and remote nodes are "UNCLEAN (online)" until the first start. */
function begun(world: ClusterWorld, group: readonly string[]): Partition {
  const first = firstPartition(world);
  for (const node of first.nodes.values()) {
    const { name } = node;
    Object.assign(node, { standby: world.standby.has(name), maintenance: world.maintenance.has(name) });
    if (node.kind === 'cluster') {
      if (group.includes(node.name)) continue;
      Object.assign(node, { online: false, unclean: true });
      node.state = { ...memberState(), inMembership: false, crmd: 'offline', join: 'down' };
      continue;
    }
    node.unclean = true;
    node.state = remoteState(false);
    const configured = {
      targetRole: world.disabled.has(name) ? 'Stopped' : undefined,
      managed: !world.unmanaged.has(name),
    };
    Object.assign(node.connection ?? {}, { role: 'Starting', hostedBy: group[0], ...configured });
  }
  return { ...first, id: ++world.counter, members: [], dc: undefined, quorate: false, engineOn: undefined };
}

function settle(world: ClusterWorld, partition: Partition, group: readonly string[]): void {
  const leaving = partition.members.filter((name) => !group.includes(name));
  const joining = group.filter((name) => !partition.members.includes(name));
  const wasQuorate = partition.quorate;
  partition.members = [...group];
  partition.quorate = 2 * group.length > world.controllers.length;
  for (const name of leaving) leave(world, partition, name);
  for (const name of joining) join(world, partition, name);
  const lostDc = partition.dc === undefined || !group.includes(partition.dc);
  if (leaving.length === 0 && joining.length === 0 && !lostDc && wasQuorate === partition.quorate) return;
  if (lostDc) elect(world, partition);
  tellUp(world, partition);
  changed(world, partition);
}

/** A member of a partition that has quorum. */
function tellUp(world: ClusterWorld, partition: Partition): void {
  if (!partition.quorate) return;
  for (const name of partition.members) if (!nodeOf(partition, name).pending) world.events.up(name);
}

function elect(world: ClusterWorld, partition: Partition): void {
  const former = partition.dc;
  partition.dc = undefined;
  if (former !== undefined) forgetPresumed(world, partition, former);
  const membersThen = partition.members.join();
  const waitMs = partition.members.length === 1 ? 100 : about(world, world.timings.electionMs);
  world.time.schedule(waitMs, () => {
    if (partition.isOver || partition.dc !== undefined) return;
    if (partition.members.join() !== membersThen) {
      elect(world, partition);
      return;
    }
    partition.dc = world.chance.pick(partition.members);
    changed(world, partition);
  });
}

function leave(world: ClusterWorld, partition: Partition, name: string): void {
  const node = nodeOf(partition, name);
  const isClean = node.shutdown;
  world.events.say(`${name} left the partition of ${partition.members.join(', ') || 'nobody'}`);
  Object.assign(node, { online: false, unclean: !isClean, pending: false, shutdown: false });
  const before = node.state ?? memberState();
  node.state = {
    ...before,
    inMembership: false,
    crmd: 'offline',
    join: isClean ? 'down' : before.join,
    expected: isClean ? 'down' : before.expected,
  };
  if (isClean && partition.engineOn === name) partition.engineOn = undefined;
  world.transient.delete(name);
}

function join(world: ClusterWorld, partition: Partition, name: string): void {
  const node = nodeOf(partition, name);
  const hadNobody = partition.members.length === 1 && partition.dc === undefined;
  Object.assign(node, { online: true, unclean: false, pending: true, standby: true, shutdown: false });
  node.state = memberState();
  partition.historyFromMs.set(name, world.time.now() + (hadNobody ? 0 : about(world, world.timings.historyMs)));
  if (partition.engineOn === name) partition.engineOn = undefined;
  if (partition.members.length > 1) forgetHostedBy(partition, name);
  // Whatever ran there under another partition is stopped by the probe of this one.
  world.events.stopEngine(name);
  world.transient.delete(name);
  world.time.schedule(about(world, world.timings.joinMs), () => {
    if (partition.isOver || !partition.members.includes(name)) return;
    Object.assign(node, { pending: false, standby: world.standby.has(name) });
    partition.failures.delete(name);
    tellUp(world, partition);
    changed(world, partition);
  });
}
