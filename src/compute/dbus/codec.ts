import compat from 'dbus-next/lib/marshall-compat.js';
import codec, { type RawMessage } from 'dbus-next/lib/message.js';
import type { IncomingMessage, MethodCall } from './message.ts';

const METHOD_RETURN = 2;
const ERROR = 3;
const SIGNAL = 4;

/** A call is for a service that runs: none is started for it. */
const NO_AUTO_START = 2;

/** The specification allows 128 MiB; the largest answer that we ask for is some KiB. */
const LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Throws Error for a body that does not fit its signature, and for names that are none. */
export function encodeCall(call: MethodCall, serial: number): Buffer {
  const { body = [], signature = '', ...header } = call;
  const [bytes] = compat.marshallMessage({
    ...header,
    type: 1,
    flags: NO_AUTO_START,
    serial,
    signature,
    body: [...body],
  });
  return bytes;
}

/** Bytes in, whole messages out. After it has thrown nothing can be read from that connection any more. */
export class MessageReader {
  #unread: Buffer = Buffer.alloc(0);
  #ready: RawMessage[] = [];
  #parse = (): void => {};

  constructor() {
    // It asks for as many bytes as it needs next, and gets null until they are there: a stream for its purposes.
    codec.unmarshalMessages(
      {
        on: (_event, listener) => {
          this.#parse = listener;
        },
        read: (count) => this.#take(count),
      },
      (message) => this.#ready.push(message),
      {},
    );
  }

  /** Throws Error when what came is not D-Bus. */
  feed(chunk: Buffer): readonly IncomingMessage[] {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    this.#parse();
    const ready = this.#ready;
    this.#ready = [];
    return ready.map(readMessage);
  }

  #take(count: number): Buffer | null {
    // A length is taken from the wire, and can be negative after dbus-next has rounded it.
    if (!(count >= 0 && count <= LARGEST_MESSAGE_BYTES)) throw new Error(`a message of ${count} bytes`);
    if (this.#unread.length < count) return null;
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }
}

function readMessage(raw: RawMessage): IncomingMessage {
  const { body = [], errorName, interface: iface, member, path, replySerial, type } = compat.messageToJsFmt(raw);
  if (type === SIGNAL) {
    if (path === undefined || iface === undefined || member === undefined) throw new Error('a signal without a name');
    return { kind: 'signal', path, interface: iface, member, body };
  }
  if (type !== METHOD_RETURN && type !== ERROR) return { kind: 'call' };
  if (replySerial === undefined) throw new Error('an answer to nothing');
  if (type === METHOD_RETURN) return { kind: 'answer', to: replySerial, body };
  const [text] = body;
  return { kind: 'error', to: replySerial, name: errorName ?? 'an error', text: typeof text === 'string' ? text : '' };
}
