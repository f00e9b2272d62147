import { createHash } from 'node:crypto';
import { messageOf } from '../../errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Authenticate } from './authenticate.ts';
import { MONITOR_ROLE } from './policy.ts';

export interface HostKeysPorts {
  /** For messages. */
  readonly path: string;
  /** The text of the file, and a stamp that changes with it; throws when it cannot be read. */
  readonly read: () => { readonly stamp: string; readonly text: string };
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a key of a host begins with; no token of Keystone does. */
export const HOST_KEY_PREFIX = 'lbk_';

const LOOK_MS = 5_000;
const LINE = /^([A-Za-z0-9][A-Za-z0-9._-]{0,254})\s+sha256:([0-9a-f]{64})$/;

/**
 * The keys of hosts, by which their monitors report without a user of Keystone. The file holds what they hash to, a line
 * for each: HOST sha256:HEX. Who has a key may report failures of that host, and nothing else.
 *
 * Read again when it changes. A change that cannot be read leaves the former keys in force, and is told once.
 */
export class HostKeys {
  readonly #ports: HostKeysPorts;
  #hosts: ReadonlyMap<string, string> = new Map();
  #stamp: string | undefined;
  #failure: string | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(ports: HostKeysPorts) {
    this.#ports = ports;
  }

  /** Undefined: nobody's. */
  hostOf(key: string): string | undefined {
    const now = this.#ports.clock.monotonic();
    if (now - this.#lookedAtMs >= LOOK_MS) {
      this.#lookedAtMs = now;
      this.#look();
    }
    return this.#hosts.get(createHash('sha256').update(key).digest('hex'));
  }

  #look(): void {
    const { logger, path, read } = this.#ports;
    try {
      const { stamp, text } = read();
      if (stamp === this.#stamp) return;
      this.#hosts = hostsOf(text);
      this.#stamp = stamp;
      this.#failure = undefined;
      logger.info({ path, keys: this.#hosts.size }, `the ${this.#hosts.size} keys of ${path} are in force`);
    } catch (error) {
      const failure = messageOf(error);
      if (failure !== this.#failure) {
        const left = this.#stamp === undefined ? 'no key of a host is taken' : 'the former keys stay in force';
        logger.error({ path }, `${path} cannot be used, ${left}: ${failure}`);
      }
      this.#failure = failure;
    }
  }
}

/** By what the key hashes to. */
function hostsOf(text: string): ReadonlyMap<string, string> {
  const hosts = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    const written = line.trim();
    if (written === '' || written.startsWith('#')) continue;
    const [, host, hash] = LINE.exec(written) ?? [];
    // Not its text: somebody may have put the key itself there.
    if (host === undefined || hash === undefined) throw new Error(`line ${index + 1} is not HOST sha256:HEX`);
    const other = hosts.get(hash);
    if (other !== undefined && other !== host) throw new Error(`${other} and ${host} have the same key`);
    hosts.set(hash, host);
  }
  return hosts;
}

/** Keys of hosts are looked up in the file; of everything else Keystone is asked. */
export function withHostKeys(keys: HostKeys, authenticate: Authenticate): Authenticate {
  return (token) => {
    if (token === undefined || !token.startsWith(HOST_KEY_PREFIX)) return authenticate(token);
    const host = keys.hostOf(token);
    if (host === undefined) return Promise.resolve({ kind: 'refused' });
    return Promise.resolve({
      kind: 'caller',
      caller: {
        userId: `host-key:${host}`,
        userName: `the monitor of ${host}`,
        userDomainId: undefined,
        projectId: undefined,
        domainId: undefined,
        systemScope: undefined,
        roles: [MONITOR_ROLE],
        onlyHost: host,
      },
    });
  };
}
