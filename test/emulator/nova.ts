import { actOn, listActions, showAction } from '../../src/simulation/cloud/actions.ts';
import { header, novaError } from '../../src/simulation/cloud/answer.ts';
import type { Answer, Call } from '../../src/simulation/cloud/answer.ts';
import { migrationBody, parseMicroversion, serverBody, serviceBody } from '../../src/simulation/cloud/bodies.ts';
import type { Microversion } from '../../src/simulation/cloud/bodies.ts';
import { evacuate } from '../../src/simulation/cloud/evacuation.ts';
import { answerInventory, listFlavors } from './inventory.ts';
import { field } from './keystone.ts';
import type { Urls } from './keystone.ts';
import { pageOf } from './paging.ts';
import { refuseMigrationsQuery, refuseServersQuery, refuseServicesQuery } from './queries.ts';
import { updateService } from '../../src/simulation/cloud/service-update.ts';
import { statusOf } from '../../src/simulation/cloud/truth.ts';
import type { Guest, World } from '../../src/simulation/cloud/world.ts';

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

type Caller = Call & { readonly user: string; readonly projectId: string };

/** `path` is relative to the endpoint. Resolves late for what holds an API worker. */
export async function nova(
  world: World,
  urls: Urls,
  call: Caller,
  path: string,
  version: Microversion,
): Promise<Answer> {
  const parts = path.split('/').slice(1);
  const route = `${call.method} ${parts[0] ?? ''}${parts.length > 1 ? '/+' : ''}`;
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
  if (route === 'GET flavors/+' && parts[1] === 'detail') return listFlavors(world, version);
  if (['os-hypervisors', 'os-server-groups', 'os-aggregates'].includes(parts[0] ?? '')) {
    if (!admin) return denied(`os_compute_api:${parts[0] ?? ''}`);
    return answerInventory(world, call, parts, version) ?? notRouted();
  }
  if (route === 'GET servers/+' && parts[1] === 'detail') {
    return listServers(world, urls, call, version);
  }
  if (route === 'GET servers/+' && parts[2] === 'os-instance-actions') {
    const guest = visibleGuest(world, parts[1] ?? '', call);
    if (guest === undefined) return novaError(404, `Instance ${parts[1]} could not be found.`);
    return parts[3] === undefined ? listActions(world, guest) : showAction(world, guest, parts[3]);
  }
  if (route === 'GET servers/+') return showServer(world, urls, parts[1] ?? '', call, version);
  if (route === 'POST servers/+' && parts[2] === 'action') return act(world, parts[1] ?? '', call, version);
  return notRouted();
}

/** What routes the requests answers before Nova does: another envelope, and no microversion. */
function notRouted(): Answer {
  const message = 'The resource could not be found.<br /><br />\n\n\n';
  return { status: 404, body: { message, code: '404 Not Found', title: 'Not Found' }, unversioned: true };
}

export function denied(rule: string): Answer {
  return novaError(403, `Policy doesn't allow ${rule} to be performed.`);
}

function listServices(world: World, call: Call, version: Microversion): Answer {
  const refused = refuseServicesQuery(call, version);
  if (refused !== undefined) return refused;
  const name = call.query.get('host');
  const binary = call.query.get('binary');
  const services = [...world.hosts.values()]
    .filter((host) => (name === null || host.name === name) && (binary === null || binary === 'nova-compute'))
    .map((host) => serviceBody(world, host, version, 'stored'));
  return { status: 200, body: { services } };
}

function listServers(world: World, urls: Urls, call: Caller, version: Microversion): Answer {
  const refused = refuseServersQuery(call, version);
  if (refused !== undefined) return refused;
  const admin = call.user === 'admin';
  const everybody =
    call.query.has('all_tenants') && !/^(false|f|0|no|n|off)$/i.test(call.query.get('all_tenants') ?? '');
  if (everybody && !admin) return denied('os_compute_api:servers:detail:get_all_tenants');
  // A filter that only administrators may use is left out for others, without a word.
  const host = admin ? call.query.get('host')?.toLowerCase() : undefined;
  const status = call.query.get('status')?.toUpperCase();
  const since = Date.parse(call.query.get('changes-since') ?? '');
  const guests = [...world.guests.values()]
    .filter((guest) => everybody || guest.projectId === call.projectId)
    .filter((guest) => host === undefined || guest.host?.toLowerCase() === host)
    .filter((guest) => status === undefined || statusOf(guest) === status)
    .filter((guest) => Number.isNaN(since) || wholeSecond(guest.updatedAtMs) >= since)
    .sort((a, b) => b.createdAtMs - a.createdAtMs || b.number - a.number);
  const page = pageOf(world, call, guests, (guest) => guest.id, `${urls.nova}/servers/detail`);
  if ('status' in page) return page;
  const servers = page.items.map((guest) => serverBody(world, guest, version, urls.nova, 'listed'));
  return { status: 200, body: { servers, ...(page.next === undefined ? {} : { servers_links: page.next }) } };
}

/** An instance of another project does not exist for a member. */
function visibleGuest(world: World, id: string, call: Caller): Guest | undefined {
  const guest = world.guests.get(id);
  return call.user === 'admin' || guest?.projectId === call.projectId ? guest : undefined;
}

function showServer(world: World, urls: Urls, id: string, call: Caller, version: Microversion): Answer {
  const guest = visibleGuest(world, id, call);
  if (guest === undefined) return novaError(404, `Instance ${id} could not be found.`);
  const view = call.user === 'admin' ? 'shown' : 'shown to a member';
  return { status: 200, body: { server: serverBody(world, guest, version, urls.nova, view) } };
}

function listMigrations(world: World, urls: Urls, call: Call, version: Microversion): Answer {
  const refused = refuseMigrationsQuery(call, version);
  if (refused !== undefined) return refused;
  const wanted = (key: string, value: string): boolean =>
    call.query.get(key) === null || call.query.get(key)?.toLowerCase() === value.toLowerCase();
  const since = version >= 2059 ? Date.parse(call.query.get('changes-since') ?? '') : NaN;
  const found = world.migrations
    .filter((m) => wanted('source_compute', m.sourceHost) && wanted('instance_uuid', m.instanceId))
    .filter((m) => wanted('migration_type', m.type) && wanted('status', m.status))
    // A record that was never updated has no updated_at, and changes-since leaves it out.
    .filter((m) => Number.isNaN(since) || (m.updatedAtMs !== undefined && wholeSecond(m.updatedAtMs) >= since));
  if (version < 2059) {
    return { status: 200, body: { migrations: found.map((m) => migrationBody(world, m, version)) } };
  }
  const newestFirst = [...found].sort((a, b) => b.id - a.id);
  const page = pageOf(world, call, newestFirst, (m) => m.uuid, `${urls.nova}/os-migrations`, {
    missing: (marker) => `Marker ${marker} could not be found.`,
  });
  if ('status' in page) return page;
  const migrations = page.items.map((m) => migrationBody(world, m, version));
  return { status: 200, body: { migrations, ...(page.next === undefined ? {} : { migrations_links: page.next }) } };
}

/** The database keeps whole seconds, so a filter of the very second finds it. */
function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function act(world: World, id: string, call: Caller, version: Microversion): Answer {
  const guest = visibleGuest(world, id, call);
  if (guest === undefined) return novaError(404, `Instance ${id} could not be found.`);
  if (call.user === 'admin' && typeof call.body === 'object' && call.body !== null) {
    const answer = actOn(world, guest, call.body);
    if (answer !== undefined) return answer;
  }
  const body = field(call.body, 'evacuate');
  if (typeof body !== 'object' || body === null) {
    const message = "Invalid input for field/attribute evacuate. Value: None. None is not of type 'object'";
    return novaError(400, message);
  }
  if (version < 2014) {
    const message = "Invalid input for field/attribute evacuate. Value: {}. 'onSharedStorage' is a required property";
    return novaError(400, message);
  }
  const known = version >= 2029 && version < 2068 ? ['host', 'adminPass', 'force'] : ['host', 'adminPass'];
  const unexpected = Object.keys(body).find((key) => !known.includes(key));
  if (unexpected !== undefined) {
    const why = `Additional properties are not allowed ('${unexpected}' was unexpected)`;
    return novaError(400, `Invalid input for field/attribute evacuate. Value: ${JSON.stringify(body)}. ${why}`);
  }
  if (call.user !== 'admin') return denied('os_compute_api:os-evacuate');
  if (field(body, 'force') === true && field(body, 'host') === undefined) {
    return novaError(400, "Can't force to a non-provided destination");
  }
  const target = field(body, 'host');
  const refusal = evacuate(world, guest, typeof target === 'string' ? target : undefined);
  return refusal === undefined ? { status: 200 } : novaError(refusal.status, refusal.message);
}
