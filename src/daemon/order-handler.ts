import type { Order, OrderAnswer } from '../control/protocol.ts';
import type { Cluster } from '../crm/cluster.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import type { Engine } from '../engine/engine.ts';
import { messageOf } from '../errors.ts';
import type { Clock, Logger } from '../ports.ts';
import { pauseLifeboat, resumeLifeboat } from './pause-order.ts';

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
        return pauseLifeboat(order, { ...ports, pausing: engine });
      case 'resume':
        return resumeLifeboat(order, { ...ports, pausing: engine });
      case 'proceed':
        return engine.operator.proceed(order.hosts, whoOf(order));
      case 'retry':
        return engine.operator.retry(order.target, whoOf(order));
      case 'cancel':
        return engine.operator.cancel(order.target, whoOf(order));
      case 'import':
        return bringIn(order, ports);
      case 'import-history':
        return bringHistoryIn(order, ports);
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

async function bringHistoryIn(
  { by, notifications }: Extract<Order, { op: 'import-history' }>,
  { engine, logger }: OrderPorts,
): Promise<OrderAnswer> {
  try {
    const count = await engine.registry.importNotifications(notifications);
    const line = `${count} notifications are brought in, ${notifications.length - count} were there`;
    if (count > 0) logger.warn({ by }, line);
    return done(line);
  } catch (error) {
    return refused(`${notifications.length} notifications are not brought in: ${messageOf(error)}`);
  }
}

function done(line: string): OrderAnswer {
  return { outcome: 'done', lines: [line] };
}

function refused(line: string): OrderAnswer {
  return { outcome: 'refused', lines: [line] };
}
