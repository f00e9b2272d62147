import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import type { Clock } from '../ports.ts';
import type { TlsTrust } from './credentials.ts';

/** The error code that a socket dies with when it could not connect in time. */
export const CONNECT_TIMED_OUT = 'LIFEBOAT_CONNECT_TIMED_OUT';

export interface Agents {
  /** Connections that are kept and used again. */
  readonly kept: { readonly http: http.Agent; readonly https: https.Agent };
  /** A connection of its own for each request: it cannot die of age between two requests. */
  readonly fresh: { readonly http: http.Agent; readonly https: https.Agent };
  close(): void;
}

export function createAgents(tls: TlsTrust, connectMs: number, clock: Clock): Agents {
  const trust =
    tls.kind === 'unverified'
      ? { rejectUnauthorized: false }
      : tls.kind === 'ca-file'
        ? { ca: tls.pem, rejectUnauthorized: true }
        : { rejectUnauthorized: true };
  const pair = (keepAlive: boolean): Agents['kept'] => {
    const common = { keepAlive, maxFreeSockets: 32, noDelay: true, scheduling: 'lifo' } as const;
    return {
      http: withConnectTimeout(new http.Agent(common), 'connect', connectMs, clock),
      https: withConnectTimeout(new https.Agent({ ...common, ...trust }), 'secureConnect', connectMs, clock),
    };
  };
  const kept = pair(true);
  const fresh = pair(false);
  return {
    kept,
    fresh,
    close() {
      for (const agent of [kept.http, kept.https, fresh.http, fresh.https]) agent.destroy();
    },
  };
}

/** Node has a timeout for an idle socket only, and an endpoint that swallows packets must not cost the whole request. */
function withConnectTimeout<A extends http.Agent>(
  agent: A,
  connected: 'connect' | 'secureConnect',
  connectMs: number,
  clock: Clock,
): A {
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback): Duplex | null | undefined => {
    const socket = create(options, callback);
    if (!(socket instanceof Socket)) return socket;
    const cancel = clock.schedule(connectMs, () => {
      socket.destroy(Object.assign(new Error('could not connect in time'), { code: CONNECT_TIMED_OUT }));
    });
    socket.once(connected, cancel);
    socket.once('close', cancel);
    return socket;
  };
  return agent;
}
