import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLifeboatError, messageOf } from '../../errors.ts';
import type { Logger } from '../../ports.ts';
import { audit } from '../audit.ts';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Caller } from '../auth/caller.ts';
import type { Policy } from '../auth/policy.ts';
import { allowOrigins } from '../cors.ts';
import { headerOf } from '../header.ts';
import { refuse } from '../refusal.ts';
import type { EventStream } from './event-stream.ts';
import { openApi } from '../document/openapi.ts';
import { OWN_PREFIX } from './prefix.ts';
import { OWN_ROUTES, type OwnRoute, type OwnSource } from './routes.ts';

export interface OwnApiPorts {
  readonly source: OwnSource;
  readonly events: EventStream;
  readonly version: string;
  readonly authenticate: Authenticate;
  readonly policy: () => Policy;
  readonly logger: Logger;
  readonly requestId: () => string;
  readonly corsOrigins: readonly string[];
  readonly mayAsk: (request: FastifyRequest) => boolean;
}

/** Lifeboat's own API, at /lifeboat/v1. Each request is validated by the schemas that openapi.json shows. */
export function mountOwnApi(app: FastifyInstance, ports: OwnApiPorts): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  void app.register(
    (scope, _options, done) => {
      scope.addHook('onRequest', (request, reply, next) => {
        void reply.header('x-openstack-request-id', `req-${ports.requestId()}`).header('cache-control', 'no-store');
        if (ports.mayAsk(request)) next();
        else void refuse(reply.header('retry-after', '1'), 429, 'too many requests from this address');
      });
      allowOrigins(scope, ports.corsOrigins, `/*`);
      const guard =
        (rule: OwnRoute['rule']) =>
        async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
          const answer = await ports.authenticate(headerOf(request, 'x-auth-token'));
          if (answer.kind === 'unavailable') return refuse(reply, 503, 'Keystone cannot be asked now; try again');
          if (answer.kind === 'refused') return refuse(reply, 401, 'a token of Keystone is needed, in X-Auth-Token');
          if (answer.caller.onlyHost !== undefined) {
            return refuse(reply, 403, 'the key of a host is for reports of its failures only');
          }
          callers.set(request, answer.caller);
          if (ports.policy().allows(rule, answer.caller)) return undefined;
          return refuse(reply, 403, `the policy does not allow ${rule}`);
        };
      for (const route of OWN_ROUTES) {
        scope.route({
          method: route.method,
          url: route.path,
          schema: {
            ...(route.params && { params: { type: 'object', properties: route.params } }),
            ...(route.query && {
              querystring: { type: 'object', properties: route.query, additionalProperties: false },
            }),
            ...(route.body && { body: route.body }),
          },
          onRequest: guard(route.rule),
          handler: (request, reply) => serve(route, request, reply, callers.get(request), ports),
        });
      }
      scope.get('/events', { onRequest: guard('lifeboat_api:read') }, (request, reply) => {
        if (ports.events.isFull) return refuse(reply, 503, 'too many clients listen already');
        ports.events.serve(request, reply);
        return reply;
      });
      const document = JSON.stringify(openApi(ports.version));
      scope.get('/openapi.json', (_request, reply) => reply.type('application/json').send(document));
      done();
    },
    { prefix: OWN_PREFIX },
  );
}

async function serve(
  { answer }: OwnRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller | undefined,
  { logger, source }: OwnApiPorts,
): Promise<FastifyReply> {
  if (caller === undefined) return refuse(reply, 401, 'a token of Keystone is needed, in X-Auth-Token');
  try {
    const given = await answer(
      {
        params: request.params as Readonly<Record<string, string>>,
        query: request.query as Readonly<Record<string, unknown>>,
        body: (request.body ?? {}) as Readonly<Record<string, unknown>>,
        by: caller.userName ?? caller.userId,
      },
      source,
    );
    audit(logger, request, reply, caller, given?.status ?? 404);
    if (given === undefined) return await refuse(reply, 404, 'there is no such thing');
    return await reply.code(given.status).send(given.body);
  } catch (error) {
    if (!isLifeboatError(error)) throw error;
    audit(logger, request, reply, caller, 503);
    logger.warn({ code: error.code }, `the API could not answer: ${messageOf(error)}`);
    return refuse(reply.header('retry-after', '5'), 503, 'this cannot be done now; the log of lifeboatd says why');
  }
}
