import { createHash } from 'node:crypto';

/** Of version 5 (RFC 9562): the same name gives the same uuid, on every controller and in every year. */
export function nameUuid(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Of what has a uuid and is in no table that counts: a number that stays, of 48 bits, so that JSON keeps it whole. */
export function numberOfUuid(uuid: string): number {
  return Number.parseInt(uuid.replaceAll('-', '').slice(-12), 16);
}
