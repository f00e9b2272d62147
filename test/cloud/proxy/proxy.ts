import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { forward, readAll } from './forward.ts';
import type { UpstreamAnswer } from './forward.ts';
import { createRuleBook } from './rules.ts';
import type { Fault, FaultRule, RuleBook } from './rules.ts';
import { countRoutes, routeOf } from './traffic.ts';
import type { Exchange, RouteCount } from './traffic.ts';

export type { Fault, FaultRule } from './rules.ts';
export type { Exchange, RouteCount } from './traffic.ts';

/**
 * A reverse proxy before Keystone and Nova that counts every exchange and breaks those that a rule names. It writes
 * its own addresses into the catalog of every token, so a client that logged in here stays here.
 */
export interface CloudProxy {
  /** Keystone's URL through the proxy, with `/v3`. */
  readonly authUrl: string;
  /** The compute endpoint through the proxy. */
  readonly novaUrl: string;
  /** Lays a fault. Answers what takes it back. */
  fault(rule: FaultRule): () => void;
  clearFaults(): void;
  /** Every exchange that ended since the start or the last `reset`, in the order of their ends. */
  traffic(): readonly Exchange[];
  /** The same as one row for each route, the busiest first. */
  counts(): readonly RouteCount[];
  /** Logins that Keystone answered with 201. */
  tokensIssued(): number;
  /** Forgets the traffic so far; the faults stay. What is under way is counted when it ends. */
  reset(): void;
  close(): Promise<void>;
}

export interface CloudProxyOptions {
  /** The real Keystone, with or without `/v3`, and the compute endpoint as the catalog has it. One origin may be both. */
  readonly authUrl: string;
  readonly novaUrl: string;
  /** Default 127.0.0.1 and free ports. */
  readonly listen?: { readonly address?: string; readonly keystonePort?: number; readonly novaPort?: number };
}

export async function startCloudProxy(options: CloudProxyOptions): Promise<CloudProxy> {
  const rules = createRuleBook();
  let exchanges: Exchange[] = [];
  const { address = '127.0.0.1', keystonePort = 0, novaPort = 0 } = options.listen ?? {};
  const [keystone, compute] = [new URL(options.authUrl), new URL(options.novaUrl)];
  const places = new Map<string, string>();
  const servers: Server[] = [];

  const open = async (service: string, upstream: string, port: number): Promise<string> => {
    const server = createServer((request, response) => {
      void relay({ service, upstream, places }, rules, request, response).then((exchange) => {
        exchanges.push(exchange);
      });
    });
    // Longer than any pause of a test: it closes when the cloud or a fault says so, not by itself.
    server.keepAliveTimeout = 600_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, resolve);
    });
    servers.push(server);
    const origin = `http://${address}:${(server.address() as AddressInfo).port}`;
    places.set(upstream, origin);
    return origin;
  };

  const together = keystone.origin === compute.origin;
  const keystoneOrigin = await open(together ? 'cloud' : 'keystone', keystone.origin, keystonePort);
  const novaOrigin = together ? keystoneOrigin : await open('nova', compute.origin, novaPort);
  return {
    authUrl: `${keystoneOrigin}${keystone.pathname.replace(/\/+$/, '').replace(/\/v3$/, '')}/v3`,
    novaUrl: `${novaOrigin}${compute.pathname.replace(/\/+$/, '')}`,
    fault: (rule) => rules.add(rule),
    clearFaults: () => {
      rules.clear();
    },
    traffic: () => [...exchanges],
    counts: () => countRoutes(exchanges),
    tokensIssued: () =>
      exchanges.filter(({ route, status }) => route.endsWith(' POST /v3/auth/tokens') && status === 201).length,
    reset: () => {
      exchanges = [];
    },
    async close() {
      await Promise.all(
        servers.map((server) => {
          const closed = new Promise<void>((resolve) => server.close(() => resolve()));
          server.closeAllConnections();
          return closed;
        }),
      );
    },
  };
}

interface Side {
  readonly service: string;
  readonly upstream: string;
  /** From the origin of each upstream to that of the proxy before it. */
  readonly places: ReadonlyMap<string, string>;
}

async function relay(
  side: Side,
  rules: RuleBook,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Exchange> {
  const atMs = performance.now();
  const path = request.url ?? '/';
  const method = request.method ?? 'GET';
  const body = await readAll(request);
  const service = side.service === 'cloud' ? serviceOf(path) : side.service;
  const route = routeOf(service, method, path, body.toString('utf8'));
  const clientPort = request.socket.remotePort ?? 0;
  const outcome = await withFaults(rules.take(route, path), (changes) =>
    forward(side.upstream, { method, path: withQuery(path, changes.query), headers: request.headers, body }, changes),
  );
  const status = await give(response, outcome, side.places);
  const userAgent = request.headers['user-agent'] ?? '';
  return { atMs, tookMs: performance.now() - atMs, route, path, status, clientPort, userAgent };
}

function serviceOf(path: string): string {
  return path.startsWith('/compute') || path.startsWith('/v2') ? 'nova' : 'keystone';
}

function withQuery(path: string, set: Readonly<Record<string, string>>): string {
  if (Object.keys(set).length === 0) return path;
  const url = new URL(path, 'http://proxy');
  for (const [key, value] of Object.entries(set)) url.searchParams.set(key, value);
  return `${url.pathname}${url.search}`;
}

interface Changes {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string>>;
}

/** `undefined` is a connection that is cut. */
type Outcome = (UpstreamAnswer & { readonly cutHalfWay?: boolean }) | undefined;

async function withFaults(
  effects: readonly Fault[],
  execute: (changes: Changes) => Promise<UpstreamAnswer | undefined>,
): Promise<Outcome> {
  const changes = { headers: {}, query: {} };
  for (const effect of effects) {
    if (effect.kind === 'request-headers') Object.assign(changes.headers, effect.set);
    if (effect.kind === 'request-query') Object.assign(changes.query, effect.set);
    if (effect.kind === 'delay' && effect.when === 'before-executing') await pause(effect.ms);
  }
  const instead = effects.find((effect) => effect.kind === 'answer' || effect.kind === 'cut');
  const executed = instead?.kind === 'answer' ? instead.executed === true : instead?.when !== 'before-executing';
  const answer = executed ? await execute(changes) : undefined;
  for (const effect of effects) {
    if (effect.kind === 'delay' && effect.when === 'after-executing') await pause(effect.ms);
  }
  if (instead === undefined) return answer;
  if (instead.kind === 'cut')
    return instead.when === 'half-way' && answer ? { ...answer, cutHalfWay: true } : undefined;
  const { status, body = '' } = instead;
  const type = typeof body === 'string' ? 'text/html' : 'application/json';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: { 'content-type': type, ...instead.headers }, body: Buffer.from(text), closes: false };
}

/** Answers the status that was sent, or 0. */
async function give(response: ServerResponse, outcome: Outcome, places: ReadonlyMap<string, string>): Promise<number> {
  if (outcome === undefined) {
    response.socket?.destroy();
    return 0;
  }
  const body = relocated(outcome, places);
  response.writeHead(outcome.status, {
    ...outcome.headers,
    'content-length': body.length,
    ...(outcome.closes ? { connection: 'close' } : {}),
  });
  if (outcome.cutHalfWay === true) {
    await new Promise<void>((resolve) => response.write(body.subarray(0, body.length / 2), () => resolve()));
    response.socket?.destroy();
    return 0;
  }
  await new Promise<void>((resolve) => {
    response.once('close', resolve);
    response.end(body, resolve);
  });
  return outcome.status;
}

/** Every address of an upstream in a JSON answer becomes the proxy's: the catalog's above all. */
function relocated(answer: UpstreamAnswer, places: ReadonlyMap<string, string>): Buffer {
  if (!String(answer.headers['content-type']).includes('json')) return answer.body;
  let text = answer.body.toString('utf8');
  for (const [upstream, origin] of places) {
    // A port that only begins alike is another one.
    text = text.replace(new RegExp(`${upstream.replaceAll('.', '\\.')}(?!\\d)`, 'g'), origin);
  }
  return Buffer.from(text);
}
