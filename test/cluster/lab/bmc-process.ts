/**
 * The virtual BMC as a process of its own, outside all nodes: a socket with a path is reachable from every network
 * namespace, so it stands for the management network. Started by `startLab`; ends with the lab.
 * Usage: node bmc-process.ts NAME DIR
 */
import { appendFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { createBmc } from './bmc.ts';
import type { BmcAnswer, BmcRequest } from './bmc-protocol.ts';
import { bmcSocket, layoutOf, powerLogFile } from './layout.ts';
import { readPlan } from './plan.ts';
import { cutPower, powerOf, powerOn } from './power.ts';

const LONGEST_REQUEST = 4096;

const [name = '', dir = ''] = process.argv.slice(2);
const layout = layoutOf(name, dir);
const plan = readPlan(layout);

const bmc = createBmc(
  {
    nodes: plan.nodes.map((node) => node.name),
    powerOf: (node) => powerOf(layout, node),
    cut: (node) => cutPower(layout, node),
    start: (node) => powerOn(layout, plan, node),
  },
  // Written at once and whole: the log is the ground truth of what happened when, also after a crash.
  (event) => appendFileSync(powerLogFile(layout), `${JSON.stringify({ atMs: Date.now(), ...event })}\n`),
);

function serve(connection: Socket): void {
  let received = '';
  let answered = false;
  connection.setEncoding('utf8');
  connection.on('error', () => {}); // the caller was killed; its request stays queued
  connection.on('data', (chunk: string) => {
    received += chunk;
    const end = received.indexOf('\n');
    if (answered || (end < 0 && received.length <= LONGEST_REQUEST)) return;
    answered = true;
    void answer(received.slice(0, end)).then((reply) => connection.end(`${JSON.stringify(reply)}\n`));
  });
}

async function answer(line: string): Promise<BmcAnswer> {
  try {
    return await bmc.ask(parseRequest(line));
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

function parseRequest(line: string): BmcRequest {
  const request = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const { op, node, mode, by } = request;
  if (op === 'list') return { op };
  if (typeof node === 'string') {
    if (op === 'mode' && typeof mode === 'string') return { op, node, mode };
    if (op === 'on' || op === 'off' || op === 'reboot' || op === 'status') {
      return by === 'hand' ? { op, node, by } : { op, node };
    }
  }
  throw new Error('not a request that the BMC knows');
}

rmSync(bmcSocket(layout), { force: true });
// allowHalfOpen: a caller that closes its sending side after the request still gets its answer.
createServer({ allowHalfOpen: true }, serve).listen(bmcSocket(layout));
