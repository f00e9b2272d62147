/** One request and what came of it. */
export interface Exchange {
  /** When it arrived and how long until its last byte left, in milliseconds; `atMs` on the monotonic clock. */
  readonly atMs: number;
  readonly tookMs: number;
  /** As `routeOf` writes it. */
  readonly route: string;
  /** With its query. */
  readonly path: string;
  /** 0: the connection was cut instead of an answer. */
  readonly status: number;
  /** The client's port, which tells connections apart, and what it calls itself. */
  readonly clientPort: number;
  readonly userAgent: string;
}

export interface RouteCount {
  readonly route: string;
  readonly count: number;
  /** How many answers had which status. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly meanMs: number;
  readonly worstMs: number;
}

const UUID = /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/gi;

/**
 * `nova POST /servers/{id}/action evacuate`: the service, the method, the path without its version, its ids and its
 * query, and the action where there is one.
 */
export function routeOf(service: string, method: string, path: string, body: string): string {
  const [bare = '/'] = path.split('?');
  const template = bare
    .replace(/^(\/compute)?\/v2(\.\d+)?(?=\/|$)/, '')
    .replace(UUID, '{id}')
    .replace(/\/\d+(?=\/|$)/g, '/{n}')
    .replace(/^\/\{id\}(?=\/)/, '');
  const action = template.endsWith('/action') ? ` ${actionOf(body)}` : '';
  return `${service} ${method} ${template === '' ? '/' : template}${action}`;
}

function actionOf(body: string): string {
  try {
    return Object.keys(JSON.parse(body) as object)[0] ?? 'none';
  } catch {
    return 'unreadable';
  }
}

/** One row for each route, the busiest first. */
export function countRoutes(exchanges: readonly Exchange[]): readonly RouteCount[] {
  const byRoute = new Map<string, Exchange[]>();
  for (const exchange of exchanges) byRoute.set(exchange.route, [...(byRoute.get(exchange.route) ?? []), exchange]);
  return [...byRoute]
    .map(([route, all]) => {
      const statuses: Record<number, number> = {};
      for (const { status } of all) statuses[status] = (statuses[status] ?? 0) + 1;
      return {
        route,
        count: all.length,
        statuses,
        meanMs: all.reduce((sum, { tookMs }) => sum + tookMs, 0) / all.length,
        worstMs: Math.max(...all.map(({ tookMs }) => tookMs)),
      };
    })
    .sort((a, b) => b.count - a.count || (a.route < b.route ? -1 : 1));
}
