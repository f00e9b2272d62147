import { EventStream } from '../api/lifeboat/event-stream.ts';
import type { OwnApiPorts } from '../api/lifeboat/mount.ts';
import type { MountPorts } from '../api/masakari/mount.ts';
import type { Clock } from '../ports.ts';
import { VERSION } from '../version.ts';
import type { Heart } from './heart.ts';
import { planStatus } from './plan-status.ts';
import { statusOf } from './report.ts';

/** What our own API needs of the daemon: the same as the control socket, with the same callers as Masakari's API. */
export function ownApiPorts(masakari: MountPorts, heart: Heart, { clock }: { readonly clock: Clock }): OwnApiPorts {
  const { authenticate, corsOrigins, logger, mayAsk, policy, requestId } = masakari;
  return {
    ...{ authenticate, corsOrigins, logger, mayAsk, policy, requestId },
    version: VERSION,
    events: new EventStream({ log: heart.events, clock }),
    source: {
      status: () => statusOf(heart.facts()),
      plan: async (host) => planStatus(await heart.engine.plan(host)),
      order: heart.order,
    },
  };
}
