import type { Order, OrderAnswer } from '../../control/protocol.ts';
import type { Cluster } from '../../crm/cluster.ts';
import { messageOf } from '../../errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { MasakariSink } from '../../sink/masakari-sink.ts';
import { pauseLifeboat, resumeLifeboat } from '../pause-order.ts';
import type { Authority } from './authority.ts';

export interface BridgeOnlyOrderPorts {
  readonly sink: Pick<MasakariSink, 'retry' | 'drop'>;
  readonly authority: Authority;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly localNode: string;
  /** Lets what the storm guard holds of these hosts be told, of none named all; answers of which there was something. */
  readonly proceed: (hosts: readonly string[]) => readonly string[];
  /** Takes a host that came back off the list of holds; answers whether it stood there. */
  readonly forgetMissed: (host: string) => boolean;
  readonly wake: () => void;
}

/** Does what an operator wants of a Lifeboat that only tells Masakari, and answers in words. */
export function bridgeOnlyOrders(ports: BridgeOnlyOrderPorts): (order: Order) => Promise<OrderAnswer> {
  const { authority, clock } = ports;
  const pausing = {
    get pause() {
      return authority.pause.current;
    },
    notePause: (pause: Parameters<Authority['pause']['note']>[0]) => {
      authority.pause.note(pause, clock.now());
    },
  };
  const pausePorts = { ...ports, pausing, snapshot: () => authority.snapshot };
  const perform = async (order: Order): Promise<OrderAnswer> => {
    switch (order.op) {
      case 'pause':
        return pauseLifeboat(order, pausePorts);
      case 'resume':
        return resumeLifeboat(order, pausePorts);
      case 'proceed': {
        const begun = ports.proceed(order.hosts);
        return begun.length === 0 ? refused('nothing waits to be told') : done(`${begun.join(', ')}: Masakari is told`);
      }
      case 'retry':
        if (ports.sink.retry(order.target)) return done(`Masakari is told of ${order.target} once more`);
        return refused(`nothing of ${order.target} waits to be told`);
      case 'acknowledge':
        return acknowledge(order, ports);
      case 'import':
      case 'import-history':
        return refused('there is no store without an engine: sink: engine in lifeboat.yaml');
      case 'cancel':
        return refused('Masakari’s engine does the recoveries: what it has taken it carries out');
    }
  };
  return async (order) => {
    const answer = await perform(order);
    ports.wake();
    return answer;
  };
}

function acknowledge(
  { by, target }: Extract<Order, { readonly target: string }>,
  { forgetMissed, sink }: BridgeOnlyOrderPorts,
): OrderAnswer {
  if (forgetMissed(target)) return done(`${target} is acknowledged: it is not listed as held any more`);
  try {
    if (sink.drop(target, by)) return done(`${target} is acknowledged: Masakari is not told of it`);
  } catch (error) {
    return refused(messageOf(error));
  }
  return refused(`nothing of ${target} waits to be told`);
}

function done(line: string): OrderAnswer {
  return { outcome: 'done', lines: [line] };
}

function refused(line: string): OrderAnswer {
  return { outcome: 'refused', lines: [line] };
}
