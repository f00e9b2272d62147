import { header, novaError } from './answer.ts';
import type { Answer, Call } from './answer.ts';
import { migrationBody, parseMicroversion, serverBody, serviceBody } from './bodies.ts';
import type { Microversion } from './bodies.ts';
import { evacuate, findHost } from './evacuation.ts';
import { field } from './keystone.ts';
import type { Urls } from './keystone.ts';
import { pageOf } from './paging.ts';
import { updateService } from './service-update.ts';
import type { World } from './world.ts';

/** The version documents; they need no token. */
export function novaVersion(world: World, urls: Urls, path: string): Answer | undefined {
  const version = {
    id: 'v2.1',
    status: 'CURRENT',
    version: world.options.maxMicroversion,
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
    links: [{ rel: 'self', href: `${urls.nova}/` }],
  };
  if (path === '' || path === '/') {
    const describedBy = { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' };
    const media = { base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' };
    const links = [...version.links, describedBy];
    return { status: 200, body: { version: { ...version, links, 'media-types': [media] } } };
  }
  return undefined;
}

/** The microversion asked for, or Nova's refusal. */
export function negotiate(world: World, call: Call): Microversion | Answer {
  const asked = /^compute (.+)$/.exec(header(call, 'openstack-api-version') ?? 'compute 2.1')?.[1] ?? '2.1';
  const text = asked === 'latest' ? world.options.maxMicroversion : asked;
  const version = parseMicroversion(text);
  if (version === undefined) {
    const message = `API Version String ${text} is of invalid format. Must be of format MajorNum.MinorNum.`;
    return novaError(400, message);
  }
  const max = world.options.maxMicroversion;
  if (version > (parseMicroversion(max) ?? 0)) {
    const message = `Version ${text} is not supported by the API. Minimum is 2.1 and maximum is ${max}.`;
    const refused = novaError(406, message);
    return { ...refused, headers: { ...refused.headers, ...versionHeaders(version) } };
  }
  return version;
}

export function versionHeaders(version: Microversion): Readonly<Record<string, string>> {
  const text = `${Math.floor(version / 1000)}.${version % 1000}`;
  return {
    'openstack-api-version': `compute ${text}`,
    'x-openstack-nova-api-version': text,
    vary: 'X-OpenStack-Nova-API-Version',
  };
}

/** `path` is relative to the endpoint. Resolves late for what holds an API worker. */
export async function nova(
  world: World,
  urls: Urls,
  call: Call & { readonly user: string },
  path: string,
  version: Microversion,
): Promise<Answer> {
  const parts = path.split('/').slice(1);
  const route = `${call.method} ${parts[0] ?? ''}${parts.length > 1 ? '/+' : ''}`;
  const denied = (rule: string): Answer => novaError(403, `Policy doesn't allow ${rule} to be performed.`);
  const admin = call.user === 'admin';
  if (route === 'GET os-services') {
    return admin ? listServices(world, call, version) : denied('os_compute_api:os-services:list');
  }
  if (route === 'PUT os-services/+') {
    if (!admin) return denied('os_compute_api:os-services:update');
    return updateService(world, parts[1] ?? '', call.body, version);
  }
  if (route === 'GET os-migrations') {
    return admin ? listMigrations(world, urls, call, version) : denied('os_compute_api:os-migrations:index');
  }
  if (route === 'GET servers/+' && parts[1] === 'detail') {
    if (!admin) return denied('os_compute_api:servers:detail:get_all_tenants');
    return listServers(world, urls, call, version);
  }
  if (route === 'GET servers/+') return showServer(world, urls, parts[1] ?? '', version);
  if (route === 'POST servers/+' && parts[2] === 'action') return act(world, parts[1] ?? '', call, version);
  return novaError(404, 'The resource could not be found.');
}

function listServices(world: World, call: Call, version: Microversion): Answer {
  const name = call.query.get('host');
  const binary = call.query.get('binary');
  const services = [...world.hosts.values()]
    .filter((host) => (name === null || host.name === name) && (binary === null || binary === 'nova-compute'))
    .map((host) => serviceBody(world, host, version, 'stored'));
  return { status: 200, body: { services } };
}

const SERVER_FILTERS = ['all_tenants', 'host', 'limit', 'marker', 'status', 'name', 'project_id', 'sort_key'];

function listServers(world: World, urls: Urls, call: Call, version: Microversion): Answer {
  const unknown = [...call.query.keys()].find((key) => !SERVER_FILTERS.includes(key) && !key.startsWith('_'));
  if (unknown !== undefined) return novaError(400, `'${unknown}' does not match any of the regexes: '^_'`);
  const host = call.query.get('host')?.toLowerCase();
  const guests = [...world.guests.values()]
    .filter((guest) => host === undefined || guest.host?.toLowerCase() === host)
    .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
  const page = pageOf(world, call, guests, (guest) => guest.id, `${urls.nova}/servers/detail`);
  if ('status' in page) return page;
  const servers = page.items.map((guest) => serverBody(world, guest, version, urls.nova, 'listed'));
  return { status: 200, body: { servers, ...(page.next === undefined ? {} : { servers_links: page.next }) } };
}

function showServer(world: World, urls: Urls, id: string, version: Microversion): Answer {
  const guest = world.guests.get(id);
  if (guest === undefined) return novaError(404, `Instance ${id} could not be found.`);
  return { status: 200, body: { server: serverBody(world, guest, version, urls.nova, 'shown') } };
}

function listMigrations(world: World, urls: Urls, call: Call, version: Microversion): Answer {
  const wanted = (key: string, value: string | null): boolean =>
    call.query.get(key) === null || call.query.get(key) === value;
  const since = version >= 2059 ? Date.parse(call.query.get('changes-since') ?? '') : NaN;
  const found = world.migrations
    .filter((m) => wanted('source_compute', m.sourceHost) && wanted('instance_uuid', m.instanceId))
    .filter((m) => wanted('migration_type', 'evacuation') && wanted('status', m.status))
    .filter((m) => Number.isNaN(since) || wholeSecond(m.updatedAtMs ?? m.createdAtMs) >= since);
  if (version < 2059) {
    return { status: 200, body: { migrations: found.map((m) => migrationBody(world, m, version)) } };
  }
  const newestFirst = [...found].sort((a, b) => b.id - a.id);
  const page = pageOf(world, call, newestFirst, (m) => m.uuid, `${urls.nova}/os-migrations`);
  if ('status' in page) return page;
  const migrations = page.items.map((m) => migrationBody(world, m, version));
  return { status: 200, body: { migrations, ...(page.next === undefined ? {} : { migrations_links: page.next }) } };
}

/** The database keeps whole seconds, so a filter of the very second finds it. */
function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function act(world: World, id: string, call: Call, version: Microversion): Answer {
  const guest = world.guests.get(id);
  if (guest === undefined || call.user !== 'admin') return novaError(404, `Instance ${id} could not be found.`);
  const body = field(call.body, 'evacuate');
  if (typeof body !== 'object' || body === null) {
    const message = "Invalid input for field/attribute evacuate. Value: None. None is not of type 'object'";
    return novaError(400, message);
  }
  if (version < 2014) {
    const message = "Invalid input for field/attribute evacuate. Value: {}. 'onSharedStorage' is a required property";
    return novaError(400, message);
  }
  const unexpected = Object.keys(body).find((key) => key !== 'host');
  if (unexpected !== undefined) {
    const why = `Additional properties are not allowed ('${unexpected}' was unexpected)`;
    return novaError(400, `Invalid input for field/attribute evacuate. Value: ${JSON.stringify(body)}. ${why}`);
  }
  const target = field(body, 'host');
  const found = typeof target === 'string' ? (findHost(world, target)?.name ?? target) : undefined;
  const refusal = evacuate(world, guest, found);
  return refusal === undefined ? { status: 200 } : novaError(refusal.status, refusal.message);
}
