import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import type { Logger } from '../ports.ts';
import { gateRoute, type GateHandler } from './gate-route.ts';
import { errorBody, refuse } from './refusal.ts';
import { mountOwnApi, type OwnApiPorts } from './lifeboat/mount.ts';
import { mountMetrics, type MetricsPorts } from './metrics/mount.ts';
import { mountMasakari, type MountPorts } from './masakari/mount.ts';
import { limitUnanswered } from './unanswered-requests.ts';

/** What the API asks of the daemon. */
export interface ApiHandlers {
  readonly gate: GateHandler;
  /** Undefined: only the gates are answered. */
  readonly masakari?: MountPorts;
  readonly own?: OwnApiPorts;
  readonly metrics?: MetricsPorts;
}

export interface AppOptions {
  readonly tls?: Tls;
  readonly trustedProxies?: readonly string[];
}

export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** As the original's; no request needs as much. Bytes. */
const BODY_LIMIT = 114_688;
/** How long a caller may take to send its request, headers and all. */
const REQUEST_MS = 10_000;
/** A connection that says nothing. Longer than a request takes to be answered. */
const IDLE_MS = 60_000;
const KEEP_ALIVE_MS = 5_000;
const HEADER_BYTES = 16_384;
/** More hosts than this that boot at once wait for their turn in the kernel's queue. */
const MAX_CONNECTIONS = 1_024;

/**
 * The HTTP API, not yet listening. Everything that a stranger can make large or slow has a limit, and every answer is
 * JSON, also for what is not HTTP.
 */
export function createApi(handlers: ApiHandlers, logger: Logger, options: AppOptions = {}): FastifyInstance {
  const { tls, trustedProxies = [] } = options;
  const limits = { maxHeaderSize: HEADER_BYTES };
  const app = fastify({
    // Logged by ourselves: Fastify's own lines have another form, and would hold what strangers send.
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_MS,
    connectionTimeout: IDLE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    exposeHeadRoutes: false,
    // A host's name has at most 255 characters, each of which may come as %XX.
    routerOptions: { maxParamLength: 3 * 255, ignoreTrailingSlash: true },
    clientErrorHandler: answerNoHttp,
    frameworkErrors: (_error, _request, reply) => {
      void refuse(reply, 400, 'the address of the request is not well formed');
    },
    ...(tls === undefined ? { http: limits } : { https: { ...limits, ...tls } }),
  }) as unknown as FastifyInstance;
  app.server.maxConnections = MAX_CONNECTIONS;
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'there is nothing at this address'));
  app.setErrorHandler((error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const status = statusOf(error);
    if (status < 500) return refuse(reply, status, 'the request is not one that is understood here');
    logger.error({ route: request.routeOptions.url, error: messageOf(error) }, 'the API could not answer');
    return refuse(reply, 500, 'the engine could not answer; its log says why');
  });
  limitUnanswered(app);
  handlers.metrics?.requests.watch(app);
  gateRoute(app, handlers.gate);
  if (handlers.metrics !== undefined) mountMetrics(app, handlers.metrics);
  if (handlers.own !== undefined) mountOwnApi(app, handlers.own);
  if (handlers.masakari !== undefined) mountMasakari(app, handlers.masakari);
  return app;
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

/** By Node's codes: what a client can mend. */
const TELLING: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, `the headers of the request are larger than ${HEADER_BYTES} bytes`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, `the request did not arrive within ${REQUEST_MS / 1000} s`],
};

/** Bytes that are not HTTP, headers without an end, a caller that went away. */
function answerNoHttp(error: NodeJS.ErrnoException, socket: Socket & { _httpMessage?: ServerResponse }): void {
  const begun = socket._httpMessage?.headersSent === true;
  if (error.code !== 'ECONNRESET' && socket.writable && !begun) {
    const [status, message] = TELLING[error.code ?? ''] ?? [400, 'this is not a request that is understood here'];
    const refusal = errorBody(status, message);
    const body = JSON.stringify(refusal);
    const head = [
      `HTTP/1.1 ${status} ${refusal.error.title}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}
