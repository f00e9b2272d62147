/** Writes XDR (RFC 4506) as libvirt's RPC uses it: big endian, everything padded to four bytes. */
export class XdrWriter {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return this.raw(bytes);
  }

  uint(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return this.raw(bytes);
  }

  string(value: string): this {
    const bytes = Buffer.from(value);
    this.uint(bytes.length).raw(bytes);
    return this.raw(Buffer.alloc(padding(bytes.length)));
  }

  /** XDR's pointer: a flag, then the value when there is one. */
  optionalString(value: string | undefined): this {
    return value === undefined ? this.uint(0) : this.uint(1).string(value);
  }

  /** Bytes of a fixed length that is a multiple of four. */
  raw(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** How many bytes fill a field of `length` bytes up to a multiple of four. */
export function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
