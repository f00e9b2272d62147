import { createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import compat from 'dbus-next/lib/marshall-compat.js';
import codec, { type RawMessage } from 'dbus-next/lib/message.js';

/** What a bus can do to a client. It answers Hello, AddMatch and GetId; other calls are left to the test. */
export interface BusServer {
  readonly socketPath: string;
  /** Rules of each connection, in the order in which they came. */
  readonly rules: readonly (readonly string[])[];
  /** How it logs clients in, and whether it answers anything after that. */
  mode: 'well' | 'refuses' | 'mute' | 'silent after hello' | 'refuses hello';
  readonly onCall: (answer: (call: RawMessage, reply: Reply) => void) => void;
  readonly signal: (signal: {
    path: string;
    interface: string;
    member: string;
    signature: string;
    body: unknown[];
  }) => void;
  readonly write: (bytes: Buffer) => void;
  /** Closes each connection; it goes on listening. */
  readonly drop: () => void;
  readonly close: () => Promise<void>;
}

export interface Reply {
  readonly answer: (signature: string, body: unknown[]) => void;
  readonly error: (name: string, text: string) => void;
}

export async function startBusServer(): Promise<BusServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lb-bus-'));
  const socketPath = join(folder, 'socket');
  const sockets = new Set<Socket>();
  const rules: string[][] = [];
  let onCall = (_call: RawMessage, reply: Reply): void => reply.answer('', []);
  let serial = 0;
  const write = (socket: Socket, message: Omit<RawMessage, 'serial'>): void => {
    serial += 1;
    const [bytes] = compat.marshallMessage({ ...message, serial, body: message.body ?? [] });
    socket.write(bytes);
  };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    const own: string[] = [];
    rules.push(own);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    greet(
      socket,
      () => self.mode,
      (call) => {
        const to = { destination: ':1.1', replySerial: call.serial };
        const reply: Reply = {
          answer: (signature, body) => write(socket, { type: 2, ...to, signature, body }),
          error: (errorName, text) => write(socket, { type: 3, ...to, errorName, signature: 's', body: [text] }),
        };
        if (call.member === 'Hello') {
          if (self.mode === 'refuses hello')
            return reply.error('org.freedesktop.DBus.Error.LimitsExceeded', 'too many');
          return reply.answer('s', [':1.1']);
        }
        if (self.mode === 'silent after hello') return;
        if (call.member === 'AddMatch') {
          own.push(String(call.body?.[0]));
          return reply.answer('', []);
        }
        onCall(call, reply);
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const self: BusServer = {
    socketPath,
    rules,
    mode: 'well',
    onCall: (answer) => {
      onCall = answer;
    },
    signal: (signal) => sockets.forEach((socket) => write(socket, { type: 4, sender: ':1.2', ...signal })),
    write: (bytes) => sockets.forEach((socket) => socket.write(bytes)),
    drop: () => sockets.forEach((socket) => socket.destroy()),
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return self;
}

/** The server's half of logging in, then its calls one by one. */
function greet(socket: Socket, mode: () => BusServer['mode'], onCall: (call: RawMessage) => void): void {
  let text = '';
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    if (mode() === 'mute') return;
    if (mode() === 'refuses') return void socket.write('REJECTED ANONYMOUS\r\n');
    if (text === '\0AUTH EXTERNAL\r\n') socket.write('DATA\r\n');
    else if (text.endsWith('\r\nDATA\r\n')) socket.write('OK 1234deadbeef\r\n');
    const begun = text.indexOf('BEGIN\r\n');
    if (begun < 0) return;
    socket.off('data', onData);
    const rest = Buffer.from(text.slice(begun + 'BEGIN\r\n'.length), 'latin1');
    if (rest.length > 0) socket.unshift(rest);
    codec.unmarshalMessages(socket, (call) => onCall(compat.messageToJsFmt(call)), {});
  };
  socket.on('data', onData);
}
