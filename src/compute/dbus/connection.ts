import { createConnection, type Socket } from 'node:net';
import { LifeboatError, messageOf } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { encodeCall, MessageReader } from './codec.ts';
import { authenticate } from './handshake.ts';
import type { IncomingMessage, MethodCall, Signal } from './message.ts';

export interface DialOptions {
  readonly socketPath: string;
  readonly clock: Clock;
  /** For the greeting as a whole, and for the answer to each call; ms. */
  readonly deadlineMs: number;
  readonly onSignal: (signal: Signal) => void;
  /** Once, with why; not after `close`. */
  readonly onLost: (error: LifeboatError) => void;
}

interface Pending {
  readonly resolve: (body: readonly unknown[]) => void;
  readonly reject: (error: LifeboatError) => void;
  readonly cancelDeadline: () => void;
}

const HELLO: MethodCall = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
  member: 'Hello',
};

/** What a bus that reads nothing may leave in our memory. */
const MOST_UNSENT_BYTES = 1024 * 1024;

/** Connected, logged in and greeted. Rejects with DBUS_UNREACHABLE, DBUS_TIMED_OUT, DBUS_REFUSED or DBUS_GARBAGE. */
export async function dial(options: DialOptions): Promise<BusConnection> {
  const { clock, deadlineMs, socketPath } = options;
  const socket = createConnection({ path: socketPath });
  // An error is followed by a close, which is what everybody here listens to.
  let why: Error | undefined;
  socket.on('error', (error) => (why = error));
  const deadline = new AbortController();
  const late = new LifeboatError('DBUS_TIMED_OUT', `${socketPath} gave no greeting within ${deadlineMs} ms`);
  const cancelDeadline = clock.schedule(deadlineMs, () => deadline.abort(late));
  try {
    await connected(socket, deadline.signal);
    const rest = await authenticate(socket, deadline.signal);
    const connection = new BusConnection(socket, rest, options);
    await connection.call(HELLO);
    return connection;
  } catch (error) {
    socket.destroy();
    if (error instanceof LifeboatError) throw error;
    const said = messageOf(why ?? error);
    throw new LifeboatError('DBUS_UNREACHABLE', `no bus at ${socketPath}: ${said}`, { cause: why ?? error });
  } finally {
    cancelDeadline();
  }
}

function connected(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(error);
      socket.destroy();
    };
    socket.once('connect', resolve);
    socket.once('close', () => fail(new Error('the connection was closed')));
    signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
  });
}

/** One connection, from its greeting to its end; it has one end, and everything that waits for an answer is told. */
export class BusConnection {
  readonly #socket: Socket;
  readonly #options: DialOptions;
  readonly #reader = new MessageReader();
  readonly #pending = new Map<number, Pending>();
  #end: LifeboatError | undefined;
  #serial = 0;

  constructor(socket: Socket, rest: Buffer, options: DialOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => {
      this.#lose(new LifeboatError('DBUS_UNREACHABLE', `the bus at ${options.socketPath} has closed the connection`));
    });
    if (rest.length > 0) this.#take(rest);
    socket.resume();
  }

  /** Rejects with DBUS_REFUSED when the other side says no, and as `onLost` tells when the connection ends. */
  call(call: MethodCall): Promise<readonly unknown[]> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    this.#serial += 1;
    const serial = this.#serial;
    let bytes: Buffer;
    try {
      bytes = encodeCall(call, serial);
    } catch (cause) {
      const said = `${call.member} cannot be asked: ${messageOf(cause)}`;
      return Promise.reject(new LifeboatError('DBUS_REFUSED', said, { cause }));
    }
    return new Promise((resolve, reject) => {
      const { clock, deadlineMs, socketPath } = this.#options;
      // A bus that leaves one call unanswered may have lost signals as well: nothing of it is relied on any more.
      const cancelDeadline = clock.schedule(deadlineMs, () => {
        const what = `${call.member} of ${call.destination} was not answered within ${deadlineMs} ms`;
        this.#lose(new LifeboatError('DBUS_TIMED_OUT', `${what} (${socketPath})`));
      });
      this.#pending.set(serial, { resolve, reject, cancelDeadline });
      this.#socket.write(bytes);
      if (this.#socket.writableLength > MOST_UNSENT_BYTES) {
        this.#lose(new LifeboatError('DBUS_TIMED_OUT', `the bus at ${socketPath} reads nothing`));
      }
    });
  }

  close(): void {
    this.#finish(new LifeboatError('DBUS_UNREACHABLE', 'the watch has ended'));
  }

  #take(chunk: Buffer): void {
    if (this.#end !== undefined) return;
    let messages: readonly IncomingMessage[];
    try {
      messages = this.#reader.feed(chunk);
    } catch (cause) {
      const { socketPath } = this.#options;
      const said = `what ${socketPath} sent cannot be read: ${messageOf(cause)}`;
      return this.#lose(new LifeboatError('DBUS_GARBAGE', said, { cause }));
    }
    for (const message of messages) this.#handle(message);
  }

  #handle(message: IncomingMessage): void {
    switch (message.kind) {
      case 'signal':
        return this.#options.onSignal(message);
      case 'answer':
        return this.#settle(message.to)?.resolve(message.body);
      case 'error': {
        const said = message.text === '' ? message.name : `${message.text} (${message.name})`;
        return this.#settle(message.to)?.reject(new LifeboatError('DBUS_REFUSED', said, { cause: message.name }));
      }
      case 'call':
        return;
    }
  }

  #settle(serial: number): Pending | undefined {
    const pending = this.#pending.get(serial);
    this.#pending.delete(serial);
    pending?.cancelDeadline();
    return pending;
  }

  #lose(error: LifeboatError): void {
    if (this.#finish(error)) this.#options.onLost(error);
  }

  #finish(error: LifeboatError): boolean {
    if (this.#end !== undefined) return false;
    this.#end = error;
    this.#socket.destroy();
    for (const serial of [...this.#pending.keys()]) this.#settle(serial)?.reject(error);
    return true;
  }
}
