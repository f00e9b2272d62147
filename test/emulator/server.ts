import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { novaError, unauthorized } from '../../src/simulation/cloud/answer.ts';
import type { Answer, Call } from '../../src/simulation/cloud/answer.ts';
import type { RequestEffect } from '../../src/simulation/cloud/faults.ts';
import { beat } from '../../src/simulation/cloud/heartbeat.ts';
import { glance, GLANCE_PATH } from './glance.ts';
import { keystone, tokenOf } from './keystone.ts';
import type { Urls } from './keystone.ts';
import { denied, negotiate, nova, novaVersion, versionHeaders } from './nova.ts';
import { placement, placementError, PLACEMENT_PATH } from './placement.ts';
import { hostOf, instanceOf, NOVA_PATH, routeOf } from './routes.ts';
import type { World } from '../../src/simulation/cloud/world.ts';

export interface RequestRecord {
  readonly atMs: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** 0: the connection was dropped instead of an answer. */
  readonly status: number;
}

export interface TrafficLog {
  readonly requests: RequestRecord[];
  connections: number;
}

export interface Listening {
  readonly server: Server;
  readonly urls: Urls;
  readonly port: number;
}

export async function listen(
  world: World,
  log: TrafficLog,
  address: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const workers = createWorkers(world);
  let urls: Urls = { keystone: '', nova: '', placement: '', glance: '' };
  const server = createServer((request, response) => {
    void serve(world, urls, workers, log, request, response);
  });
  server.on('connection', () => {
    log.connections += 1;
  });
  // Longer than any pause of a test: the emulator closes connections when a test asks for it, not by itself.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = address.host === '0.0.0.0' ? '127.0.0.1' : address.host;
  const root = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  urls = {
    keystone: `${root}/v3`,
    nova: `${root}${NOVA_PATH}`,
    placement: `${root}${PLACEMENT_PATH}`,
    glance: `${root}${GLANCE_PATH}`,
  };
  return { server, urls, port };
}

type Workers = <T>(work: () => Promise<T>) => Promise<T>;

/** Nova's API workers: each serves one request at a time, so a blocked one is missing to all others. */
function createWorkers(world: World): Workers {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    const limit = world.options.apiWorkers;
    if (limit > 0 && busy >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
      waiting.shift()?.();
    }
  };
}

async function serve(
  world: World,
  urls: Urls,
  workers: Workers,
  log: TrafficLog,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const atMs = world.clock.now();
  const url = new URL(request.url ?? '/', urls.nova);
  const base = { method: request.method ?? 'GET', path: url.pathname, query: url.searchParams };
  const call: Call = { ...base, headers: request.headers, body: await readBody(request) };
  const record = (status: number): void => {
    log.requests.push({ atMs, method: call.method, path: request.url ?? '/', status });
  };
  const route = routeOf(call);
  const effects = route === undefined ? [] : world.faults.take(route, instanceOf(call), hostOf(world, call));
  const answer = await withFaults(world, effects, () =>
    call.path.startsWith(NOVA_PATH)
      ? workers(() => answerNova(world, urls, call))
      : Promise.resolve(answerOther(world, urls, call)),
  );
  if (answer === 'drop') {
    record(0);
    request.socket.destroy();
    return;
  }
  record(answer.status);
  send(world, request, response, answer);
}

type Raw = Omit<Answer, 'body'> & { readonly body?: object | string | undefined };

async function withFaults(
  world: World,
  effects: readonly RequestEffect[],
  execute: () => Promise<Answer>,
): Promise<Raw | 'drop'> {
  let instead: Raw | 'drop' | 'drop-after' | undefined;
  for (const effect of effects) {
    switch (effect.kind) {
      case 'delay':
        await new Promise<void>((resolve) => world.clock.schedule(effect.ms, resolve));
        break;
      case 'expire-tokens':
        world.tokens.clear();
        break;
      case 'drop':
        instead ??= effect.when === 'before-executing' ? 'drop' : 'drop-after';
        break;
      case 'html':
        instead ??= {
          status: effect.status,
          body: `<html><head><title>${effect.status}</title></head><body>not the API</body></html>`,
          headers: { 'content-type': 'text/html' },
        };
        break;
      case 'body':
        instead ??= { status: 200, body: effect.body };
        break;
      case 'status':
        instead ??= {
          status: effect.status,
          body: novaError(effect.status, effect.message ?? 'a fault laid by the test').body,
          headers: {
            'x-openstack-request-id': requestId(),
            ...(effect.retryAfterSeconds === undefined ? {} : { 'retry-after': String(effect.retryAfterSeconds) }),
          },
        };
        break;
    }
  }
  if (instead === undefined) return execute();
  if (instead !== 'drop-after') return instead;
  await execute();
  return 'drop';
}

async function answerNova(world: World, urls: Urls, call: Call): Promise<Answer> {
  const path = call.path.slice(NOVA_PATH.length);
  const ids = novaIds();
  const documents = novaVersion(world, urls, path);
  if (documents !== undefined)
    return { ...documents, headers: { ...documents.headers, ...ids, ...versionHeaders(2001) } };
  const token = tokenOf(world, call);
  if (token === undefined) {
    const refused = unauthorized(urls.keystone);
    return { ...refused, headers: { ...refused.headers, ...ids } };
  }
  const version = negotiate(world, call);
  if (typeof version !== 'number') return { ...version, headers: { ...version.headers, ...ids } };
  // The policy is asked before a request that belongs to no project is looked at.
  if (token.projectId === undefined) {
    const refused = denied(path);
    return { ...refused, headers: { ...refused.headers, ...ids, ...versionHeaders(version) } };
  }
  const answer = await nova(world, urls, { ...call, user: token.user, projectId: token.projectId }, path, version);
  const versions = answer.unversioned === true ? {} : versionHeaders(version);
  return { ...answer, headers: { ...answer.headers, ...ids, ...versions } };
}

function answerOther(world: World, urls: Urls, call: Call): Answer {
  const lab = /^\/lab\/beat\/([^/]+)$/.exec(call.path)?.[1];
  if (lab !== undefined && call.method === 'POST') {
    const name = decodeURIComponent(lab);
    const boot = call.query.get('boot');
    if (!world.hosts.has(name)) return { status: 404, body: { error: `unknown host ${name}` } };
    if (boot === null || boot === '') return { status: 400, body: { error: 'boot is missing' } };
    return { status: 200, body: { answer: beat(world, name, boot, call.query.get('machine') ?? undefined) } };
  }
  for (const [path, service] of [
    [PLACEMENT_PATH, placement],
    [GLANCE_PATH, glance],
  ] as const) {
    if (!call.path.startsWith(`${path}/`)) continue;
    const user = tokenOf(world, call)?.user;
    const answer =
      user === undefined
        ? unauthorized(urls.keystone)
        : user === 'admin'
          ? service(world, call, call.path.slice(path.length))
          : placementError(403, 'Not allowed.');
    return { ...answer, headers: { ...answer.headers, 'x-openstack-request-id': requestId() } };
  }
  const answer = keystone(world, urls, call) ?? { status: 404, body: { error: { code: 404, message: 'Not Found' } } };
  return { ...answer, headers: { vary: 'X-Auth-Token', 'x-openstack-request-id': requestId(), ...answer.headers } };
}

function requestId(): string {
  return `req-${randomUUID()}`;
}

function novaIds(): Readonly<Record<string, string>> {
  const id = requestId();
  return { 'x-openstack-request-id': id, 'x-compute-request-id': id };
}

function send(world: World, request: IncomingMessage, response: ServerResponse, answer: Raw): void {
  const text =
    typeof answer.body === 'string' ? answer.body : answer.body === undefined ? '' : JSON.stringify(answer.body);
  const { connections } = world.options;
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    ...answer.headers,
    'content-length': Buffer.byteLength(text),
    ...(connections === 'closed' ? { connection: 'close' } : {}),
  });
  response.end(text, () => {
    if (connections === 'closed-silently') request.socket.destroySoon();
  });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return 'unreadable';
  }
}
