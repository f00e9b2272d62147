import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from '../auth/authenticate.ts';
import type { Policy } from '../auth/policy.ts';
import { headerOf } from '../header.ts';
import { refuse } from '../refusal.ts';
import { exposition, EXPOSITION_TYPE } from './exposition.ts';
import { addressCheck } from './address-check.ts';
import { METRICS_PATH } from './metrics-path.ts';
import type { RequestBook } from './request-book.ts';
import type { Sample } from './sample.ts';

export interface MetricsPorts {
  readonly requests: RequestBook;
  /** All but the requests', as it stands now. */
  readonly samples: () => readonly Sample[];
  /** Addresses and networks from where nobody is asked for a token. */
  readonly openTo: readonly string[];
  readonly authenticate: Authenticate;
  readonly policy: () => Policy;
  readonly mayAsk: (request: FastifyRequest) => boolean;
}

const RULE = 'lifeboat_api:metrics';

/** GET /metrics, for Prometheus: it has no tokens of Keystone, so its address is what it is known by. */
export function mountMetrics(app: FastifyInstance, ports: MetricsPorts): void {
  const isOpenTo = addressCheck(ports.openTo);
  const guard = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (!ports.mayAsk(request)) return refuse(reply.header('retry-after', '1'), 429, 'too many requests');
    if (isOpenTo(request)) return undefined;
    const answer = await ports.authenticate(headerOf(request, 'x-auth-token'));
    if (answer.kind === 'unavailable') return refuse(reply, 503, 'Keystone cannot be asked now; try again');
    if (answer.kind === 'refused') {
      return refuse(reply, 401, 'from this address a token of Keystone is needed, in X-Auth-Token');
    }
    if (ports.policy().allows(RULE, answer.caller)) return undefined;
    return refuse(reply, 403, `the policy does not allow ${RULE}`);
  };
  app.get(METRICS_PATH, { onRequest: guard }, (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .type(EXPOSITION_TYPE)
      .send(exposition([...ports.samples(), ...ports.requests.samples])),
  );
}
