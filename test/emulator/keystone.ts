import { randomBytes } from 'node:crypto';
import { header, unauthorized } from '../../src/simulation/cloud/answer.ts';
import type { Answer, Call } from '../../src/simulation/cloud/answer.ts';
import { preciseStamp } from '../../src/simulation/cloud/bodies.ts';
import type { Token, World } from '../../src/simulation/cloud/world.ts';

export interface Urls {
  readonly keystone: string;
  readonly nova: string;
  readonly placement: string;
  readonly glance: string;
}

/** Keystone v3 as far as a service user needs it: version documents, token issue and revocation. */
export function keystone(world: World, urls: Urls, call: Call): Answer | undefined {
  if (call.path === '/') return { status: 300, body: { versions: { values: [versionBody(urls)] } } };
  if (call.path === '/v3' || call.path === '/v3/') return { status: 200, body: { version: versionBody(urls) } };
  if (call.path !== '/v3/auth/tokens') return undefined;
  if (call.method === 'POST') return issueToken(world, urls, call);
  if (call.method === 'GET') return showToken(world, urls, call);
  if (call.method === 'DELETE') return revokeToken(world, urls, call);
  return undefined;
}

/** The token of the call, or undefined when it is missing, unknown, revoked or expired. */
export function tokenOf(world: World, call: Call): Token | undefined {
  const token = world.tokens.get(header(call, 'x-auth-token') ?? '');
  return token !== undefined && world.clock.now() < token.expiresAtMs ? token : undefined;
}

function versionBody(urls: Urls): object {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${urls.keystone}/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}

function issueToken(world: World, urls: Urls, call: Call): Answer {
  const auth = field(call.body, 'auth');
  const methods = field(field(auth, 'identity'), 'methods');
  if (!Array.isArray(methods)) {
    const message = "Invalid input for field 'identity': the methods are missing.";
    return { status: 400, body: { error: { code: 400, message, title: 'Bad Request' } } };
  }
  if (!methods.some((name) => METHODS.includes(String(name)))) return unknownMethod(urls, methods);
  const credential = field(field(field(auth, 'identity'), 'application_credential'), 'id');
  if (typeof credential === 'string' && credential !== world.options.applicationCredential.id) {
    const message = `Could not find Application Credential: ${credential}.`;
    return { status: 404, body: { error: { code: 404, message, title: 'Not Found' } } };
  }
  const method = authenticate(world, field(auth, 'identity'));
  if (method === undefined) return unauthorized(urls.keystone);
  const project = field(field(auth, 'scope'), 'project');
  const scoped = method.by === 'application_credential' || project !== undefined;
  const own = project === undefined ? adminProject(world) : findProject(world, project);
  if (own === undefined || !domainsAreKnown(auth)) return unauthorized(urls.keystone);
  const now = world.clock.now();
  const token = `gAAAAA${randomBytes(24).toString('hex')}`;
  world.tokens.set(token, {
    user: method.user,
    projectId: scoped ? own.id : undefined,
    expiresAtMs: now + world.options.tokenLifetimeMs,
  });
  return {
    status: 201,
    headers: { 'x-subject-token': token },
    body: {
      token: {
        methods: [method.by],
        user: {
          domain: { id: 'default', name: 'Default' },
          id: world.ids.user,
          name: method.user,
          password_expires_at: null,
        },
        audit_ids: [randomBytes(16).toString('base64url')],
        expires_at: `${preciseStamp(now + world.options.tokenLifetimeMs)}Z`,
        issued_at: `${preciseStamp(now)}Z`,
        ...(scoped ? scopeBody(world, urls, method.user, own) : {}),
      },
    },
  };
}

interface Project {
  readonly id: string;
  readonly name: string;
}

function adminProject(world: World): Project {
  return { id: world.ids.project, name: world.options.project };
}

function findProject(world: World, wanted: unknown): Project | undefined {
  const projects = [adminProject(world), { id: world.ids.memberProject, name: world.options.memberProject }];
  const [id, name] = [field(wanted, 'id'), field(wanted, 'name')];
  return projects.find((project) => (id === undefined ? project.name === name : project.id === id));
}

/** There is one domain, of the user and of the project. */
function domainsAreKnown(auth: unknown): boolean {
  const identity = field(auth, 'identity');
  const users = ['password', 'application_credential'].map((method) => field(field(identity, method), 'user'));
  return [...users, field(field(auth, 'scope'), 'project')]
    .map((reference) => field(reference, 'domain'))
    .filter((domain) => domain !== undefined)
    .every((domain) => field(domain, 'id') === 'default' || field(domain, 'name') === 'Default');
}

const METHODS: readonly string[] = ['password', 'application_credential'];

function unknownMethod(urls: Urls, methods: readonly unknown[]): Answer {
  const refused = unauthorized(urls.keystone);
  const { error } = refused.body as { readonly error: object };
  return { ...refused, body: { error: { ...error, identity: { methods } } } };
}

function scopeBody(world: World, urls: Urls, user: string, project: Project): object {
  const roles = user === 'admin' ? ['reader', 'member', 'admin'] : ['reader', 'member'];
  return {
    project: { domain: { id: 'default', name: 'Default' }, id: project.id, name: project.name },
    is_domain: false,
    roles: roles.map((name) => ({ id: `role-${name}`, name })),
    catalog: [
      catalogEntry(world, 'identity', 'keystone', urls.keystone),
      catalogEntry(world, 'compute', 'nova', urls.nova),
      catalogEntry(world, 'placement', 'placement', urls.placement),
      catalogEntry(world, 'image', 'glance', urls.glance),
      ...(world.options.instanceHaUrl === undefined
        ? []
        : [catalogEntry(world, 'instance-ha', 'masakari', world.options.instanceHaUrl)]),
    ],
  };
}

function catalogEntry(world: World, type: string, name: string, url: string): object {
  const { region } = world.options;
  const endpoints = ['internal', 'public', 'admin'].map((place) => ({
    id: `${name}-${place}`,
    interface: place,
    region_id: region,
    url,
    region,
  }));
  return { endpoints, id: name, type, name };
}

interface Authenticated {
  readonly by: 'password' | 'application_credential';
  readonly user: string;
}

function authenticate(world: World, identity: unknown): Authenticated | undefined {
  const methods = field(identity, 'methods');
  if (!Array.isArray(methods)) return undefined;
  if (methods.includes('application_credential')) {
    const given = field(identity, 'application_credential');
    const { id, name, secret } = world.options.applicationCredential;
    const byId = field(given, 'id') === id;
    const byName = field(given, 'name') === name && field(given, 'user') !== undefined;
    if (!(byId || byName) || field(given, 'secret') !== secret) return undefined;
    return { by: 'application_credential', user: 'admin' };
  }
  const user = field(field(identity, 'password'), 'user');
  const name = field(user, 'id') === world.ids.user ? 'admin' : field(user, 'name');
  if (field(user, 'password') !== world.options.password) return undefined;
  return name === 'admin' || name === 'demo' ? { by: 'password', user: name } : undefined;
}

/** What a service asks about a token that somebody has sent it. */
function showToken(world: World, urls: Urls, call: Call): Answer {
  const own = tokenOf(world, call);
  if (own === undefined) return unauthorized(urls.keystone);
  const subject = header(call, 'x-subject-token') ?? '';
  const asked = world.tokens.get(subject);
  if (asked === undefined || world.clock.now() >= asked.expiresAtMs) {
    const message = `Could not find token: ${subject}.`;
    return { status: 404, body: { error: { code: 404, message, title: 'Not Found' } } };
  }
  const project = [adminProject(world), findProject(world, { name: world.options.memberProject })].find(
    (each) => each?.id === asked.projectId,
  );
  const user = { domain: { id: 'default', name: 'Default' }, id: world.ids.user, name: asked.user };
  const { catalog: _, ...scope } = (project === undefined ? {} : scopeBody(world, urls, asked.user, project)) as {
    readonly catalog?: unknown;
  };
  return {
    status: 200,
    headers: { 'x-subject-token': subject },
    body: { token: { methods: ['password'], user, expires_at: `${preciseStamp(asked.expiresAtMs)}Z`, ...scope } },
  };
}

function revokeToken(world: World, urls: Urls, call: Call): Answer {
  if (tokenOf(world, call) === undefined) return unauthorized(urls.keystone);
  world.tokens.delete(header(call, 'x-subject-token') ?? '');
  return { status: 204 };
}

/** A field of something that may be no object at all. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
