import type { XdrReader } from './xdr-reader.ts';
import type { XdrWriter } from './xdr-writer.ts';

/** A guest as libvirt names it. For Nova's the uuid is the instance's. */
export interface Domain {
  readonly name: string;
  readonly uuid: string;
  /** -1 while it does not run. A number is not given twice while libvirtd lives. */
  readonly id: number;
}

/** A name of at least a length, 16 bytes of uuid, the id. */
export const LEAST_DOMAIN_BYTES = 24;

export function readDomain(reader: XdrReader): Domain {
  return { name: reader.string(), uuid: reader.uuid(), id: reader.int() };
}

export function writeDomain(writer: XdrWriter, { name, uuid, id }: Domain): XdrWriter {
  return writer
    .string(name)
    .raw(Buffer.from(uuid.replaceAll('-', ''), 'hex'))
    .int(id);
}

/** VIR_DOMAIN_*, in libvirt's order. */
const CONDITIONS = [
  'no state',
  'running',
  'blocked',
  'paused',
  'shutting down',
  'off',
  'crashed',
  'suspended by its guest',
] as const;

export type Condition = (typeof CONDITIONS)[number] | 'unknown';

export interface DomainState {
  readonly condition: Condition;
  /** VIR_DOMAIN_PAUSED_*, VIR_DOMAIN_SHUTOFF_* and so on: what it means depends on the condition. */
  readonly reason: number;
}

export function readState(reader: XdrReader): DomainState {
  const condition = CONDITIONS[reader.int()] ?? 'unknown';
  return { condition, reason: reader.int() };
}
