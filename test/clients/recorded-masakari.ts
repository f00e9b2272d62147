import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { EVERY_COMMAND, runCommands, type CommandOutcome } from './commands.ts';

const FOLDER = join(import.meta.dirname, '../samples/masakari');
const SEGMENT = '/segments/1f2d54d3-3ec8-4a3d-abd7-6f099de9f9c8';
const HOST = `${SEGMENT}/hosts/03944d94-6f50-4f5b-855a-7cc225cd9a37`;
const REPORT = '/notifications/e3d514f4-1246-42a3-9ffd-dd2366100b0a';

/** By request: what Masakari answered to it, once after the other; the last one stays. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'GET /': ['versions'],
  'GET /v1': ['v1-version'],
  'POST /segments': ['segment-create-201', 'segment-create-duplicate-409'],
  'GET /segments': ['segments-list'],
  [`GET ${SEGMENT}`]: ['segment-get', 'segment-get', 'segment-update-200'],
  [`PUT ${SEGMENT}`]: ['segment-update-200'],
  [`DELETE ${SEGMENT}`]: ['segment-delete-204'],
  [`POST ${SEGMENT}/hosts`]: [
    'host-create-201',
    'host-create-duplicate-409',
    'host-create-unknown-nova-400',
    'host-create-reserved',
  ],
  [`GET ${SEGMENT}/hosts`]: ['hosts-list'],
  [`GET ${HOST}`]: ['host-get', 'host-get', 'host-update-maintenance', 'host-update-maintenance-off'],
  [`PUT ${HOST}`]: ['host-update-maintenance', 'host-update-maintenance-off'],
  [`DELETE ${HOST}`]: ['host-delete-204'],
  'POST /notifications': ['notification-host-started-202', 'notification-duplicate-409'],
  [`GET ${REPORT}`]: ['notification-get-1.1-details'],
  'GET /notifications': ['notifications-list'],
};

interface Recording {
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

interface RecordedMasakari {
  readonly url: string;
  /** Requests for which there is no recording. */
  readonly unknown: readonly string[];
  close(): Promise<void>;
}

/** Answers a client as Masakari did, from test/samples/masakari, while it does what EVERY_COMMAND does. */
async function startRecordedMasakari(): Promise<RecordedMasakari> {
  const asked = new Map<string, number>();
  const unknown: string[] = [];
  const reserved = read('host-create-reserved').response.body as { readonly host: { readonly uuid: string } };
  const answers: Readonly<Record<string, readonly string[]>> = {
    ...ANSWERS,
    [`GET ${SEGMENT}/hosts/${reserved.host.uuid}`]: ['host-create-reserved'],
    [`DELETE ${SEGMENT}/hosts/${reserved.host.uuid}`]: ['host-delete-204'],
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.replace(/^\/v1(?=\/.)/, '').replace(/(?<=.)\/$/, '');
    const key = `${request.method} ${path}`;
    const files = answers[key] ?? [];
    const count = asked.get(key) ?? 0;
    asked.set(key, count + 1);
    const file = files[count] ?? files.at(-1);
    if (file === undefined) unknown.push(key);
    const { response: recorded } = file === undefined ? NOT_RECORDED : read(file);
    const { 'content-length': _, connection: __, ...headers } = recorded.headers;
    // The recorded links lead to where it was recorded.
    const body = JSON.stringify(recorded.body).replaceAll('http://127.0.0.1:15868', `http://${request.headers.host}`);
    request.resume();
    response.writeHead(recorded.status, headers).end(recorded.body === null ? undefined : body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    unknown,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What every command of the client shows of Masakari. Throws when it asked for something that was not recorded. */
export async function recordedOutcomes(): Promise<readonly CommandOutcome[]> {
  const masakari = await startRecordedMasakari();
  try {
    const outcomes = await runCommands(EVERY_COMMAND, { OS_AUTH_TYPE: 'none', OS_ENDPOINT: `${masakari.url}/v1` });
    if (masakari.unknown.length > 0) throw new Error(`no recording of ${masakari.unknown.join(', ')}`);
    return outcomes;
  } finally {
    await masakari.close();
  }
}

const NOT_RECORDED: Recording = { response: { status: 501, headers: {}, body: null } };

function read(name: string): Recording {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Recording;
}
