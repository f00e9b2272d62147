/**
 * npm run bench:posts: 200 notifications each second for a minute (`--rate N`, `--seconds N`), over HTTP, on the embedded store and on
 * MariaDB; in the middle the daemon is killed (SIGKILL) and started again. What was answered 202 must be there in the end.
 * Exit status 1 when something is lost.
 */
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startDev, type DevProcess } from '../clients/dev-process.ts';
import { newDatabase, startDatabase } from '../store/mariadb.ts';
import { freePort } from '../store/server.ts';
import { percentile } from './percentile.ts';

const { values } = parseArgs({
  options: { rate: { type: 'string', default: '200' }, seconds: { type: 'string', default: '60' } },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
/** As many hosts tell of their instances. */
const HOSTS = 12;
/** As many as monitors of a large cloud have under way at one time. */
const IN_FLIGHT = 64;

interface Posted {
  readonly accepted: readonly string[];
  readonly refused: number;
  /** Sent into the gap, or cut off: nobody was told that they are there. */
  readonly unanswered: number;
  readonly times: readonly number[];
  /** From the first to the last answer. */
  readonly tookS: number;
}

async function post(url: string, agent: Agent, hostname: string): Promise<string | number> {
  const payload = { event: 'LIFECYCLE', instance_uuid: randomUUID(), vir_domain_event: 'STOPPED_FAILED' };
  const generated = new Date().toISOString().slice(0, 23);
  const body = JSON.stringify({
    notification: { type: 'VM', hostname, generated_time: generated, payload },
  });
  const sent = request(`${url}/v1/notifications`, {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    timeout: 10_000,
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { readonly statusCode?: number }];
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  if (answer.statusCode !== 202) return answer.statusCode ?? 0;
  return (JSON.parse(text) as { notification: { notification_uuid: string } }).notification.notification_uuid;
}

async function flood(url: string, onHalf: () => void): Promise<Posted> {
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const accepted: string[] = [];
  const times: number[] = [];
  let [refused, unanswered] = [0, 0];
  const pending = new Set<Promise<void>>();
  const beganAt = performance.now();
  const total = rate * seconds;
  for (let number = 0; number < total; number += 1) {
    const dueMs = (number / rate) * 1_000 - (performance.now() - beganAt);
    if (dueMs > 1) await pause(dueMs);
    if (number === Math.floor(total / 2)) onHalf();
    const sentAt = performance.now();
    const one = post(url, agent, `compute-${(number % HOSTS) + 1}`)
      .then((answer) => {
        if (typeof answer === 'number') refused += 1;
        else accepted.push(answer);
        times.push(performance.now() - sentAt);
      })
      .catch(() => {
        unanswered += 1;
      })
      .finally(() => pending.delete(one));
    pending.add(one);
    if (pending.size >= IN_FLIGHT * 4) await Promise.race(pending);
  }
  await Promise.all(pending);
  agent.destroy();
  return { accepted, refused, unanswered, times, tookS: (performance.now() - beganAt) / 1_000 };
}

/** Every notification that the API lists, page by page. */
async function listed(url: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  let marker = '';
  for (;;) {
    const answer = await fetch(`${url}/v1/notifications?limit=1000&sort_key=id&sort_dir=asc${marker}`);
    const { notifications } = (await answer.json()) as { notifications: { id: number; notification_uuid: string }[] };
    for (const { notification_uuid: uuid } of notifications) found.add(uuid);
    const last = notifications.at(-1);
    if (last === undefined) return found;
    marker = `&marker=${last.id}`;
  }
}

async function trial(name: string, args: readonly string[], port: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-posts-'));
  const words = ['--folder', folder, '--hosts', String(HOSTS), '--instances', '0', ...args];
  let dev: DevProcess = await startDev(port, words);
  let restarted: Promise<void> = Promise.resolve();
  try {
    const posted = await flood(dev.url, () => {
      dev.child.kill('SIGKILL');
      restarted = once(dev.child, 'exit').then(async () => {
        dev = await startDev(port, words);
      });
    });
    await restarted;
    const there = await listed(dev.url);
    const lost = posted.accepted.filter((uuid) => !there.has(uuid));
    const sorted = posted.times.toSorted((a, b) => a - b);
    console.log(
      `${name.padEnd(9)} ${posted.accepted.length} accepted, ${posted.refused} refused, ${posted.unanswered} without an answer (sent while it was down); ` +
        `median ${percentile(sorted, 50).toFixed(1)} ms, 95th ${percentile(sorted, 95).toFixed(1)} ms; in ${posted.tookS.toFixed(1)} s; ${lost.length} lost`,
    );
    return lost.length === 0 && posted.accepted.length > 0;
  } finally {
    await dev.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const server = await startDatabase();
let isWell = true;
try {
  console.log(`${rate} posts each second for ${seconds} s; the daemon is killed in the middle`);
  isWell = (await trial('embedded', [], await freePort())) && isWell;
  process.env['LIFEBOAT_DATABASE_PASSWORD'] = 'secret';
  const name = await newDatabase(server);
  const store = `{ kind: mariadb, hosts: [127.0.0.1], port: ${server.port}, database: ${name}, user: lifeboat, lease_duration: 10s }`;
  isWell = (await trial('MariaDB', ['--store', store], await freePort())) && isWell;
} finally {
  await server.remove();
}
process.exitCode = isWell ? 0 : 1;
