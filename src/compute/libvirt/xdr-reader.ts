import { LifeboatError } from '../../errors.ts';
import { padding } from './xdr-writer.ts';

/** REMOTE_STRING_MAX and VIR_NET_MESSAGE_STRING_MAX: libvirt itself sends no longer one. */
const LONGEST_STRING = 4_194_304;

/** Reads XDR. Every length is checked against what is there. Throws LifeboatError LIBVIRT_GARBAGE. */
export class XdrReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  int(): number {
    return this.#take(4).readInt32BE();
  }

  uint(): number {
    return this.#take(4).readUInt32BE();
  }

  string(): string {
    const length = this.uint();
    if (length > LONGEST_STRING) throw garbage(`a string of ${length} bytes`);
    const text = this.#take(length).toString('utf8');
    this.#take(padding(length));
    return text;
  }

  optionalString(): string | undefined {
    const flag = this.uint();
    if (flag > 1) throw garbage(`a pointer that is ${flag} instead of 0 or 1`);
    return flag === 1 ? this.string() : undefined;
  }

  /** 16 bytes, as 8-4-4-4-12 hexadecimal digits. */
  uuid(): string {
    const hex = this.#take(16).toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  /** A list whose elements take at least `leastBytes` each, so that a length nobody sent makes no loop. */
  list<T>(leastBytes: number, element: (reader: XdrReader) => T): readonly T[] {
    const length = this.uint();
    if (length * leastBytes > this.left) throw garbage(`a list of ${length} elements in ${this.left} bytes`);
    return Array.from({ length }, () => element(this));
  }

  #take(length: number): Buffer {
    if (length > this.left) throw garbage(`${length} bytes are missing their end: only ${this.left} are left`);
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}

export function garbage(what: string, cause?: unknown): LifeboatError {
  return new LifeboatError('LIBVIRT_GARBAGE', `libvirt sent something unreadable: ${what}`, { cause });
}
