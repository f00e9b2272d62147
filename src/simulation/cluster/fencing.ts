import { about, changed, machineOf, nodeOf, planTransition, stampAt, type ClusterWorld } from './cluster-world.ts';
import { connectFirst, connectionFailed, forgetHostedBy, reconnect } from './connections.ts';
import { askBmc, type BmcAnswer } from './power.ts';
import type { FencingRecord, Partition } from './partition.ts';

/** Has the node fenced by Pacemaker, unless that is under way, switched off, or was tried too often. */
export function fence(world: ClusterWorld, partition: Partition, target: string): void {
  const { dc } = partition;
  if (dc === undefined || !world.options.stonithEnabled || isPending(partition, target)) return;
  if ((partition.failures.get(target) ?? 0) >= world.timings.fenceAttempts) return;
  request(world, partition, target, `pacemaker-controld.${pidOf(world, dc)}`, dc);
}

/** `stonith_admin --reboot`. */
export function fenceByHand(world: ClusterWorld, partition: Partition, target: string): void {
  const origin = partition.dc ?? partition.members[0];
  if (origin === undefined || isPending(partition, target)) return;
  request(world, partition, target, `stonith_admin.${2_000 + ++world.counter}`, origin);
}

/** `stonith_admin --confirm`: nothing is done to the machine. */
export function confirmByHand(world: ClusterWorld, partition: Partition, target: string): void {
  const origin = partition.dc ?? partition.members[0];
  if (origin === undefined) return;
  const record: FencingRecord = {
    target,
    action: 'off',
    status: 'pending',
    client: `stonith_admin.${2_000 + ++world.counter}`,
    origin,
    delegate: 'a human',
    completedAtMs: undefined,
    exitReason: undefined,
  };
  partition.fencings = [record, ...partition.fencings];
  succeed(world, partition, record, machineOf(world, target).power !== 'on');
}

export function isPending(partition: Partition, target: string): boolean {
  return partition.fencings.some((record) => record.target === target && record.status === 'pending');
}

/** The DC is gone: what it had asked for is presumed to have failed, and nobody hears what becomes of it (seen; e7). */
export function forgetPresumed(world: ClusterWorld, partition: Partition, formerDc: string): void {
  for (const record of partition.fencings) {
    if (record.status !== 'pending' || record.origin !== formerDc) continue;
    const stampedBy = partition.members[0] ?? formerDc;
    record.status = 'failed';
    record.completedAtMs = stampAt(world, stampedBy);
    record.exitReason = 'Initiated by earlier fencer process and presumed failed';
    const node = nodeOf(partition, record.target);
    // The failure of a connection was the dead controller's; the successor sees a connection to be moved.
    if (node.connection?.hostedBy !== formerDc) continue;
    Object.assign(node, { online: true, unclean: false });
    Object.assign(node.connection, { role: 'Started', active: true, failed: false });
  }
}

function request(world: ClusterWorld, partition: Partition, target: string, client: string, origin: string): void {
  const machine = machineOf(world, target);
  const others = partition.members.filter((name) => name !== target);
  const delegate = others.length === 0 ? origin : world.chance.pick(others);
  const record: FencingRecord = {
    target,
    action: machine.bmc.kind === 'partial' ? 'off' : machine.fencingAction,
    status: 'pending',
    client,
    origin,
    delegate: undefined,
    completedAtMs: undefined,
    exitReason: undefined,
  };
  partition.fencings = [record, ...partition.fencings];
  world.events.say(`${origin} has ${target} fenced (${machine.fencingAction}, BMC: ${machine.bmc.kind})`);
  changed(world, partition);
  const { life } = machine;
  const hadPower = machine.power === 'on';
  askBmc(world, target, machine.fencingAction, (answer) => {
    // Off already, or switched off and on since it was asked for.
    const isTrue = !hadPower || machine.life !== life;
    if (record.status === 'pending') end(world, holderOf(world, partition), record, answer, delegate, isTrue);
  });
}

/** A partition that was taken over by another gave its records away with it. */
function holderOf(world: ClusterWorld, partition: Partition): Partition {
  return partition.isOver ? (world.partitions[0] ?? partition) : partition;
}

function end(
  world: ClusterWorld,
  partition: Partition,
  record: FencingRecord,
  answer: BmcAnswer,
  delegate: string,
  isTrue: boolean,
): void {
  const { target } = record;
  record.delegate = delegate;
  record.action = machineOf(world, target).fencingAction;
  if (answer.kind === 'done') {
    succeed(world, partition, record, isTrue);
    return;
  }
  record.status = 'failed';
  record.completedAtMs = stampAt(world, delegate);
  record.exitReason = answer.reason;
  const node = nodeOf(partition, target);
  const wasStopped = node.kind === 'remote' && node.state?.inMembership === false && !node.unclean;
  const failures = wasStopped ? world.timings.fenceAttempts : (partition.failures.get(target) ?? 0) + 1;
  partition.failures.set(target, failures);
  world.events.say(`the fencing of ${target} failed${answer.reason === undefined ? '' : `: ${answer.reason}`}`);
  const { completedAtMs } = record;
  const { quorate } = partition;
  world.events.fenced({ target, result: 'failed', isTrue: false, by: delegate, quorate, completedAtMs });
  if (wasStopped) {
    // Its connection was stopped beside the fencing. Now it is started again, and the fencing is not tried again (seen; e3).
    Object.assign(node, { online: false, unclean: true });
    Object.assign(node.connection ?? {}, { role: 'Starting', active: true, failed: true, hostedBy: delegate });
    connectFirst(world, partition, node);
  }
  world.events.changed(partition);
  const isOver = failures >= world.timings.fenceAttempts;
  if (isOver) world.events.say(`too many failures to fence ${target}: Pacemaker gives up for now`);
  world.time.schedule(isOver ? world.timings.recheckMs : about(world, world.timings.fenceRetryMs), () => {
    if (isOver) partition.failures.delete(target);
    planTransition(world, partition, 0);
  });
}

function succeed(world: ClusterWorld, partition: Partition, record: FencingRecord, isTrue: boolean): void {
  const { target } = record;
  const by = record.delegate ?? 'nobody';
  const stampMs = stampAt(world, by === 'a human' ? record.origin : by);
  record.status = 'success';
  record.completedAtMs = stampMs;
  partition.failures.delete(target);
  world.events.say(`${target} counts as fenced, by ${by}${isTrue ? '' : ', which is not true'}`);
  const { quorate } = partition;
  world.events.fenced({ target, result: 'success', isTrue, by, quorate, completedAtMs: stampMs });
  const node = nodeOf(partition, target);
  world.transient.delete(target);
  if (node.kind === 'cluster') {
    if (partition.members.includes(target)) return;
    node.unclean = false;
    node.state = { inMembership: false, fencedAtMs: undefined, crmd: 'offline', join: 'down', expected: 'down' };
    if (partition.engineOn === target) partition.engineOn = undefined;
    forgetHostedBy(partition, target);
    changed(world, partition);
    return;
  }
  const wasUp = node.connection?.role === 'Started' && node.online && !node.unclean;
  if (node.state !== undefined) node.state.fencedAtMs = stampMs;
  if (wasUp) {
    // By hand: the success is there before the connection breaks (seen; e1).
    world.events.changed(partition);
    world.time.schedule(about(world, 200), () => {
      connectionFailed(world, partition, target, 'fenced');
    });
    return;
  }
  reconnect(world, partition, target, 'failed');
}

function pidOf(world: ClusterWorld, node: string): number {
  return 50 + world.controllers.indexOf(node);
}
