import { accepted, sendAuthorized, type AuthorizedPorts, type ServiceCall } from './authorized.ts';
import type { Reply } from './failure.ts';
import type { Keystone } from './keystone.ts';
import { versioned } from './masakari-address.ts';
import { isRow, rowsAt, textAt } from './rows.ts';

/** A host that is proven down, as Masakari is told of it. */
export interface HostDown {
  /** As Nova, and so Masakari, names it. */
  readonly host: string;
  /** When it was fenced: the same for each telling of one failure. Milliseconds since the epoch; whole seconds count. */
  readonly fencedAtMs: number;
}

/** What Masakari's API says to a report. */
export type ReportAnswer =
  /** 202: it is in Masakari's database. */
  | { readonly kind: 'taken' }
  /** 409. `known`: this very failure is in Masakari's database, by an earlier telling. */
  | { readonly kind: 'duplicate' | 'maintenance'; readonly known: boolean; readonly said: string }
  /** Anything else of 4xx that telling it again does not change: a host in no segment, above all. */
  | { readonly kind: 'refused'; readonly said: string };

/** An existing Masakari, whose engine answers what it is told. */
export interface MasakariApi {
  /**
   * `mayLeave`: asked just before the request leaves; what it throws is thrown. Throws CLOUD_… when there is no answer,
   * or one that may be another the next time (401, 403, 404, 5xx): it may have been taken then.
   */
  reportDown(report: HostDown, mayLeave: () => void, signal?: AbortSignal): Promise<ReportAnswer>;
}

/** `endpoint`: undefined: that of the service type instance-ha in the catalog. With or without /v1 at its end. */
export function createMasakari(ports: Omit<AuthorizedPorts, 'beforeChange'>, endpoint?: string): MasakariApi {
  const send = async (call: ServiceCall, mayLeave?: () => void): Promise<{ reply: Reply; token: string }> => {
    const url = `${versioned(endpoint ?? (await endpointOf(ports.keystone, call.signal)))}${call.path}`;
    return sendAuthorized({ ...ports, beforeChange: mayLeave }, call, url, {});
  };
  const get = async (what: string, path: string, list: string, signal?: AbortSignal) => {
    const { body } = accepted(what, await send({ what, method: 'GET', path, signal, repeats: 'safely' }));
    return rowsAt(body, list, what);
  };

  /** Whether a telling of this failure is there, whose answer was lost: it was the first, and has set the host on maintenance. */
  const isKnown = async ({ host, fencedAtMs }: HostDown, signal?: AbortSignal): Promise<boolean> => {
    const since = encodeURIComponent(inSeconds(fencedAtMs));
    const what = `look for the report of ${host} in Masakari`;
    const path = `/notifications?type=COMPUTE_HOST&generated-since=${since}&limit=1000`;
    const sources = (await get(what, path, 'notifications', signal))
      .filter(
        (row) => isStopped(row.payload) && secondOf(textAt(row, 'generated_time', what)) === inSeconds(fencedAtMs),
      )
      .map((row) => textAt(row, 'source_host_uuid', what));
    if (sources.length === 0) return false;
    for (const segment of await get(what, '/segments', 'segments', signal)) {
      const hosts = await get(what, `/segments/${textAt(segment, 'uuid', what)}/hosts`, 'hosts', signal);
      const found = hosts.find((row) => textAt(row, 'name', what).toLowerCase() === host.toLowerCase());
      if (found !== undefined) return sources.includes(textAt(found, 'uuid', what));
    }
    return false;
  };

  return {
    async reportDown(report, mayLeave, signal) {
      const what = `report ${report.host} to Masakari`;
      const notification = {
        type: 'COMPUTE_HOST',
        hostname: report.host,
        generated_time: inSeconds(report.fencedAtMs),
        payload: { event: 'STOPPED', host_status: 'NORMAL', cluster_status: 'OFFLINE' },
      };
      const call = {
        what,
        method: 'POST',
        path: '/notifications',
        body: { notification },
        signal,
        repeats: 'once',
      } as const;
      const answer = await send(call, mayLeave);
      const { reply } = answer;
      if (reply.status === 409 && reply.form === 'json') {
        const said = saidBy(reply);
        const kind = /maintenance/i.test(said) ? 'maintenance' : 'duplicate';
        return { kind, known: await isKnown(report, signal), said };
      }
      if (reply.status === 400 && reply.form === 'json') return { kind: 'refused', said: saidBy(reply) };
      accepted(what, answer);
      return { kind: 'taken' };
    },
  };
}

function endpointOf(keystone: Keystone, signal?: AbortSignal): Promise<string> {
  return keystone.endpoint(['instance-ha', 'ha'], signal);
}

/** As Masakari writes times: UTC without saying so. */
function inSeconds(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19);
}

function secondOf(written: string): string {
  return written.slice(0, 19).replace(' ', 'T');
}

function isStopped(payload: unknown): boolean {
  return isRow(payload) && payload.event === 'STOPPED';
}

/** One line, and no longer than a sentence or two. */
function saidBy({ body }: Reply): string {
  const fault = isRow(body) ? Object.values(body).find(isRow) : undefined;
  const message = typeof fault?.message === 'string' ? fault.message : 'it does not say why';
  return message.replaceAll(/\s+/g, ' ').slice(0, 300);
}
