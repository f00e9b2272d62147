import type { Socket } from 'node:net';

/** No line of a server is longer. */
const LONGEST_LINE_BYTES = 4096;

/**
 * Says who we are, as sd-bus does: the kernel has told the server our user, so no user is named. Resolves with the bytes that came
 * after; rejects with Error when the server wants something else, or goes.
 */
export async function authenticate(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  const lines = new LineSource(socket, signal);
  try {
    socket.write('\0AUTH EXTERNAL\r\n');
    const first = await lines.next();
    if (first !== 'DATA') throw new Error(`the bus asks for another way to log in: ${first}`);
    socket.write('DATA\r\n');
    const second = await lines.next();
    if (!second.startsWith('OK ')) throw new Error(`the bus refuses this user: ${second}`);
    socket.write('BEGIN\r\n');
    return lines.rest;
  } finally {
    lines.release();
  }
}

class LineSource {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  #unread: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;
  #wake = (): void => {};

  constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    socket.on('data', this.#onData);
    socket.on('close', this.#onClose);
    signal.addEventListener('abort', this.#onAbort);
  }

  get rest(): Buffer {
    return this.#unread;
  }

  async next(): Promise<string> {
    for (;;) {
      const end = this.#unread.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#unread.subarray(0, end).toString('latin1');
        this.#unread = this.#unread.subarray(end + 2);
        return line;
      }
      if (this.#unread.length > LONGEST_LINE_BYTES) throw new Error('what answers is not a message bus');
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Leaves the socket paused: no byte is lost until somebody else listens. */
  release(): void {
    this.#socket.pause();
    this.#socket.off('data', this.#onData);
    this.#socket.off('close', this.#onClose);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    this.#wake();
  };

  readonly #onClose = (): void => {
    this.#failure ??= new Error('the bus has closed the connection');
    this.#wake();
  };

  readonly #onAbort = (): void => {
    this.#failure ??= this.#signal.reason instanceof Error ? this.#signal.reason : new Error('given up');
    this.#wake();
  };
}
