import { chooseEndpoint } from '../../../src/openstack/catalog.ts';
import type { ContractStage } from '../stage.ts';
import { NOBODY } from '../stage.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape.ts';
import type { WireRequest } from './requests.ts';

/** What is compared of an answer. */
export interface WireAnswer {
  readonly status: number;
  /** The names of the headers, without those of the connection and of the front end. */
  readonly headers: readonly string[];
  readonly type: string;
  /** `null` for an empty body, `text` for one that is no JSON. */
  readonly shape: Shape;
  /** The message of a refusal, with braces for what every cloud calls by its own ids. */
  readonly words?: string;
  /** How many rows a list had. */
  readonly rows?: number;
}

/** The words in braces of the requests. */
export type Names = Readonly<Record<string, string>>;

export interface Wire {
  send(request: WireRequest): Promise<WireAnswer>;
  names: Names;
}

const OF_THE_CONNECTION = ['connection', 'content-length', 'date', 'keep-alive', 'server', 'transfer-encoding'];

/** Logs in everybody that a request may be sent as. */
export async function openWire(stage: ContractStage, instances: Names): Promise<Wire> {
  const { proxy, admin, member, application, hosts } = stage;
  if (admin.login.kind !== 'password' || member.login.kind !== 'password') throw new Error('logins by password only');
  const { user, password, project } = admin.login;
  const names: Names = {
    ...instances,
    admin: nameOf(user),
    password,
    project: nameOf(project),
    application: application.id,
    secret: application.secret,
    source: hosts[0],
    SOURCE: hosts[0].toUpperCase(),
    target: hosts[1],
    nobody: NOBODY,
  };
  let catalog: unknown;
  const issue = async (login: typeof admin.login, scoped: boolean): Promise<string> => {
    if (login.kind !== 'password') throw new Error('logins by password only');
    const identity = { methods: ['password'], password: { user: { ...login.user, password: login.password } } };
    const body = JSON.stringify({ auth: { identity, ...(scoped ? { scope: { project: login.project } } : {}) } });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${proxy.authUrl}/auth/tokens`, { method: 'POST', body, headers });
    const { token } = (await answer.json()) as { readonly token?: { readonly catalog?: unknown } };
    catalog ??= token?.catalog;
    return answer.headers.get('x-subject-token') ?? '';
  };
  const tokens: Readonly<Record<NonNullable<WireRequest['as']>, string | undefined>> = {
    admin: await issue(admin.login, true),
    member: await issue(member.login, true),
    unscoped: await issue(admin.login, false),
    spoilt: 'gAAAAAspoilt',
    nobody: undefined,
  };
  return {
    names,
    async send(request) {
      const [service = '', path = ''] = split(fill(request.to, names));
      const token = service === 'keystone' ? undefined : tokens[request.as ?? 'admin'];
      const version = request.version?.includes(' ') === false ? `compute ${request.version}` : request.version;
      const bases: Readonly<Record<string, string>> = {
        keystone: proxy.authUrl,
        nova: proxy.novaUrl,
        ...(service === 'placement' || service === 'image'
          ? { [service]: chooseEndpoint(catalog, [service], admin) }
          : {}),
      };
      const answer = await fetch(`${bases[service] ?? ''}${path}`, {
        method: request.method ?? 'GET',
        headers: {
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { 'x-auth-token': token }),
          ...(version === undefined ? {} : { 'openstack-api-version': version }),
        },
        ...(request.body === undefined ? {} : { body: fill(JSON.stringify(request.body), names) }),
      });
      return describe(answer, await answer.text(), names, request);
    },
  };
}

function nameOf(reference: object): string {
  return 'name' in reference ? String(reference.name) : '';
}

function split(to: string): readonly string[] {
  const colon = to.indexOf(':');
  return [to.slice(0, colon), to.slice(colon + 1)];
}

function fill(text: string, names: Names): string {
  return text.replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) => names[name] ?? whole);
}

function describe(answer: Response, text: string, names: Names, request: WireRequest): WireAnswer {
  const body = read(text);
  const headers = [...answer.headers.keys()].filter((header) => !OF_THE_CONNECTION.includes(header)).sort();
  const words =
    answer.status < 400 || request.free === 'words' || request.free === 'body' ? undefined : messageOf(body);
  const rows = rowsOf(body);
  return {
    status: answer.status,
    headers,
    type: answer.headers.get('content-type') ?? '',
    shape: request.free === 'body' ? 'free' : shapeOf(body),
    ...(words === undefined ? {} : { words: blank(words, names) }),
    ...(rows === undefined || request.free === 'body' || request.free === 'rows' ? {} : { rows }),
  };
}

function read(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return 'text';
  }
}

/** One object in an envelope whose key differs: {badRequest: {message}}, {error: {message}}. */
function messageOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  for (const candidate of [body, ...(Object.values(body) as unknown[])]) {
    if (typeof candidate === 'object' && candidate !== null && 'message' in candidate) return String(candidate.message);
  }
  return undefined;
}

function rowsOf(body: unknown): number | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const list = Object.entries(body).find(([key, value]) => Array.isArray(value) && !key.endsWith('_links'));
  return list === undefined ? undefined : (list[1] as unknown[]).length;
}

function blank(words: string, names: Names): string {
  let blanked = words;
  for (const [name, value] of Object.entries(names)) {
    // Of an account: in one cloud they are words that a message may hold by chance. Nova quotes no password.
    if (!['admin', 'project', 'password', 'secret'].includes(name) && value.length > 1)
      blanked = blanked.replaceAll(value, `{${name}}`);
  }
  return blanked
    .replace(/[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}/g, 'ID')
    .replace(/\d+\.\d+\.\d+\.\d+:\d+/g, 'ADDRESS');
}
