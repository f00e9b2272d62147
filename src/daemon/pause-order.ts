import { PAUSE_ATTRIBUTE, nodesWithPause, pauseText, type Pause } from '../bridge/pause.ts';
import type { Order, OrderAnswer } from '../control/protocol.ts';
import type { Cluster } from '../crm/cluster.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { messageOf } from '../errors.ts';
import type { Clock, Logger } from '../ports.ts';

export interface PausePorts {
  /** What heeds it. */
  readonly pausing: {
    readonly pause: Pause | undefined;
    notePause(pause: Pause | undefined): void;
  };
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly localNode: string;
  /** The last one that was read; undefined before the first. */
  readonly snapshot: () => ClusterSnapshot | undefined;
}

/** Nothing new is sent from here on; what is in flight is followed. */
export async function pauseLifeboat(order: Extract<Order, { op: 'pause' }>, ports: PausePorts): Promise<OrderAnswer> {
  const { clock, cluster, localNode, logger, pausing } = ports;
  if (pausing.pause !== undefined) return refused(`Lifeboat is paused already ${pauseText(pausing.pause)}`);
  const paused = { by: order.by, sinceMs: clock.now(), reason: order.reason };
  try {
    await cluster.writeAttribute(localNode, PAUSE_ATTRIBUTE, pauseText(paused), 'permanent');
  } catch (error) {
    return refused(`Lifeboat is not paused, for Pacemaker did not take it: ${messageOf(error)}`);
  }
  pausing.notePause(paused);
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

export async function resumeLifeboat(order: Extract<Order, { op: 'resume' }>, ports: PausePorts): Promise<OrderAnswer> {
  const { cluster, localNode, logger, pausing } = ports;
  const snapshot = ports.snapshot();
  const nodes = new Set(snapshot === undefined ? [] : nodesWithPause(snapshot));
  if (pausing.pause !== undefined) nodes.add(localNode);
  if (nodes.size === 0) return refused('Lifeboat is not paused');
  try {
    for (const node of nodes) await cluster.writeAttribute(node, PAUSE_ATTRIBUTE, undefined, 'permanent');
  } catch (error) {
    return refused(`Lifeboat is still paused, for Pacemaker did not take it: ${messageOf(error)}`);
  }
  pausing.notePause(undefined);
  logger.warn({ by: order.by }, `resumed by ${order.by}`);
  return done('Lifeboat goes on');
}

function done(line: string): OrderAnswer {
  return { outcome: 'done', lines: [line] };
}

function refused(line: string): OrderAnswer {
  return { outcome: 'refused', lines: [line] };
}
