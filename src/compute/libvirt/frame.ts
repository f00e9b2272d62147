import { garbage } from './xdr-reader.ts';

/** One message of libvirt's RPC (virnetprotocol.x): a header of seven words, of which the first is the length. */
export interface Frame {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  readonly kind: FrameKind;
  /** Of the call, in its reply as well; 0 in events. */
  readonly serial: number;
  readonly status: 'ok' | 'error';
  readonly body: Buffer;
}

/** `other`: streams and messages with file descriptors, which we never ask for. */
export type FrameKind = 'call' | 'reply' | 'event' | 'other';

export const HEADER_BYTES = 28;

/** VIR_NET_MESSAGE_MAX and the length word. */
export const LONGEST_FRAME = 33_554_432 + 4;

const KINDS: readonly FrameKind[] = ['call', 'reply', 'event'];

export function encodeFrame({ program, version, procedure, kind, serial, status, body }: Frame): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const words = [HEADER_BYTES + body.length, program, version, procedure, KINDS.indexOf(kind), serial];
  [...words, status === 'ok' ? 0 : 1].forEach((word, index) => header.writeUInt32BE(word, index * 4));
  return Buffer.concat([header, body]);
}

/** `bytes` is one whole frame, the length word included. Throws LifeboatError LIBVIRT_GARBAGE. */
export function decodeFrame(bytes: Buffer): Frame {
  const status = bytes.readUInt32BE(24);
  if (status > 1) throw garbage(`a message with status ${status}`);
  return {
    program: bytes.readUInt32BE(4),
    version: bytes.readUInt32BE(8),
    procedure: bytes.readUInt32BE(12),
    kind: KINDS[bytes.readUInt32BE(16)] ?? 'other',
    serial: bytes.readUInt32BE(20),
    status: status === 0 ? 'ok' : 'error',
    body: bytes.subarray(HEADER_BYTES),
  };
}

/** Cuts what the socket brings into frames, whatever the pieces. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #held = 0;

  /** Throws LifeboatError LIBVIRT_GARBAGE when the stream cannot be libvirt's; nothing may be read from it after that. */
  *push(chunk: Buffer): Generator<Frame, void> {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    while (this.#held >= 4) {
      const length = this.#join(4).readUInt32BE();
      if (length < HEADER_BYTES || length > LONGEST_FRAME) throw garbage(`a message of ${length} bytes`);
      if (this.#held < length) return;
      const whole = this.#join(length);
      this.#chunks[0] = whole.subarray(length);
      this.#held -= length;
      yield decodeFrame(whole.subarray(0, length));
    }
  }

  /** Makes the first chunk hold at least `length` bytes. A large frame in small pieces is copied once, not once a piece. */
  #join(length: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= length) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}
