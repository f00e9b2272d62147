import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { VERBS } from './verbs.ts';
import type { EmulatorVerbs } from './verbs.ts';

/** The verbs of an emulator that is a process of its own. */
export interface EmulatorControl extends EmulatorVerbs {
  close(): void;
}

interface Request {
  readonly id: number;
  readonly verb: string;
  readonly args: readonly unknown[];
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** One JSON object a line, each way. */
export async function serveControl(path: string, verbs: EmulatorVerbs): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket }).on('line', (line) => {
      void execute(verbs, line).then((reply) => {
        if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return server;
}

async function execute(verbs: EmulatorVerbs, line: string): Promise<Reply> {
  let id = 0;
  try {
    const request = JSON.parse(line) as Request;
    id = request.id;
    const verb = VERBS.find((name) => name === request.verb);
    if (verb === undefined) return { id, error: `unknown verb ${request.verb}` };
    const { [verb]: run } = verbs as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
    return { id, result: await run?.(...request.args) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Rejects when nothing listens at the path. */
export async function connectEmulator(path: string): Promise<EmulatorControl> {
  const socket = await open(path);
  const pending = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  createInterface({ input: socket }).on('line', (line) => {
    const reply = JSON.parse(line) as Reply;
    pending.get(reply.id)?.(reply);
    pending.delete(reply.id);
  });
  socket.on('close', () => {
    for (const [id, settle] of pending) settle({ id, error: 'the emulator is gone' });
    pending.clear();
  });
  socket.on('error', () => socket.destroy());
  const ask = (verb: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) {
        reject(new Error('the emulator is gone'));
        return;
      }
      lastId += 1;
      pending.set(lastId, (reply) => {
        if (reply.error === undefined) resolve(reply.result);
        else reject(new Error(reply.error));
      });
      socket.write(`${JSON.stringify({ id: lastId, verb, args })}\n`);
    });
  const verbs = Object.fromEntries(VERBS.map((verb) => [verb, (...args: readonly unknown[]) => ask(verb, args)]));
  return { ...(verbs as unknown as EmulatorVerbs), close: () => socket.destroy() };
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
