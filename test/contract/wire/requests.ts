/** One raw request and in which scene it is sent. Words in braces stand for what a cloud calls by its own ids. */
export interface WireRequest {
  /** Unique; the recording is found by it. */
  readonly name: string;
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** `keystone:`, `nova:`, `placement:` or `image:`, and what follows the endpoint. */
  readonly to: string;
  /** `2.53` goes into the header as `compute 2.53`; anything with a space goes as it is; default: none. */
  readonly version?: string;
  readonly as?: 'admin' | 'member' | 'unscoped' | 'spoilt' | 'nobody';
  readonly body?: unknown;
  /**
   * The words of a refusal are compared unless they are another library's. `body`: not even the shape, because it
   * depends on what the deployment holds. `rows`: their number, for the same reason.
   */
  readonly free?: 'words' | 'body' | 'rows';
}

const login = (user: object, scope?: object): object => ({
  auth: {
    identity: { methods: ['password'], password: { user } },
    ...(scope === undefined ? {} : { scope }),
  },
});
const DOMAIN = { id: 'default' };
const admin = { name: '{admin}', domain: DOMAIN, password: '{password}' };
const project = { project: { name: '{project}', domain: DOMAIN } };
const TOKENS = { method: 'POST', to: 'keystone:/auth/tokens' } as const;

export const KEYSTONE: readonly WireRequest[] = [
  { name: 'keystone version document', to: 'keystone:/' },
  { name: 'login', ...TOKENS, body: login(admin, project), free: 'body' },
  { name: 'login by the domain’s name', ...TOKENS, body: login({ ...admin, domain: { name: 'Default' } }, project) },
  { name: 'login without a scope', ...TOKENS, body: login(admin), free: 'body' },
  { name: 'login with a wrong password', ...TOKENS, body: login({ ...admin, password: 'no' }, project) },
  { name: 'login of an unknown user', ...TOKENS, body: login({ ...admin, name: 'nobody-at-all' }, project) },
  { name: 'login to an unknown domain', ...TOKENS, body: login({ ...admin, domain: { id: 'nowhere' } }, project) },
  {
    name: 'login to an unknown project',
    ...TOKENS,
    body: login(admin, { project: { name: 'no-such-project', domain: DOMAIN } }),
  },
  { name: 'login without a password', ...TOKENS, body: login({ name: '{admin}', domain: DOMAIN }), free: 'words' },
  { name: 'login with an empty body', ...TOKENS, body: {}, free: 'words' },
  {
    name: 'login by an unknown method',
    ...TOKENS,
    body: { auth: { identity: { methods: ['telepathy'], telepathy: {} } } },
    free: 'words',
  },
  {
    name: 'login by an application credential',
    ...TOKENS,
    body: {
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { id: '{application}', secret: '{secret}' },
        },
      },
    },
    free: 'body',
  },
  {
    name: 'login by an application credential with a wrong secret',
    ...TOKENS,
    body: {
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { id: '{application}', secret: 'no' },
        },
      },
    },
  },
  {
    name: 'login by an application credential that does not exist',
    ...TOKENS,
    body: {
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { id: 'no-such-credential', secret: 'no' },
        },
      },
    },
  },
];

const services = (name: string, query: string, rest: Partial<WireRequest> = {}): WireRequest => ({
  name: `services ${name}`,
  to: `nova:/os-services${query}`,
  version: '2.93',
  ...rest,
});
const put = (name: string, body: unknown, rest: Partial<WireRequest> = {}): WireRequest => ({
  name: `service put ${name}`,
  method: 'PUT',
  to: 'nova:/os-services/{service}',
  version: '2.93',
  body,
  ...rest,
});
const servers = (name: string, query: string, rest: Partial<WireRequest> = {}): WireRequest => ({
  name: `servers ${name}`,
  to: `nova:/servers/detail${query}`,
  version: '2.93',
  ...rest,
});
const migrations = (name: string, query: string, rest: Partial<WireRequest> = {}): WireRequest => ({
  name: `migrations ${name}`,
  to: `nova:/os-migrations${query}`,
  version: '2.93',
  ...rest,
});
const act = (name: string, body: unknown, rest: Partial<WireRequest> = {}): WireRequest => ({
  name: `evacuate ${name}`,
  method: 'POST',
  to: 'nova:/servers/{active}/action',
  version: '2.93',
  body,
  ...rest,
});

const placement = (name: string, path: string, rest: Partial<WireRequest> = {}): WireRequest => ({
  name: `placement ${name}`,
  to: `placement:${path}`,
  version: 'placement 1.29',
  ...rest,
});

/** What plans and reserved hosts are made of. */
const INVENTORY: readonly WireRequest[] = [
  ...['2.53', '2.87'].map((version): WireRequest => ({
    name: `hypervisors ${version}`,
    to: 'nova:/os-hypervisors/detail',
    version,
    free: 'rows',
  })),
  { name: 'hypervisors of a member', to: 'nova:/os-hypervisors/detail', version: '2.87', as: 'member', free: 'words' },
  ...['2.53', '2.93'].map((version): WireRequest => ({
    name: `server groups ${version}`,
    to: 'nova:/os-server-groups?all_projects=True&limit=1000&offset=0',
    version,
  })),
  ...['2.53', '2.93'].map((version): WireRequest => ({
    name: `aggregates ${version}`,
    to: 'nova:/os-aggregates',
    version,
  })),
  {
    name: 'aggregate unknown',
    method: 'POST',
    to: 'nova:/os-aggregates/999999/action',
    version: '2.93',
    body: { add_host: { host: '{target}' } },
  },
  ...['2.60', '2.93'].map((version): WireRequest => ({
    name: `flavors ${version}`,
    to: 'nova:/flavors/detail?is_public=None',
    version,
    free: 'rows',
  })),
  placement('candidates', '/allocation_candidates?resources=MEMORY_MB%3A1', { free: 'rows' }),
  placement('allocations', '/resource_providers/{provider}/allocations'),
  placement('allocations of an unknown provider', '/resource_providers/{nobody}/allocations'),
  placement('of a member', '/allocation_candidates?resources=MEMORY_MB%3A1', { as: 'member', free: 'words' }),
  placement('without a token', '/allocation_candidates?resources=MEMORY_MB%3A1', { as: 'nobody', free: 'words' }),
  { name: 'images', to: 'image:/v2/images?limit=1000', free: 'rows' },
];

/** While every host is up. */
export const QUIET: readonly WireRequest[] = [
  { name: 'nova version document', to: 'nova:/' },
  { name: 'nova version document without a token', to: 'nova:/', as: 'nobody' },
  { name: 'nova without a token', to: 'nova:/os-services', as: 'nobody' },
  { name: 'nova with a token that nobody issued', to: 'nova:/os-services', as: 'spoilt' },
  { name: 'nova with a token without a scope', to: 'nova:/os-services', as: 'unscoped', free: 'words' },
  { name: 'nova unknown path', to: 'nova:/no-such-thing' },
  ...['2.1', '2.11', '2.53', '2.69', '2.93'].map((version) =>
    services(version, '?binary=nova-compute', { version, free: 'rows' }),
  ),
  services('of one host', '?binary=nova-compute&host={source}'),
  services('of a host in other letters', '?binary=nova-compute&host={SOURCE}'),
  services('of an unknown host', '?host=no-such-host'),
  services('of an unknown binary', '?binary=nova-nothing'),
  services('unknown filter', '?colour=blue', { free: 'words' }),
  services('unknown filter before 2.75', '?colour=blue', { version: '2.74', free: 'body' }),
  services('of a member', '', { as: 'member' }),
  services('version too high', '', { version: '2.999' }),
  services('version 2.95', '', { version: '2.95' }),
  services('version that is none', '', { version: '2.x' }),
  services('version of another service', '?binary=nova-compute', { version: 'volume 3.1', free: 'rows' }),
  services('version latest', '?binary=nova-compute', { version: 'latest', free: 'rows' }),
  put('nothing', {}),
  put('unknown field', { colour: 'blue' }, { free: 'words' }),
  put('status that is none', { status: 'asleep' }, { free: 'words' }),
  put('forced_down that is no flag', { forced_down: 'perhaps' }, { free: 'words' }),
  put('forced_down as a text', { forced_down: 'false' }),
  put('reason alone', { disabled_reason: 'why' }),
  put('reason of an enabled one', { status: 'enabled', disabled_reason: 'why' }),
  put('reason that is empty', { status: 'disabled', disabled_reason: '' }, { free: 'words' }),
  put('reason that is too long', { status: 'disabled', disabled_reason: 'x'.repeat(256) }, { free: 'words' }),
  put('unknown service', { forced_down: true }, { to: 'nova:/os-services/{nobody}' }),
  put('id that is no uuid', { forced_down: true }, { to: 'nova:/os-services/7' }),
  put('before 2.53', { forced_down: true }, { version: '2.52', free: 'words' }),
  put('of a member', { forced_down: true }, { as: 'member' }),
  ...['2.1', '2.26', '2.53', '2.73', '2.93'].map((version) =>
    servers(version, '?all_tenants=1&host={source}', { version }),
  ),
  servers('of a host in other letters', '?all_tenants=1&host={SOURCE}'),
  servers('of an unknown host', '?all_tenants=1&host=no-such-host'),
  servers('first page', '?all_tenants=1&host={source}&limit=1'),
  servers('page after the last', '?all_tenants=1&host={source}&marker={oldest}'),
  servers('limit 0', '?all_tenants=1&host={source}&limit=0'),
  servers('limit below 0', '?all_tenants=1&limit=-1', { free: 'words' }),
  servers('limit that is no number', '?all_tenants=1&limit=many', { free: 'words' }),
  servers('unknown marker', '?all_tenants=1&marker={nobody}'),
  servers('unknown filter', '?all_tenants=1&colour=blue', { free: 'words' }),
  servers('unknown filter before 2.75', '?all_tenants=1&host={source}&colour=blue', { version: '2.74' }),
  servers('inner filter', '?all_tenants=1&_colour=blue'),
  servers('all_tenants that is no flag', '?all_tenants=perhaps', { free: 'words' }),
  servers('by status', '?all_tenants=1&host={source}&status=ACTIVE'),
  servers('by a status that is none', '?all_tenants=1&status=ASLEEP'),
  servers('changes-since that is no time', '?all_tenants=1&changes-since=yesterday', { free: 'words' }),
  servers('of a member with all_tenants', '?all_tenants=1', { as: 'member' }),
  servers('of a member', '', { as: 'member', free: 'body' }),
  ...['2.1', '2.53', '2.71', '2.93'].map((version): WireRequest => ({
    name: `server ${version}`,
    to: 'nova:/servers/{active}',
    version,
  })),
  { name: 'server stopped', to: 'nova:/servers/{stopped}', version: '2.93' },
  { name: 'server locked', to: 'nova:/servers/{locked}', version: '2.93' },
  { name: 'server in error', to: 'nova:/servers/{error}', version: '2.93' },
  { name: 'server unknown', to: 'nova:/servers/{nobody}', version: '2.93' },
  { name: 'server whose id is no uuid', to: 'nova:/servers/seven', version: '2.93' },
  { name: 'server of another project to a member', to: 'nova:/servers/{active}', version: '2.93', as: 'member' },
  { name: 'server of its own to a member', to: 'nova:/servers/{members}', version: '2.93', as: 'member' },
  ...['2.1', '2.23', '2.59', '2.66', '2.80', '2.93'].map((version) => migrations(version, '', { version })),
  migrations('unknown filter', '?colour=blue', { free: 'words' }),
  migrations('unknown filter before 2.59', '?colour=blue', { version: '2.58' }),
  migrations('limit 0', '?limit=0'),
  migrations('limit that is no number', '?limit=many', { free: 'words' }),
  migrations('unknown marker', '?marker={nobody}'),
  migrations('changes-since that is no time', '?changes-since=yesterday', { free: 'words' }),
  migrations('of a member', '', { as: 'member' }),
  act('while the host is up', { evacuate: {} }),
  act('unknown target', { evacuate: { host: 'no-such-host' } }),
  act('target is the source', { evacuate: { host: '{source}' } }),
  act('paused', { evacuate: {} }, { to: 'nova:/servers/{paused}/action' }),
  act('unknown instance', { evacuate: {} }, { to: 'nova:/servers/{nobody}/action' }),
  act('of a member', { evacuate: {} }, { as: 'member' }),
  act('of a member’s own', { evacuate: {} }, { as: 'member', to: 'nova:/servers/{members}/action' }),
  act('2.1 without onSharedStorage', { evacuate: {} }, { version: '2.1', free: 'words' }),
  act('2.13 without onSharedStorage', { evacuate: {} }, { version: '2.13', free: 'words' }),
  act('2.14 with onSharedStorage', { evacuate: { onSharedStorage: true } }, { version: '2.14', free: 'words' }),
  act('2.28 with force', { evacuate: { host: '{target}', force: true } }, { version: '2.28', free: 'words' }),
  act('2.29 forced without a target', { evacuate: { force: true } }, { version: '2.29' }),
  act('2.67 forced without a target', { evacuate: { force: true } }, { version: '2.67' }),
  act('2.68 with force', { evacuate: { host: '{target}', force: true } }, { version: '2.68', free: 'words' }),
  act('unknown field', { evacuate: { colour: 'blue' } }, { free: 'words' }),
  act('null', { evacuate: null }, { free: 'words' }),
  act('two actions at once', { evacuate: {}, lock: {} }, { free: 'words' }),
  act('no action', {}, { free: 'words' }),
  act('unknown action', { levitate: {} }, { free: 'words' }),
  ...INVENTORY,
];

/** While the source is forced down, in this order. */
export const LOST: readonly WireRequest[] = [
  put('forced down', { forced_down: true }),
  put('forced down again', { forced_down: true }),
  put('disabled with a reason', { status: 'disabled', disabled_reason: 'why ä' }),
  put('disabled without a reason', { status: 'disabled' }),
  put('disabled and forced down at once', { status: 'disabled', disabled_reason: 'both', forced_down: true }),
  put('enabled', { status: 'enabled' }),
  services('of a lost host', '?binary=nova-compute&host={source}'),
  { name: 'server on a lost host', to: 'nova:/servers/{active}', version: '2.93' },
  act('accepted', { evacuate: { host: '{target}' } }, { to: 'nova:/servers/{moving}/action' }),
  migrations('just accepted', '?migration_type=evacuation&source_compute={source}'),
];

/** After that evacuation has ended as `done`. */
export const MOVED: readonly WireRequest[] = [
  { name: 'server that moved', to: 'nova:/servers/{moving}', version: '2.93' },
  ...['2.1', '2.23', '2.59', '2.80', '2.93'].map((version) =>
    migrations(`done ${version}`, '?migration_type=evacuation&source_compute={source}', { version }),
  ),
  migrations('done in other letters', '?migration_type=evacuation&source_compute={SOURCE}'),
  migrations('done first page', '?migration_type=evacuation&source_compute={source}&limit=1'),
  migrations('of one instance', '?instance_uuid={moving}'),
  migrations('by status', '?status=done&source_compute={source}'),
  migrations('since long ago', '?source_compute={source}&changes-since=2020-01-01T00:00:00Z'),
  migrations('since a time to come', '?source_compute={source}&changes-since=2090-01-01T00:00:00Z'),
  put('unforced too early', { forced_down: false }),
];
