import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, Socket, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { askControl } from '../../../src/control/client.ts';
import { exchange } from '../../../src/control/exchange.ts';
import type { AlertVariables, Order } from '../../../src/control/protocol.ts';
import { serveControl, type ControlHandlers, type ControlServer } from '../../../src/control/server.ts';
import { healthOf } from '../../support/health.ts';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function newPath(): string {
  return join(mkdtempSync(join(tmpdir(), 'lifeboat-control-')), 'lifeboatd.sock');
}

async function serve(
  path: string,
  handlers: Partial<ControlHandlers> = {},
  patienceMs = 5_000,
): Promise<ControlServer> {
  const server = await serveControl({
    path,
    logger: quiet,
    patienceMs,
    handlers: {
      wake: () => undefined,
      health: () => healthOf(),
      status: () => ({ ...healthOf(), hosts: [], recoveries: [] }),
      plan: () => Promise.resolve({ outcome: 'refused', reason: 'no', remedy: 'no' }),
      order: () => Promise.resolve({ outcome: 'refused', lines: [] }),
      ...handlers,
    },
  });
  closers.push(() => server.close());
  return server;
}

async function rawServer(path: string, answer: (end: (text: string) => void) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      answer((text) => socket.end(text));
    });
    closers.push(async () => socket.destroy());
  });
  server.listen(path);
  await once(server, 'listening');
  closers.push(async () => server.close());
  return server;
}

describe('the control socket', () => {
  it('answers health and status', async () => {
    const path = newPath();
    await serve(path, { health: () => healthOf({ held: 2 }) });
    expect((await askControl(path, { op: 'health' }, { timeoutMs: 2_000 })).held).toBe(2);
    expect((await askControl(path, { op: 'status' }, { timeoutMs: 2_000 })).recoveries).toEqual([]);
  });

  it('hands an alert over and answers at once', async () => {
    const path = newPath();
    const alerts: AlertVariables[] = [];
    await serve(path, { wake: (alert) => alerts.push(alert) });
    await askControl(path, { op: 'wake', alert: { CRM_alert_kind: 'fencing' } }, { timeoutMs: 2_000 });
    expect(alerts).toEqual([{ CRM_alert_kind: 'fencing' }]);
  });

  it('hands an order over, and answers with what was done or why it was not', async () => {
    const path = newPath();
    const orders: Order[] = [];
    await serve(path, {
      order: (order) => {
        orders.push(order);
        return Promise.resolve({ outcome: 'done', lines: ['it is done'] });
      },
    });
    const given: readonly Order[] = [
      { op: 'pause', by: 'root', reason: 'a new switch' },
      { op: 'resume', by: 'root' },
      { op: 'proceed', hosts: ['cmp1', 'cmp2'], by: 'root' },
      { op: 'retry', target: 'cmp1', by: 'root', reason: 'there is room now' },
    ];
    for (const order of given) {
      expect(await askControl(path, order, { timeoutMs: 2_000 })).toEqual({ outcome: 'done', lines: ['it is done'] });
    }
    expect(orders).toEqual(given);
  });

  it.each([
    '{"op":"pause","by":"root"}',
    '{"op":"pause","by":"root","reason":""}',
    '{"op":"pause","reason":"x"}',
    '{"op":"pause","by":"root","reason":"a\\nb"}',
    `{"op":"cancel","by":"root","target":"${'x'.repeat(201)}"}`,
    '{"op":"retry","by":"root","target":7}',
    '{"op":"retry","by":"root"}',
    '{"op":"acknowledge","by":"root","target":" "}',
    '{"op":"proceed","by":"root"}',
    '{"op":"proceed","by":"root","hosts":"cmp1"}',
    '{"op":"proceed","by":"root","hosts":[null]}',
  ])('does not take the order %s', async (line) => {
    const path = newPath();
    const orders: Order[] = [];
    await serve(path, {
      order: (order) => {
        orders.push(order);
        return Promise.resolve({ outcome: 'done', lines: [] });
      },
    });
    expect(await exchange(path, line, 2_000)).toMatchObject({
      outcome: 'answered',
      line: expect.stringContaining('"bad-request"') as string,
    });
    expect(orders).toEqual([]);
  });

  it('is open to its owner and its group only', async () => {
    const path = newPath();
    await serve(path);
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  it('answers every bad line with a line that says why, and serves the next caller', async () => {
    const path = newPath();
    await serve(path);
    const lines = [
      '',
      'hello',
      '[]',
      '1',
      'null',
      '{"op":"stop"}',
      '{"op":"wake","alert":[]}',
      '{"op":"wake","alert":{"a":1}}',
    ];
    for (const line of lines) {
      const result = await exchange(path, line, 2_000);
      expect(result, line).toMatchObject({
        outcome: 'answered',
        line: expect.stringContaining('"bad-request"') as string,
      });
    }
    expect((await askControl(path, { op: 'health' }, { timeoutMs: 2_000 })).state).toBe('active');
  });

  it('cuts off a line without an end, and a caller who says nothing', async () => {
    const path = newPath();
    await serve(path, {}, 50);
    const endless = await exchange(path, 'x'.repeat(1_000_000), 2_000);
    expect(['answered', 'broken']).toContain(endless.outcome);
    const mute = connect(path);
    await once(mute, 'close');
    expect((await askControl(path, { op: 'health' }, { timeoutMs: 2_000 })).state).toBe('active');
  });

  it('answers a caller who closed its sending side', async () => {
    const path = newPath();
    const socket = new Socket({ allowHalfOpen: true });
    const closed = new Promise<void>((resolve) => {
      socket.once('finish', () => setTimeout(resolve, 50));
    });
    await serve(path, { status: () => closed.then(() => ({ ...healthOf(), hosts: [], recoveries: [] })) });
    socket.connect(path).end('{"op":"status"}\n');
    const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
    expect(answer).toContain('"ok":true');
  });

  it('reports an answer that failed, without the daemon failing', async () => {
    const path = newPath();
    await serve(path, {
      status: () => {
        throw new Error('the disk is full');
      },
    });
    await expect(askControl(path, { op: 'status' }, { timeoutMs: 2_000 })).rejects.toThrow('the disk is full');
    expect((await askControl(path, { op: 'health' }, { timeoutMs: 2_000 })).state).toBe('active');
  });

  it('takes over what a killed daemon left', async () => {
    const path = newPath();
    const script = resolve(import.meta.dirname, '../../support/fake-daemon.ts');
    const daemon = spawn(process.execPath, [script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(daemon.stdout, 'data');
    daemon.kill('SIGKILL');
    await once(daemon, 'exit');
    expect(existsSync(path)).toBe(true);
    await serve(path);
    expect((await askControl(path, { op: 'health' }, { timeoutMs: 2_000 })).pid).toBe(4711);
    expect(readdirSync(dirname(path))).toEqual(['lifeboatd.sock']);
  });

  it('never takes the socket of a living daemon, nor a file that is no socket', async () => {
    const path = newPath();
    await serve(path, { health: () => healthOf({ pid: 1 }) });
    await expect(serve(path)).rejects.toThrow('another process serves');
    expect((await askControl(path, { op: 'health' }, { timeoutMs: 2_000 })).pid).toBe(1);
    const file = newPath();
    writeFileSync(file, 'precious');
    await expect(serve(file)).rejects.toThrow('is not a socket');
  });

  it('is gone after closing', async () => {
    const path = newPath();
    const server = await serve(path);
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  it('says what is wrong when its directory is missing', async () => {
    await expect(serve('/nowhere/lifeboatd.sock')).rejects.toThrow('cannot be made');
  });
});

describe('asking the daemon', () => {
  it('tells apart nobody there, no answer in time, half an answer and garbage', async () => {
    const ask = (path: string): Promise<unknown> => askControl(path, { op: 'health' }, { timeoutMs: 100 });
    await expect(ask(newPath())).rejects.toMatchObject({
      code: 'DAEMON_UNREACHABLE',
      message: expect.stringContaining('no lifeboatd listens') as string,
    });
    const hung = newPath();
    await rawServer(hung, () => undefined);
    await expect(ask(hung)).rejects.toThrow('did not answer');
    const half = newPath();
    await rawServer(half, (end) => {
      end('{"ok":tr');
    });
    await expect(ask(half)).rejects.toThrow('no whole answer');
    for (const garbage of ['HTTP/1.1 400', '{"ok":true}', '{"ok":false}', '7', 'null']) {
      const path = newPath();
      await rawServer(path, (end) => {
        end(`${garbage}\n`);
      });
      await expect(ask(path), garbage).rejects.toThrow('does not speak as lifeboatd does');
    }
  });
});
