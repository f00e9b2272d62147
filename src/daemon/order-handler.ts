import { PAUSE_ATTRIBUTE, nodesWithPause, pauseText } from '../bridge/pause.ts';
import type { Order, OrderAnswer } from '../control/protocol.ts';
import type { Cluster } from '../crm/cluster.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import type { Engine } from '../engine/engine.ts';
import { messageOf } from '../errors.ts';
import type { Clock, Logger } from '../ports.ts';

export interface OrderPorts {
  readonly engine: Engine;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly localNode: string;
  /** The last one that was read; undefined before the first. */
  readonly snapshot: () => ClusterSnapshot | undefined;
  /** Takes a host that came back before its recovery off the list of holds; answers whether it stood there. */
  readonly forgetMissed: (host: string) => boolean;
  readonly wake: () => void;
}

/** Does what an operator wants, through the engine, and answers in words. A pause stands in the cluster's CIB. */
export function orderHandler(ports: OrderPorts): (order: Order) => Promise<OrderAnswer> {
  const { engine, forgetMissed, wake } = ports;
  return async (order) => {
    const answer = await perform(order);
    // What is shown, and what waits, follows at once.
    wake();
    return answer;
  };

  async function perform(order: Order): Promise<OrderAnswer> {
    switch (order.op) {
      case 'pause':
        return pause(order, ports);
      case 'resume':
        return resume(order, ports);
      case 'proceed':
        return engine.operator.proceed(order.hosts, whoOf(order));
      case 'retry':
        return engine.operator.retry(order.target, whoOf(order));
      case 'cancel':
        return engine.operator.cancel(order.target, whoOf(order));
      case 'import':
        return bringIn(order, ports);
      case 'acknowledge':
        if (forgetMissed(order.target))
          return done(`${order.target} is acknowledged: it is not listed as held any more`);
        return engine.operator.acknowledge(order.target, whoOf(order));
    }
  }
}

function whoOf({ by, reason }: { readonly by: string; readonly reason?: string }): {
  readonly by: string;
  readonly reason: string | undefined;
} {
  return { by, reason };
}

async function bringIn(order: Extract<Order, { op: 'import' }>, { engine, logger }: OrderPorts): Promise<OrderAnswer> {
  const { by, segment } = order;
  try {
    const { hosts, isNew } = await engine.registry.importSegment(segment);
    const there = segment.hosts.length - hosts;
    const line = `the segment ${segment.name} ${isNew ? 'is brought in' : 'was there'}: ${hosts} hosts are new, ${there} were there`;
    if (isNew || hosts > 0) logger.warn({ by, segment: segment.uuid }, line);
    return done(line);
  } catch (error) {
    return refused(`the segment ${segment.name} is not brought in: ${messageOf(error)}`);
  }
}

async function pause(order: Extract<Order, { op: 'pause' }>, ports: OrderPorts): Promise<OrderAnswer> {
  const { clock, cluster, engine, localNode, logger } = ports;
  if (engine.pause !== undefined) return refused(`Lifeboat is paused already ${pauseText(engine.pause)}`);
  const paused = { by: order.by, sinceMs: clock.now(), reason: order.reason };
  try {
    await cluster.writeAttribute(localNode, PAUSE_ATTRIBUTE, pauseText(paused), 'permanent');
  } catch (error) {
    return refused(`Lifeboat is not paused, for Pacemaker did not take it: ${messageOf(error)}`);
  }
  engine.notePause(paused);
  logger.warn({ by: order.by }, `paused ${pauseText(paused)}`);
  const caution =
    ports.snapshot()?.quorate === true
      ? []
      : ['this partition has no quorum: when it has again, see with lifeboat status that the pause still stands'];
  return {
    outcome: 'done',
    lines: [
      'Lifeboat is paused: nothing new is sent, what is in flight is followed; to go on: lifeboat resume',
      ...caution,
    ],
  };
}

async function resume(order: Extract<Order, { op: 'resume' }>, ports: OrderPorts): Promise<OrderAnswer> {
  const { cluster, engine, localNode, logger } = ports;
  const snapshot = ports.snapshot();
  const nodes = new Set(snapshot === undefined ? [] : nodesWithPause(snapshot));
  if (engine.pause !== undefined) nodes.add(localNode);
  if (nodes.size === 0) return refused('Lifeboat is not paused');
  try {
    for (const node of nodes) await cluster.writeAttribute(node, PAUSE_ATTRIBUTE, undefined, 'permanent');
  } catch (error) {
    return refused(`Lifeboat is still paused, for Pacemaker did not take it: ${messageOf(error)}`);
  }
  engine.notePause(undefined);
  logger.warn({ by: order.by }, `resumed by ${order.by}`);
  return done('Lifeboat goes on');
}

function done(line: string): OrderAnswer {
  return { outcome: 'done', lines: [line] };
}

function refused(line: string): OrderAnswer {
  return { outcome: 'refused', lines: [line] };
}
