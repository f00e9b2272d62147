import { LifeboatError, isLifeboatError } from '../errors.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import { CallBook, type CallCount } from './call-book.ts';
import type { Cloud, ComputeService, Evacuation, Instance } from './cloud.ts';
import type { Credentials } from './credentials.ts';
import { createGlance, images } from './glance.ts';
import { createHttp } from './http.ts';
import type { Inventory } from './inventory.ts';
import { createKeystone } from './keystone.ts';
import { createMasakari, type MasakariApi } from './masakari.ts';
import { act, lastAction, resetState } from './nova-actions.ts';
import { createNovaCalls } from './nova-calls.ts';
import type { NovaCalls } from './nova-calls.ts';
import { aggregates, changeAggregate, flavors, providers, serverGroups } from './nova-inventory.ts';
import { readEvacuation, readInstance, readService } from './nova-rows.ts';
import { listAll } from './paging.ts';
import { allocationsOn, createPlacement, freeResources } from './placement.ts';
import { objectAt, rowsAt } from './rows.ts';
import { DEFAULT_TIMINGS } from './timings.ts';
import { checkToken, type TokenOwner } from './token-check.ts';
import type { Timings } from './timings.ts';

export interface NovaCloudOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly timings?: Partial<Timings>;
  /** Asked just before each request leaves that changes something in Nova; what it throws is what the call throws. */
  readonly beforeChange?: () => void;
  /** The minor number of the newest microversion to speak, so that a new Nova can stand for an old one. */
  readonly newestMinor?: number;
}

export interface NovaCloud extends Cloud, Inventory {
  /**
   * Logs in, reads the version document and opens a connection, so that the first call in an emergency is nothing but
   * itself. Throws what any call would throw.
   */
  warmUp(signal?: AbortSignal): Promise<{ readonly endpoint: string; readonly microversion: string }>;
  /**
   * The time by the cloud's clock (Keystone's), milliseconds since the epoch, whatever this machine's says; undefined
   * before the first login.
   */
  timeMs(): number | undefined;
  /** Whom a token of somebody else belongs to; see token-check.ts. */
  checkToken(token: string, signal?: AbortSignal): Promise<TokenOwner | undefined>;
  /** Of Keystone. */
  readonly authUrl: string;
  /** An existing Masakari of the same cloud; `endpoint`: undefined: as the catalog says. */
  masakari(endpoint: string | undefined): MasakariApi;
  /** What was asked of OpenStack so far, and what came of it. */
  calls(): readonly CallCount[];
  /** Closes the kept connections. */
  close(): void;
}

export function novaCloud(options: NovaCloudOptions): NovaCloud {
  const timings = { ...DEFAULT_TIMINGS, ...options.timings };
  const patience = { ...options, timings };
  const http = createHttp(options.credentials.tls, timings, options.clock);
  const book = new CallBook(options.clock);
  const keystoneHttp = book.counted(http, 'keystone');
  const keystone = createKeystone(keystoneHttp, options.credentials, patience);
  const nova = createNovaCalls(book.counted(http, 'nova'), keystone, patience, options);
  const placement = createPlacement(book.counted(http, 'placement'), keystone, patience);
  const glance = createGlance(book.counted(http, 'glance'), keystone, patience);
  return {
    computeServices: (signal) => computeServices(nova, signal),
    setForcedDown: (id, forcedDown, signal) =>
      putService(nova, `set forced_down of service ${id} to ${forcedDown}`, id, { forced_down: forcedDown }, signal),
    disableService: (id, reason, signal) => {
      const cut = cutReason(reason);
      const body = { status: 'disabled', ...(cut === '' ? {} : { disabled_reason: cut }) };
      return putService(nova, `disable service ${id}`, id, body, signal);
    },
    enableService: (id, signal) => putService(nova, `enable service ${id}`, id, { status: 'enabled' }, signal),
    instancesOn: (host, signal, changedSinceMs) => instancesOn(nova, host, signal, changedSinceMs),
    instance: (id, signal) => instance(nova, id, signal),
    evacuationsFrom: (host, sinceMs, signal) => evacuationsFrom(nova, host, sinceMs, signal),
    evacuate: (instanceId, targetHost, signal) => evacuate(nova, instanceId, targetHost, signal),
    resetState: (instanceId, signal) => resetState(nova, instanceId, signal),
    act: (instanceId, action, signal) => act(nova, instanceId, action, signal),
    lastAction: (instanceId, signal) => lastAction(nova, instanceId, signal),
    providers: (signal) => providers(nova, signal),
    freeResources: (signal) => freeResources(placement, signal),
    allocationsOn: (providerId, signal) => allocationsOn(placement, providerId, signal),
    serverGroups: (signal) => serverGroups(nova, signal),
    aggregates: (signal) => aggregates(nova, signal),
    addToAggregate: (id, host, signal) => changeAggregate(nova, 'add_host', id, host, signal),
    removeFromAggregate: (id, host, signal) => changeAggregate(nova, 'remove_host', id, host, signal),
    flavors: (signal) => flavors(nova, signal),
    images: (signal) => images(glance, signal),
    checkToken: (token, signal) =>
      checkToken({ http: keystoneHttp, keystone, patience }, options.credentials.authUrl, token, signal),
    authUrl: options.credentials.authUrl,
    masakari: (endpoint) => createMasakari({ http: book.counted(http, 'masakari'), keystone, patience }, endpoint),
    async warmUp(signal) {
      const { endpoint, microversion } = await nova.ready(signal);
      return { endpoint, microversion: `2.${microversion.minor}` };
    },
    timeMs: () => keystone.timeMs(),
    calls: () => book.counts,
    close: () => {
      http.close();
    },
  };
}

async function computeServices(nova: NovaCalls, signal?: AbortSignal): Promise<readonly ComputeService[]> {
  const what = 'list compute services';
  const path = '/os-services?binary=nova-compute';
  const { body } = await nova.call({ what, method: 'GET', path, signal, repeats: 'safely' });
  return rowsAt(body, 'services', what).map((row) => readService(row, what));
}

async function putService(
  nova: NovaCalls,
  what: string,
  id: string,
  body: object,
  signal?: AbortSignal,
): Promise<ComputeService> {
  const path = `/os-services/${encodeURIComponent(id)}`;
  const reply = await nova.call({ what, method: 'PUT', path, body, signal, repeats: 'safely' });
  return readService(objectAt(reply.body, 'service', what), what);
}

/** Nova refuses more than 255 characters, and counts code points: a cut must not leave half of one. */
function cutReason(reason: string): string {
  const points = [...reason.trim()];
  return points.length <= 255 ? points.join('') : `${points.slice(0, 254).join('')}…`;
}

/**
 * Nova ignores the host filter, without a word, for a user whom its policy lets list all projects but does not count
 * as an administrator. The instances of every host would then be taken for those of the dead one.
 */
async function instancesOn(
  nova: NovaCalls,
  host: string,
  signal?: AbortSignal,
  changedSinceMs?: number,
): Promise<readonly Instance[]> {
  const what = `list instances on ${host}`;
  // With changes-since Nova lists deleted instances too, unless it is told not to.
  const since =
    changedSinceMs === undefined
      ? {}
      : { 'changes-since': new Date(wholeSecond(changedSinceMs)).toISOString(), deleted: 'false' };
  const query = { all_tenants: '1', host, ...since };
  const rows = await listAll(nova, { what, path: '/servers/detail', query, key: 'servers', identity: 'id', signal });
  const instances = rows.map((row) => readInstance(row, what));
  const stranger = instances.find((found) => found.host?.toLowerCase() !== host.toLowerCase());
  if (stranger === undefined) return instances;
  const where = stranger.host ?? 'no host';
  throw new LifeboatError(
    'CLOUD_FORBIDDEN',
    `${what}: Nova ignored the host filter, it sent ${stranger.id} on ${where}`,
  );
}

async function instance(nova: NovaCalls, id: string, signal?: AbortSignal): Promise<Instance | undefined> {
  const what = `show instance ${id}`;
  const path = `/servers/${encodeURIComponent(id)}`;
  try {
    const { body } = await nova.call({ what, method: 'GET', path, signal, repeats: 'safely' });
    return readInstance(objectAt(body, 'server', what), what);
  } catch (error) {
    if (isLifeboatError(error, 'CLOUD_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** os-migrations has pages and changes-since from 2.59 on; before, it sends all of them at once. */
const PAGED_MIGRATIONS = 59;

async function evacuationsFrom(
  nova: NovaCalls,
  host: string,
  sinceMs: number | undefined,
  signal?: AbortSignal,
): Promise<readonly Evacuation[]> {
  const what = `list evacuations from ${host}`;
  const { microversion } = await nova.ready(signal);
  const paged = microversion.minor >= PAGED_MIGRATIONS;
  const since =
    sinceMs === undefined || !paged ? {} : { 'changes-since': new Date(wholeSecond(sinceMs)).toISOString() };
  const query = { migration_type: 'evacuation', source_compute: host, ...since };
  const rows = await listAll(nova, { what, path: '/os-migrations', query, key: 'migrations', identity: 'id', signal });
  return rows
    .filter((row) => row.migration_type === 'evacuation')
    .map((row) => readEvacuation(row, what))
    .filter((found) => found.sourceHost.toLowerCase() === host.toLowerCase())
    .filter((found) => sinceMs === undefined || (found.updatedAtMs ?? found.createdAtMs) >= wholeSecond(sinceMs))
    .sort((a, b) => b.createdAtMs - a.createdAtMs || Number(b.id) - Number(a.id));
}

/** Nova keeps whole seconds: what changed in the second of `sinceMs` counts as changed since. */
function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

async function evacuate(
  nova: NovaCalls,
  instanceId: string,
  targetHost: string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const what = `evacuate instance ${instanceId}${targetHost === undefined ? '' : ` to ${targetHost}`}`;
  const path = `/servers/${encodeURIComponent(instanceId)}/action`;
  const body = { evacuate: targetHost === undefined ? {} : { host: targetHost } };
  await nova.call({ what, method: 'POST', path, body, signal, repeats: 'once' });
}
