import { createHost, deleteHost, listHosts, showHost, updateHost } from './hosts.ts';
import { createSegment, deleteSegment, listSegments, showSegment, updateSegment } from './segments.ts';
import { createNotification, listNotifications, listVmoves, showNotification, showVmove } from './notifications.ts';
import type { Handler } from './context.ts';
import { listExtensions, showExtension } from './extensions.ts';
import { pathOf } from './path.ts';
import { oneVersion } from './versions.ts';

export type Match =
  | {
      readonly kind: 'found';
      readonly route: string;
      readonly handler: Handler;
      readonly ids: readonly string[];
      readonly project?: string;
    }
  /** The address is known, and this is not what can be done there. */
  | { readonly kind: 'not-allowed'; readonly route: string; readonly action: string }
  | { readonly kind: 'unknown' };

/** What the original calls the actions that it names in its refusal. */
type Refusal = 'create' | 'update' | 'delete' | 'action';

interface Route {
  /** `*` is a value. */
  readonly path: readonly string[];
  readonly methods: Readonly<Record<string, Handler | Refusal>>;
}

const showVersion: Handler = ({ base, ports }) => ({ status: 200, body: oneVersion(ports.linkPrefix ?? base) });

const ROUTES: readonly Route[] = [
  { path: [], methods: { GET: showVersion } },
  { path: ['segments'], methods: { GET: listSegments, POST: createSegment } },
  { path: ['segments', '*'], methods: { GET: showSegment, PUT: updateSegment, DELETE: deleteSegment } },
  { path: ['segments', '*', 'action'], methods: { POST: 'action' } },
  { path: ['segments', '*', 'hosts'], methods: { GET: listHosts, POST: createHost } },
  { path: ['segments', '*', 'hosts', '*'], methods: { GET: showHost, PUT: updateHost, DELETE: deleteHost } },
  { path: ['notifications'], methods: { GET: listNotifications, POST: createNotification } },
  { path: ['notifications', '*'], methods: { GET: showNotification, PUT: 'update', DELETE: 'delete' } },
  { path: ['notifications', '*', 'action'], methods: { POST: 'action' } },
  { path: ['notifications', '*', 'vmoves'], methods: { GET: listVmoves, POST: 'create' } },
  { path: ['notifications', '*', 'vmoves', '*'], methods: { GET: showVmove, PUT: 'update', DELETE: 'delete' } },
  { path: ['extensions'], methods: { GET: listExtensions, POST: 'create' } },
  { path: ['extensions', '*'], methods: { GET: showExtension, PUT: 'update', DELETE: 'delete' } },
];

/** As the document writes it: /v1/segments/{segment}/hosts. */
function nameOf(path: readonly string[]): string {
  return ['/v1', ...path.map((word, index) => (word === '*' ? `{${path[index - 1]?.slice(0, -1) ?? ''}}` : word))].join(
    '/',
  );
}

/** Everything that can be done: "GET /v1/segments/{segment}". The document of the API describes each of them. */
export const MASAKARI_OPERATIONS: readonly string[] = ROUTES.flatMap(({ methods, path }) =>
  Object.entries(methods).flatMap(([method, act]) => (typeof act === 'string' ? [] : [`${method} ${nameOf(path)}`])),
);

/** Which route a request is for; undefined: none. `target`: with its query. */
export function masakariRoute(method: string, target: string): string | undefined {
  const path = pathOf(new URL(target, 'http://localhost'));
  const match = path === undefined ? undefined : matchRoute(method, path);
  return match === undefined || match.kind === 'unknown' ? undefined : match.route;
}

const RESOURCES = new Set(ROUTES.map(({ path }) => path[0]));
const PROJECT = /^[0-9a-f-]+$/;

/** Each route exists with and without the id of a project before it. `path`: what stands after /v1. */
export function matchRoute(method: string, path: readonly string[]): Match {
  const [first] = path;
  const hasProject = first !== undefined && !RESOURCES.has(first) && PROJECT.test(first);
  const rest = hasProject ? path.slice(1) : path;
  const route = ROUTES.find(({ path: wanted }) => isAt(wanted, rest));
  const found = route?.methods[method === 'HEAD' ? 'GET' : method];
  if (route === undefined || found === undefined) return { kind: 'unknown' };
  const name = nameOf(route.path);
  if (typeof found === 'string') return { kind: 'not-allowed', route: name, action: found };
  const ids = rest.filter((_, index) => route.path[index] === '*');
  return { kind: 'found', route: name, handler: found, ids, ...(hasProject && { project: first }) };
}

function isAt(wanted: readonly string[], path: readonly string[]): boolean {
  return wanted.length === path.length && wanted.every((word, index) => word === '*' || word === path[index]);
}
