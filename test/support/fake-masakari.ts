import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeHost {
  readonly uuid: string;
  readonly name: string;
  onMaintenance: boolean;
}

export interface StoredReport {
  readonly hostname: string;
  readonly source_host_uuid: string;
  readonly type: string;
  readonly generated_time: string;
  readonly payload: Readonly<Record<string, string>>;
}

/** What becomes of the next POST. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  /** The connection breaks before the row is written, or after it. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' };

export interface FakeMasakari {
  readonly url: string;
  readonly hosts: Map<string, FakeHost>;
  readonly reports: StoredReport[];
  readonly faults: Fault[];
  /** Of POSTs, with those that a fault answered. */
  readonly posts: number;
  readonly tokens: readonly string[];
  /** As its engine does with a report of a host that is down. */
  work(): void;
  close(): Promise<void>;
}

const DUPLICATE_MS = 180_000;
const SEGMENTS = [
  { uuid: '11111111-0000-4000-8000-000000000001', name: 'empty' },
  { uuid: '11111111-0000-4000-8000-000000000002', name: 'rack' },
];

/** Masakari's API as far as a host monitor meets it, with the order of checks and the words of the original (samples). */
export async function fakeMasakari(names: readonly string[]): Promise<FakeMasakari> {
  const hosts = new Map(names.map((name) => [name, { uuid: randomUUID(), name, onMaintenance: false }]));
  const reports: StoredReport[] = [];
  const faults: Fault[] = [];
  const tokens: string[] = [];
  let posts = 0;

  const post = (body: { readonly notification: StoredReport }): readonly [number, object] => {
    const { generated_time: generated, hostname, payload, type } = body.notification;
    const host = hosts.get(hostname);
    if (host === undefined) return fault(400, 'badRequest', `Host with name ${hostname} could not be found.`);
    if (host.onMaintenance) {
      return fault(
        409,
        'conflictingRequest',
        `Notification received from host ${hostname} of type '${type}' is ignored as the host is already under maintenance.`,
      );
    }
    const since = Date.parse(`${generated}Z`) - DUPLICATE_MS;
    const isDuplicate = reports.some(
      (known) =>
        known.source_host_uuid === host.uuid &&
        JSON.stringify(known.payload) === JSON.stringify(payload) &&
        Date.parse(`${known.generated_time}Z`) >= since,
    );
    if (isDuplicate) {
      const words = `Notification received from host ${hostname} of type ${type} is duplicate.`;
      return fault(409, 'conflictingRequest', words);
    }
    const written = { ...body.notification, source_host_uuid: host.uuid, generated_time: `${generated}.000000` };
    reports.push({ ...written, generated_time: generated });
    return [202, { notification: written }];
  };

  const answer = (request: IncomingMessage, text: string): readonly [number, object] => {
    const url = new URL(request.url ?? '/', 'http://masakari');
    if (request.method === 'POST' && url.pathname === '/v1/notifications')
      return post(JSON.parse(text) as { readonly notification: StoredReport });
    if (url.pathname === '/v1/notifications') {
      const since = Date.parse(`${url.searchParams.get('generated-since') ?? '1970-01-01T00:00:00'}Z`);
      const found = reports.filter((each) => Date.parse(`${each.generated_time}Z`) >= since);
      return [
        200,
        { notifications: found.map((each) => ({ ...each, generated_time: `${each.generated_time}.000000` })) },
      ];
    }
    if (url.pathname === '/v1/segments') return [200, { segments: SEGMENTS }];
    const [, segment] = /^\/v1\/segments\/([^/]+)\/hosts$/.exec(url.pathname) ?? [];
    if (segment !== undefined) return [200, { hosts: segment === SEGMENTS[1]?.uuid ? [...hosts.values()] : [] }];
    return fault(404, 'itemNotFound', 'The resource could not be found.');
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = (await request.toArray()).join('');
    tokens.push(String(request.headers['x-auth-token']));
    let trouble: Fault | undefined;
    if (request.method === 'POST') {
      posts += 1;
      trouble = faults.shift();
    }
    if (trouble?.kind === 'drop' && trouble.when === 'before') return void request.socket.destroy();
    const [status, body] =
      trouble?.kind === 'status'
        ? [trouble.status, trouble.body ?? '{"error": {"message": "no"}}']
        : answer(request, text);
    if (trouble?.kind === 'drop') return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hosts,
    reports,
    faults,
    get posts() {
      return posts;
    },
    tokens,
    work() {
      for (const { source_host_uuid: uuid } of reports)
        for (const host of hosts.values()) if (host.uuid === uuid) host.onMaintenance = true;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function fault(status: number, name: string, message: string): readonly [number, object] {
  return [status, { [name]: { code: status, message } }];
}
