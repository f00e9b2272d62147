import type { FastifyInstance, FastifyRequest } from 'fastify';
import { masakariRoute } from '../masakari/route-table.ts';
import { sample, type Sample } from './sample.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Its answer ends when the client goes. */
const ENDLESS = '/lifeboat/v1/events';
/** Seconds. Most answers take some milliseconds; a plan of a large cloud takes seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

interface Answered {
  readonly method: string;
  readonly route: string;
  readonly byStatus: Map<number, number>;
  /** How many took as long as the bound of the same index at the most. */
  readonly within: number[];
  seconds: number;
}

/** Counts what was answered, by route. One book serves all addresses that the API listens on. */
export class RequestBook {
  readonly #answered = new Map<string, Answered>();

  /** Before any route is added. */
  watch(app: FastifyInstance): void {
    app.addHook('onResponse', (request, reply, next) => {
      this.#count(request, reply.statusCode, reply.elapsedTime / 1000);
      next();
    });
  }

  get samples(): readonly Sample[] {
    return [...this.#answered.values()].flatMap((answered) => [...requests(answered), ...durations(answered)]);
  }

  #count(request: FastifyRequest, status: number, seconds: number): void {
    const method = METHODS.has(request.method) ? request.method : 'other';
    const route = routeOf(request);
    const key = `${method} ${route}`;
    const answered = this.#answered.get(key) ?? {
      ...{ method, route, byStatus: new Map<number, number>(), seconds: 0 },
      within: BOUNDS.map(() => 0),
    };
    this.#answered.set(key, answered);
    answered.byStatus.set(status, (answered.byStatus.get(status) ?? 0) + 1);
    answered.seconds += seconds;
    for (const [index, bound] of BOUNDS.entries()) {
      if (seconds <= bound) answered.within[index] = (answered.within[index] ?? 0) + 1;
    }
  }
}

/** As the document of the API writes it: /v1/segments/{segment}. Never what a stranger sent. */
function routeOf(request: FastifyRequest): string {
  const { url } = request.routeOptions;
  if (url === undefined) return 'none';
  if (url === '/v1' || url === '/v1/*') return masakariRoute(request.method, request.url) ?? 'none';
  return url.endsWith('*') ? 'none' : url.replaceAll(/:(\w+)/g, '{$1}');
}

function requests({ byStatus, method, route }: Answered): readonly Sample[] {
  return [...byStatus].map(([status, count]) =>
    sample('lifeboat_api_requests_total', { method, route, status: String(status) }, count),
  );
}

function durations({ byStatus, method, route, seconds, within }: Answered): readonly Sample[] {
  if (route === ENDLESS) return [];
  const labels = { method, route };
  const all = [...byStatus.values()].reduce((sum, count) => sum + count, 0);
  const of = (part: Sample['part'], value: number, more: Readonly<Record<string, string>> = {}): Sample => ({
    ...{ name: 'lifeboat_api_request_duration_seconds', part, value },
    labels: { ...labels, ...more },
  });
  return [
    ...BOUNDS.map((bound, index) => of('_bucket', within[index] ?? 0, { le: String(bound) })),
    of('_bucket', all, { le: '+Inf' }),
    of('_sum', seconds),
    of('_count', all),
  ];
}
