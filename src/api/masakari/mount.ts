import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLifeboatError, messageOf, type ErrorCode } from '../../errors.ts';
import { audit } from '../audit.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Caller } from '../auth/caller.ts';
import { allowOrigins } from '../cors.ts';
import { headerOf } from '../header.ts';
import type { Answer, MasakariPorts } from './context.ts';
import { Fault } from './fault.ts';
import { answerHeaders, askedVersion, faultHeaders, MIN_VERSION, type Microversion } from './microversion.ts';
import { pathOf } from './path.ts';
import { matchRoute, type Match } from './route-table.ts';
import { allVersions } from './versions.ts';

export interface MountPorts extends MasakariPorts {
  readonly authenticate: Authenticate;
  /** Where a client gets a token, for the refusal of who has none. */
  readonly keystoneUrl: string | undefined;
  readonly requestId: () => string;
  readonly corsOrigins: readonly string[];
  /** Whether this client may ask now. */
  readonly mayAsk: (request: FastifyRequest) => boolean;
  /** Undefined while the engine can do what it is asked for; else why not. For load balancers. */
  readonly notReady: () => string | undefined;
}

const JSON_TYPE = 'application/json';
const FAULT_TYPE = 'application/json; charset=UTF-8';
const BODY_TYPES = new Set([JSON_TYPE, 'application/vnd.openstack.masakari+json', 'text/plain']);
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Masakari's API, version 1, at / and /v1. Every answer carries a request id; every fault is shaped as the original's. */
export function mountMasakari(app: FastifyInstance, ports: MountPorts): void {
  void app.register((scope, _options, done) => {
    // Bodies are read as they come: what is wrong with them is said in Masakari's words.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    scope.setErrorHandler((error, request, reply) => sendFault(reply, faultOf(error, request, ports), MIN_VERSION));
    scope.addHook('onRequest', (_request, reply, next) => {
      void reply.header('x-openstack-request-id', `req-${ports.requestId()}`);
      next();
    });
    scope.addHook('onRequest', (request, reply, next) => {
      if (ports.mayAsk(request)) next();
      else void sendFault(reply, TOO_MANY, undefined);
    });
    allowOrigins(scope, ports.corsOrigins, '/v1/*');
    scope.get('/healthcheck', (_request, reply) => {
      const why = ports.notReady();
      return reply
        .code(why === undefined ? 200 : 503)
        .type('text/plain')
        .send(why ?? 'OK');
    });
    scope.get('/', (request, reply) => sendJson(reply, allVersions(ports.linkPrefix ?? baseOf(request))));
    for (const url of ['/v1', '/v1/*']) {
      scope.route({ method: [...METHODS], url, handler: (request, reply) => serve(request, reply, ports) });
    }
    done();
  });
}

const TOO_MANY = new Fault(429, 'Too many requests from this address.', { 'retry-after': '1' });

async function serve(request: FastifyRequest, reply: FastifyReply, ports: MountPorts): Promise<FastifyReply> {
  const answer = await ports.authenticate(headerOf(request, 'x-auth-token'));
  if (answer.kind === 'refused') return refuseUnknown(reply, ports);
  if (answer.kind === 'unavailable') return refuseNow(reply);
  const url = new URL(request.url, 'http://localhost');
  const path = pathOf(url);
  const match = path === undefined ? UNKNOWN : matchRoute(request.method, path);
  if (match.kind === 'unknown') return sendNotFound(request, reply);
  let version = MIN_VERSION;
  try {
    version = askedVersion(request.headers['openstack-api-version']);
    const given = await act(match, request, url, version, answer.caller, ports);
    audit(ports.logger, request, reply, answer.caller, given.status);
    void reply.headers(answerHeaders(version)).code(given.status);
    return sendJson(reply, given.body);
  } catch (error) {
    const fault = faultOf(error, request, ports);
    audit(ports.logger, request, reply, answer.caller, fault.status);
    // The version itself is what is wrong: its header says so, or is left out.
    return sendFault(reply, fault, fault.status === 406 || isBadVersion(fault) ? undefined : version);
  }
}

const UNKNOWN: Match = { kind: 'unknown' };

async function act(
  match: Exclude<Match, { kind: 'unknown' }>,
  request: FastifyRequest,
  url: URL,
  version: Microversion,
  caller: Caller,
  ports: MountPorts,
): Promise<Answer> {
  checkContentType(request);
  if (match.kind === 'not-allowed') {
    const told = `The request method: '${request.method}' with action: '${match.action}' is not allowed on this resource`;
    throw new Fault(405, told);
  }
  checkProject(match.project, caller);
  return match.handler({
    ports,
    caller,
    version,
    query: url.searchParams,
    ids: match.ids,
    body: bodyOf(request),
    reportId: reportIdOf(request),
    base: baseOf(request),
  });
}

function checkContentType(request: FastifyRequest): void {
  const type = headerOf(request, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && type !== '' && !BODY_TYPES.has(type)) throw new Fault(415, 'Unsupported Content-Type');
}

function checkProject(project: string | undefined, { projectId }: Caller): void {
  if (project === undefined || projectId === undefined || project === projectId) return;
  throw new Fault(
    400,
    `Malformed request URL: URL's project_id '${project}' doesn't match Context's project_id '${projectId}'`,
  );
}

function bodyOf(request: FastifyRequest): unknown {
  const { body } = request;
  if (typeof body !== 'string' || body === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new Fault(400, 'Malformed request body');
  }
}

const STATUS_OF: Partial<Readonly<Record<ErrorCode, number>>> = {
  REGISTRY_NOT_FOUND: 404,
  REGISTRY_CONFLICT: 409,
  REGISTRY_REFUSED: 400,
};

/** Of what goes away by itself: another engine, the store, Nova. */
const UNAVAILABLE: ReadonlySet<ErrorCode> = new Set(['STORE_UNUSABLE', 'NOT_ALLOWED', 'LEASE_LOST', 'LEASE_LAPSED']);

function faultOf(error: unknown, request: FastifyRequest, { logger }: MountPorts): Fault {
  if (error instanceof Fault) return error;
  if (isLifeboatError(error)) {
    const { code } = error;
    const status = STATUS_OF[code];
    if (status !== undefined) return new Fault(status, error.message);
    const isOurs = UNAVAILABLE.has(code);
    if (isOurs || code.startsWith('CLOUD_')) {
      logger.warn({ code, method: request.method }, `the API could not answer: ${messageOf(error)}`);
      const told = isOurs ? 'The engine cannot do this now; try again.' : 'Nova cannot be asked now; try again.';
      return new Fault(503, told, { 'retry-after': '5' });
    }
  }
  const status = statusOf(error);
  if (status === 413) return new Fault(413, 'Request is too large.');
  if (status < 500) return new Fault(status, 'Malformed request body');
  logger.error({ method: request.method, error: messageOf(error) }, `the API failed: ${messageOf(error)}`);
  return new Fault(500, 'Unexpected API Error. The log of lifeboatd says why.');
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

function isBadVersion({ message, status }: Fault): boolean {
  return status === 400 && message.startsWith('API Version String');
}

/** As bytes: Fastify would name a charset that the original does not. */
function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  void reply.header('content-type', JSON_TYPE);
  return body === undefined ? reply.send() : reply.send(Buffer.from(JSON.stringify(body)));
}

function sendFault(reply: FastifyReply, fault: Fault, version: Microversion | undefined): FastifyReply {
  if (version !== undefined) void reply.headers(faultHeaders(version));
  return reply.headers(fault.headers).code(fault.status).type(FAULT_TYPE).send(JSON.stringify(fault.body));
}

/** As Keystone's middleware, which stands before the original, answers. */
function refuseUnknown(reply: FastifyReply, { keystoneUrl }: MountPorts): FastifyReply {
  const message = 'The request you have made requires authentication.';
  if (keystoneUrl !== undefined) void reply.header('www-authenticate', `Keystone uri="${keystoneUrl}"`);
  return sendJson(reply.code(401), { error: { code: 401, title: 'Unauthorized', message } });
}

function refuseNow(reply: FastifyReply): FastifyReply {
  const fault = new Fault(503, 'Keystone cannot be asked now; try again.', { 'retry-after': '5' });
  return sendFault(reply, fault, undefined);
}

function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (headerOf(request, 'accept')?.includes('json') === true) {
    const body = {
      message: 'The resource could not be found.<br /><br />\n\n\n',
      code: '404 Not Found',
      title: 'Not Found',
    };
    return sendJson(reply.code(404), body);
  }
  return reply.code(404).type('text/plain').send('404 Not Found\n\nThe resource could not be found.\n\n   ');
}

const REPORT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** By lifeboat-monitor; what is no UUID says nothing. */
function reportIdOf(request: FastifyRequest): string | undefined {
  const id = headerOf(request, 'x-lifeboat-report')?.toLowerCase();
  return id !== undefined && REPORT_ID.test(id) ? id : undefined;
}

/** What the client called us by, for links. */
function baseOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
