import type { FastifyInstance } from 'fastify';

const METHODS = 'GET, PUT, POST, DELETE, PATCH';
const ALLOWED = [
  ...['Content-Type', 'X-Auth-Token', 'X-Openstack-Request-Id', 'X-Identity-Status', 'X-Roles', 'X-Service-Catalog'],
  ...['X-User-Id', 'X-Tenant-Id', 'OpenStack-API-Version'],
].join(', ');
const EXPOSED = 'X-Auth-Token, X-Openstack-Request-Id, X-Subject-Token, X-Service-Token';
const AGE_S = '3600';

/** Lets the pages of these origins ask; a browser keeps all others out. */
export function allowOrigins(scope: FastifyInstance, origins: readonly string[], paths: string): void {
  if (origins.length === 0) return;
  scope.addHook('onRequest', (request, reply, next) => {
    const { origin } = request.headers;
    if (origin === undefined || !(origins.includes('*') || origins.includes(origin))) {
      next();
      return;
    }
    void reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': EXPOSED,
    });
    if (request.method !== 'OPTIONS') {
      next();
      return;
    }
    void reply
      .headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': ALLOWED,
        'access-control-max-age': AGE_S,
      })
      .code(200)
      .send();
  });
  // Whoever answers may vary by something too, and would take the place of what was said before.
  scope.addHook('onSend', (_request, reply, _payload, next) => {
    const vary = reply.getHeader('vary');
    void reply.header('vary', typeof vary === 'string' ? `${vary}, Origin` : 'Origin');
    next();
  });
  scope.options(paths, (_request, reply) => reply.code(200).send());
}
