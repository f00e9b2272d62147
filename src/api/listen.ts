import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { messageOf } from '../errors.ts';
import type { Clock, Logger } from '../ports.ts';
import { createApi, type ApiHandlers, type Tls } from './app.ts';

/** Where the API listens; files are read anew at each try. */
export interface ApiPlace {
  readonly address: string;
  readonly port: number;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** How it stands with one address. */
export interface ApiState {
  /** As an operator would write it: 10.0.0.11:15868, [::1]:15868. */
  readonly address: string;
  /** Why it cannot listen; undefined while it does, or while the first try is under way. */
  readonly failure: string | undefined;
}

export interface Api {
  readonly states: readonly ApiState[];
  /** Stops listening; callers that wait for an answer are cut off. */
  close(): Promise<void>;
}

export interface ApiPorts {
  readonly places: readonly ApiPlace[];
  readonly handlers: ApiHandlers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retryMs?: number;
  readonly trustedProxies?: readonly string[];
}

/** An address may come later than we do (a VIP, a network that is slow), and a certificate may be mended. */
const RETRY_MS = 10_000;
const TLS_LOOK_MS = 30_000;

/**
 * Listens on every place, each for itself. Never throws: a port that cannot be had is said once, shown, and tried again
 * for ever, because recovering hosts matters more than answering.
 */
export function serveApi(ports: ApiPorts): Api {
  const listeners = ports.places.map((place) => new Listener(place, ports));
  for (const listener of listeners) listener.start();
  return {
    get states() {
      return listeners.map((listener) => listener.state);
    },
    close: async () => {
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}

class Listener {
  readonly #place: ApiPlace;
  readonly #ports: ApiPorts;
  readonly #name: string;
  #failure: string | undefined;
  #tlsFailure: string | undefined;
  #trying: Promise<void> | undefined;
  #close: (() => Promise<void>) | undefined;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(place: ApiPlace, ports: ApiPorts) {
    this.#place = place;
    this.#ports = ports;
    this.#name = `${place.address.includes(':') ? `[${place.address}]` : place.address}:${place.port}`;
  }

  get state(): ApiState {
    return { address: this.#name, failure: this.#failure };
  }

  start(): void {
    this.#trying = this.#try();
  }

  async close(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#trying;
    await this.#close?.();
  }

  async #try(): Promise<void> {
    const { clock, handlers, logger, retryMs = RETRY_MS } = this.#ports;
    const { address, port } = this.#place;
    try {
      const tls = this.#readTls();
      const { trustedProxies } = this.#ports;
      const app = createApi(handlers, logger, {
        ...(tls !== undefined && { tls }),
        ...(trustedProxies !== undefined && { trustedProxies }),
      });
      this.#close = () => app.close();
      await app.listen({ host: address, port });
      if (tls !== undefined) this.#followTls(app.server as unknown as Server, tls);
      this.#failure = undefined;
      logger.info({ address: this.#name }, `the API listens on ${this.#name}`);
    } catch (error) {
      const failure = messageOf(error);
      if (failure !== this.#failure) {
        logger.error({ address: this.#name }, `the API cannot listen on ${this.#name}, and goes on trying: ${failure}`);
      }
      this.#failure = failure;
      await this.#close?.().catch(() => undefined);
      if (this.#stopped) return;
      this.#cancel = clock.schedule(retryMs, () => {
        this.start();
      });
    }
  }

  /** A certificate that is renewed is served to whoever connects from then on; connections that are there go on. */
  #followTls(server: Server, served: Tls): void {
    this.#cancel = this.#ports.clock.schedule(TLS_LOOK_MS, () => {
      if (!this.#stopped) this.#followTls(server, this.#renewTls(server, served));
    });
  }

  /** Half written, or a key that does not belong to it yet: the former goes on, and the next look sees. */
  #renewTls(server: Server, served: Tls): Tls {
    const { logger } = this.#ports;
    try {
      const now = this.#readTls();
      if (now === undefined || (now.cert.equals(served.cert) && now.key.equals(served.key))) return served;
      server.setSecureContext(now);
      this.#tlsFailure = undefined;
      logger.info({ address: this.#name }, `the API on ${this.#name} serves a new certificate`);
      return now;
    } catch (error) {
      const why = messageOf(error);
      if (why !== this.#tlsFailure) {
        const told = `the new certificate of ${this.#name} cannot be served, the former one is: ${why}`;
        logger.warn({ address: this.#name }, told);
      }
      this.#tlsFailure = why;
      return served;
    }
  }

  #readTls(): Tls | undefined {
    const { tls } = this.#place;
    return tls && { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
  }
}
