/**
 * npm run fuzz -- [--requests N] [--seed N]: requests against every route of the OpenAPI document of a daemon in dev mode, mostly
 * right and with something wrong in them, and bytes that are no HTTP. No 5xx but for 503, no crash, memory flat. Ends with
 * the line `N passed, N failed`.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { chanceFrom, type Chance } from '../../src/simulation/chance.ts';
import { startDev, type DevProcess } from '../clients/dev-process.ts';
import { freePort } from '../store/server.ts';
import { fuzzedRequest, type Document, type FuzzedRequest } from './requests.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const total = Number(values.requests);
const seed = values.seed ?? String(Date.now() % 0xffff_ffff);
/** Growth that is not a leak: what was stored is read into caches, and V8 takes its time. */
const GROWTH = 1.5;
const AT_ONE_TIME = 16;

interface Outcome {
  readonly status: number | 'cut off';
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
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('close', () => resolve({ status: answer.statusCode ?? 0, text }));
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

function rssOf(dev: DevProcess): number {
  const status = readFileSync(`/proc/${dev.child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024;
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
let warmMb = 0;
console.log(`seed ${seed}: ${total} requests against ${Object.keys(document.paths).length} addresses`);
try {
  let done = 0;
  const work = async (): Promise<void> => {
    while (done < total && dev.child.exitCode === null) {
      done += 1;
      if (done === Math.floor(total / 4)) warmMb = rssOf(dev);
      if (chance.happens(0.002)) await sendBytes(port, chance);
      const asked = fuzzedRequest(document, known, chance);
      // A paused engine does less, and is to be met now and then only.
      if (asked.path.startsWith('/lifeboat/v1/pause') && !chance.happens(0.05)) continue;
      const { status, text } = await send(dev.url, agent, asked);
      statuses.set(String(status), (statuses.get(String(status)) ?? 0) + 1);
      if (typeof status === 'number' && status >= 500 && status !== 503) {
        bad.push(
          `${status} ${asked.method} ${asked.path} ${asked.body?.toString().slice(0, 300) ?? ''}: ${text.slice(0, 300)}`,
        );
      }
      learn(asked, text);
    }
  };
  await Promise.all(Array.from({ length: AT_ONE_TIME }, work));
  const lastMb = dev.child.exitCode === null ? rssOf(dev) : 0;
  const isAlive = dev.child.exitCode === null && (await fetch(`${dev.url}/healthcheck`)).status === 200;
  const counts = [...statuses].toSorted(([a], [b]) => a.localeCompare(b)).map(([status, n]) => `${status}: ${n}`);
  console.log(counts.join(', '));
  console.log(`memory ${warmMb.toFixed(0)} MB after a quarter, ${lastMb.toFixed(0)} MB at the end`);
  for (const each of bad.slice(0, 20)) console.log(each);
  const unseen = MUST_BE_SEEN.filter((status) => !statuses.has(status));
  if (unseen.length > 0) console.log(`never seen: ${unseen.join(', ')}`);
  const failures = bad.length + unseen.length + (isAlive ? 0 : 1) + (lastMb > warmMb * GROWTH ? 1 : 0);
  if (!isAlive) console.log(`the daemon does not answer any more:\n${dev.output().slice(-3_000)}`);
  console.log(`\n${total - failures} passed, ${failures} failed`);
  process.exitCode = failures === 0 ? 0 : 1;
} finally {
  agent.destroy();
  await dev.stop();
}
