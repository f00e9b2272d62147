/**
 * A raw client of a real Nova for tests: whatever it answers comes back as it is, nothing is retried and no status is an
 * error. The product's own client is not used here, so that a test can look behind its back.
 */
export interface NovaClient {
  /** `path` begins at the versioned root: /servers, /os-services. Throws when there is no answer within 130 s. */
  call(method: NovaMethod, path: string, body?: object, microversion?: string): Promise<NovaReply>;
  /** As `call`, but throws an Error with Nova's own words for a status that is none of 2xx. */
  must(method: NovaMethod, path: string, body?: object, microversion?: string): Promise<NovaBody>;
  /** POST on /servers/ID/action. */
  act(id: string, action: object, microversion?: string): Promise<NovaReply>;
  /** Undefined: Nova has no such instance (any more). */
  server(id: string): Promise<NovaServer | undefined>;
}

export type NovaMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface NovaReply {
  readonly status: number;
  readonly body: NovaBody;
  /** Nova's own words of a refusal. */
  readonly message: string | undefined;
}

export type NovaRow = Readonly<Record<string, unknown>>;

/** The envelopes that tests open; add what another test needs. */
export interface NovaBody {
  readonly server?: NovaRow;
  readonly servers?: readonly NovaRow[];
  readonly service?: NovaRow;
  readonly services?: readonly NovaRow[];
  readonly migrations?: readonly NovaRow[];
  readonly server_group?: NovaRow;
  readonly aggregate?: NovaRow;
  readonly server_groups?: readonly NovaRow[];
  readonly instanceAction?: NovaRow;
  readonly instanceActions?: readonly NovaRow[];
  readonly [key: string]: unknown;
}

/** One instance in the few words that tests compare. */
export interface NovaServer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly vmState: string;
  readonly taskState: string | undefined;
  readonly powerState: number;
  readonly host: string | undefined;
  readonly locked: boolean;
  readonly fault: string | undefined;
}

export interface NovaLogin {
  /** http://ADDRESS:PORT/v3 */
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
  /** The name of the domain of both user and project: Default. */
  readonly domainName: string;
  /** Default: the first one of the catalog. */
  readonly region?: string;
}

/** Zed's newest. */
const MICROVERSION = '2.93';
/** Nova itself gives up an RPC after 60 s. */
const TIMEOUT_MS = 130_000;

/** Logs in once; a token lasts an hour or more, which is longer than a test. */
export async function novaClient(login: NovaLogin, send: typeof fetch = fetch): Promise<NovaClient> {
  const { token, endpoint } = await logIn(login, send);
  const call: NovaClient['call'] = async (method, path, body, microversion = MICROVERSION) => {
    const answer = await send(endpoint + path, {
      method,
      headers: {
        accept: 'application/json',
        'x-auth-token': token,
        'openstack-api-version': `compute ${microversion}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    const read = parse(text);
    return { status: answer.status, body: read, message: answer.ok ? undefined : (messageIn(read) ?? text) };
  };
  const must: NovaClient['must'] = async (method, path, body, microversion) => {
    const reply = await call(method, path, body, microversion);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.message ?? ''}`);
    return reply.body;
  };
  return {
    call,
    must,
    act: (id, action, microversion) => call('POST', `/servers/${id}/action`, action, microversion),
    async server(id) {
      const reply = await call('GET', `/servers/${id}`);
      if (reply.status === 404) return undefined;
      if (reply.body.server === undefined) throw new Error(`show ${id}: ${reply.status} ${reply.message ?? ''}`);
      return novaServer(reply.body.server);
    },
  };
}

/** Reads a row of /servers/detail or of /servers/ID. */
export function novaServer(row: NovaRow): NovaServer {
  const fault = row.fault as { readonly message: string } | undefined;
  return {
    id: row.id as string,
    name: row.name as string,
    status: row.status as string,
    vmState: row['OS-EXT-STS:vm_state'] as string,
    taskState: (row['OS-EXT-STS:task_state'] as string | null) ?? undefined,
    powerState: row['OS-EXT-STS:power_state'] as number,
    host: (row['OS-EXT-SRV-ATTR:host'] as string | null) ?? undefined,
    locked: row.locked as boolean,
    fault: fault?.message,
  };
}

interface Catalogued {
  readonly token: {
    readonly catalog: readonly {
      readonly type: string;
      readonly endpoints: readonly { readonly interface: string; readonly region: string; readonly url: string }[];
    }[];
  };
}

export async function logIn(
  login: NovaLogin,
  send: typeof fetch = fetch,
): Promise<{ readonly token: string; readonly endpoint: string }> {
  const domain = { name: login.domainName };
  const user = { name: login.username, password: login.password, domain };
  const answer = await send(`${login.authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: login.projectName, domain } },
      },
    }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const token = answer.headers.get('x-subject-token');
  if (answer.status !== 201 || token === null) throw new Error(`login: ${answer.status}`);
  const { catalog } = ((await answer.json()) as Catalogued).token;
  const compute = catalog.find(({ type }) => type === 'compute');
  const endpoint = compute?.endpoints.find(
    (each) => each.interface === 'public' && (login.region === undefined || each.region === login.region),
  )?.url;
  if (endpoint === undefined) throw new Error('login: the catalog has no public endpoint of type compute');
  return { token, endpoint: endpoint.replace(/\/$/, '') };
}

/** Empty for an answer without a body, and for one that is no JSON. */
function parse(text: string): NovaBody {
  try {
    return JSON.parse(text) as NovaBody;
  } catch {
    return {};
  }
}

function messageIn(body: NovaBody): string | undefined {
  const said = Object.values(body).find((value) => typeof value === 'object' && value !== null && 'message' in value);
  return (said as { readonly message: string } | undefined)?.message;
}
