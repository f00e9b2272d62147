/**
 * npm run fuzz -- [--requests N] [--seed N]: requests against every route of the OpenAPI document of a daemon in dev mode, mostly
 * right and with something wrong in them, and bytes that are no HTTP. No 5xx but for 503, no answer that the document does not
 * describe, no crash, memory flat. Ends with the line `N passed, N failed`.
 */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { chanceFrom, type Chance } from '../../src/simulation/chance.ts';
import { startDev, type DevProcess } from '../clients/dev-process.ts';
import { freePort } from '../store/server.ts';
import { eventually } from '../support/eventually.ts';
import { problemsWith } from '../support/held-to-document.ts';
import { fuzzedRequest, type Document, type FuzzedRequest } from './requests.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const total = Number(values.requests);
const seed = values.seed ?? String(Date.now() % 0xffff_ffff);
/** Growth that is not a leak: of the heap what was stored and is remembered, of RSS what V8 and malloc keep for later. */
const HEAP_GROWTH = 1.25;
const RSS_GROWTH = 1.5;
const AT_ONE_TIME = 16;

interface Outcome {
  readonly status: number | 'cut off';
  readonly contentType?: string | undefined;
  readonly text: string;
}

function send(url: string, agent: Agent, { body, headers, method, path }: FuzzedRequest): Promise<Outcome> {
  return new Promise((resolve) => {
    const cut = (): void => {
      resolve({ status: 'cut off', text: '' });
    };
    try {
      const sent = request(`${url}${path}`, { agent, method, headers, timeout: 20_000 }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          // A stream of events never ends by itself.
          if (answer.headers['content-type'] === 'text/event-stream') sent.destroy();
        });
        const end = (): void => {
          resolve({ status: answer.statusCode ?? 0, contentType: answer.headers['content-type'], text });
        };
        answer.on('end', end);
        answer.on('close', end);
      });
      sent.on('error', cut);
      sent.on('timeout', () => sent.destroy());
      sent.end(body);
    } catch {
      // Node refuses to send it: no client can.
      cut();
    }
  });
}

/** Bytes that are no HTTP, or half of it; whatever comes back, the daemon must live on. */
function sendBytes(port: number, chance: Chance): Promise<void> {
  const bytes = Buffer.from(Array.from({ length: chance.between(1, 600) }, () => chance.between(0, 255)));
  const half = Buffer.from('POST /v1/segments HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n{');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(chance.happens(0.5) ? bytes : half));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve();
    });
    socket.resume();
    setTimeout(() => socket.destroy(), 50);
  });
}

interface Memory {
  readonly heapMb: number;
  readonly rssMb: number;
}

/** After a collection of what nobody needs. */
async function memoryOf(dev: DevProcess): Promise<Memory> {
  const from = dev.output().length;
  dev.say('memory');
  const said = await eventually(
    'dev mode tells of its memory',
    () => /^memory: (\d+) MB in use, (\d+) MB RSS$/m.exec(dev.output().slice(from)) ?? undefined,
    { withinMs: 30_000, everyMs: 20 },
  );
  return { heapMb: Number(said[1]), rssMb: Number(said[2]) };
}

function inWords(memory: Memory | undefined): string {
  return memory === undefined ? 'unknown' : `${memory.heapMb} MB in use, ${memory.rssMb} MB RSS`;
}

function isFlat(before: Memory | undefined, after: Memory | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  return after.heapMb <= before.heapMb * HEAP_GROWTH && after.rssMb <= before.rssMb * RSS_GROWTH;
}

const port = await freePort();
const dev = await startDev(port, ['--hosts', '4', '--instances', '1']);
const chance = chanceFrom(seed);
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONE_TIME });
const document = (await (await fetch(`${dev.url}/lifeboat/v1/openapi.json`)).json()) as Document;
const known = {
  segments: [] as string[],
  hosts: [] as [string, string][],
  notifications: [] as string[],
  all: ['compute-1', 'compute-2', 'auto', 'COMPUTE'],
};
/** Newest first, and no more than what is worth asking for. */
function remember<T>(list: T[], item: T): void {
  list.unshift(item);
  list.length = Math.min(list.length, 50);
}
function learn(asked: FuzzedRequest, text: string): void {
  const uuid = /"(?:notification_)?uuid": ?"([0-9a-f-]{36})"/.exec(text)?.[1];
  if (asked.method !== 'POST' || uuid === undefined) return;
  remember(known.all, uuid);
  const [, segment] = /^\/v1\/segments\/([^/?]+)\/hosts$/.exec(asked.path) ?? [];
  if (asked.path === '/v1/segments') remember(known.segments, uuid);
  else if (asked.path === '/v1/notifications') remember(known.notifications, uuid);
  else if (segment !== undefined) remember(known.hosts, [segment, uuid]);
}
/** Without them nothing was tried but refusals. */
const MUST_BE_SEEN = ['200', '201', '202', '204', '400', '404', '409'];
const statuses = new Map<string, number>();
const bad: string[] = [];
let warm: Memory | undefined;
console.log(`seed ${seed}: ${total} requests against ${Object.keys(document.paths).length} addresses`);
try {
  let done = 0;
  const work = async (): Promise<void> => {
    while (done < total && dev.child.exitCode === null) {
      done += 1;
      if (done === Math.floor(total / 4)) warm = await memoryOf(dev);
      if (chance.happens(0.002)) await sendBytes(port, chance);
      const asked = fuzzedRequest(document, known, chance);
      // A paused engine does less, and is to be met now and then only.
      if (asked.path.startsWith('/lifeboat/v1/pause') && !chance.happens(0.05)) continue;
      const { contentType, status, text } = await send(dev.url, agent, asked);
      statuses.set(String(status), (statuses.get(String(status)) ?? 0) + 1);
      if (typeof status === 'number' && status >= 500 && status !== 503) {
        bad.push(
          `${status} ${asked.method} ${asked.path} ${asked.body?.toString().slice(0, 300) ?? ''}: ${text.slice(0, 300)}`,
        );
      }
      if (typeof status === 'number') {
        const exchange = { method: asked.method, target: asked.path, status, contentType, text };
        const problems = problemsWith(exchange);
        if (problems.length > 0)
          bad.push(`${status} ${asked.method} ${asked.path}: ${problems.join('; ')}: ${text.slice(0, 300)}`);
      }
      learn(asked, text);
    }
  };
  await Promise.all(Array.from({ length: AT_ONE_TIME }, work));
  const isAlive = dev.child.exitCode === null && (await fetch(`${dev.url}/healthcheck`)).status === 200;
  const last = isAlive ? await memoryOf(dev) : undefined;
  const counts = [...statuses].toSorted(([a], [b]) => a.localeCompare(b)).map(([status, n]) => `${status}: ${n}`);
  console.log(counts.join(', '));
  console.log(`memory after a quarter: ${inWords(warm)}; at the end: ${inWords(last)}`);
  for (const each of bad.slice(0, 20)) console.log(each);
  const unseen = MUST_BE_SEEN.filter((status) => !statuses.has(status));
  if (unseen.length > 0) console.log(`never seen: ${unseen.join(', ')}`);
  const failures = bad.length + unseen.length + (isAlive ? 0 : 1) + (isFlat(warm, last) ? 0 : 1);
  if (!isAlive) console.log(`the daemon does not answer any more:\n${dev.output().slice(-3_000)}`);
  console.log(`\n${total - failures} passed, ${failures} failed`);
  process.exitCode = failures === 0 ? 0 : 1;
} finally {
  agent.destroy();
  await dev.stop();
}
