import { readDomain } from './domain.ts';
import type { Domain } from './domain.ts';
import type { Frame } from './frame.ts';
import { EVENT_SOURCES, PROGRAM } from './procedures.ts';
import type { EventSource } from './procedures.ts';
import { XdrReader } from './xdr-reader.ts';

/** What libvirt tells about a guest, in its own numbers; src/compute/guests/ gives them names. */
export type DomainEvent =
  /** `event`: VIR_DOMAIN_EVENT_*, `detail`: what belongs to it. */
  | { readonly source: 'lifecycle'; readonly domain: Domain; readonly event: number; readonly detail: number }
  | { readonly source: 'reboot'; readonly domain: Domain }
  /** `action`: VIR_DOMAIN_EVENT_WATCHDOG_*. */
  | { readonly source: 'watchdog'; readonly domain: Domain; readonly action: number }
  /** `action`: VIR_DOMAIN_EVENT_IO_ERROR_*. */
  | { readonly source: 'ioError'; readonly domain: Domain; readonly disk: string; readonly action: number }
  /** `reason`: `enospc`, `eperm` and the like, or empty. */
  | {
      readonly source: 'ioErrorReason';
      readonly domain: Domain;
      readonly disk: string;
      readonly action: number;
      readonly reason: string;
    }
  | { readonly source: 'controlError'; readonly domain: Domain }
  | { readonly source: 'agentLifecycle'; readonly domain: Domain; readonly state: 'connected' | 'disconnected' };

/** VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED */
const AGENT_CONNECTED = 1;

const SOURCE_OF = new Map<number, EventSource>(
  Object.entries(EVENT_SOURCES).map(([source, { procedure }]) => [procedure, source as EventSource]),
);

/** Undefined for a message that we did not register for. Throws LifeboatError LIBVIRT_GARBAGE. */
export function readEvent({ program, procedure, body }: Frame): DomainEvent | undefined {
  const source = program === PROGRAM.remote ? SOURCE_OF.get(procedure) : undefined;
  if (source === undefined) return undefined;
  const reader = new XdrReader(body);
  reader.int(); // which registration it belongs to: there is one for each source
  const domain = readDomain(reader);
  switch (source) {
    case 'lifecycle':
      return { source, domain, event: reader.int(), detail: reader.int() };
    case 'watchdog':
      return { source, domain, action: reader.int() };
    case 'ioError':
      reader.string(); // the path of the image, which can name what is nobody's business
      return { source, domain, disk: reader.string(), action: reader.int() };
    case 'ioErrorReason':
      reader.string();
      return { source, domain, disk: reader.string(), action: reader.int(), reason: reader.string() };
    case 'agentLifecycle':
      return { source, domain, state: reader.int() === AGENT_CONNECTED ? 'connected' : 'disconnected' };
    case 'reboot':
    case 'controlError':
      return { source, domain };
  }
}
