import { isLifeboatError, LifeboatError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { ConnectionTimings } from '../libvirt/connection.ts';
import type { Domain } from '../libvirt/domain.ts';
import { LibvirtSession } from '../libvirt/session.ts';
import type { AgentAnswer, Dial } from '../libvirt/session.ts';

export interface PingLineOptions {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly timings: ConnectionTimings;
  /** Whole seconds that libvirt waits for an agent; the original's usual time: 2. */
  readonly timeoutS: number;
}

/** libvirt is not asked for a new connection more often, however many guests wait for one. */
const RETRY_MS = 1_000;

/**
 * The connection on which agents are asked: one of its own, because libvirt wants the right to write for it, and because
 * agents that hang must not delay what is asked about the guests.
 */
export class PingLine {
  readonly #options: PingLineOptions;
  #line: Promise<LibvirtSession> | undefined;
  #failed: { readonly atMs: number; readonly error: LifeboatError } | undefined;
  #end: LifeboatError | undefined;

  constructor(options: PingLineOptions) {
    this.#options = options;
  }

  /** Rejects with LifeboatError LIBVIRT_* when it is libvirt that does not answer. */
  async ping(domain: Domain): Promise<AgentAnswer> {
    const session = await this.#session();
    return session.pingAgent(domain, this.#options.timeoutS);
  }

  stop(): void {
    this.#end = new LifeboatError('LIBVIRT_CLOSED', 'agents are not asked any more');
    void this.#line?.then((session) => session.close(this.#end)).catch(() => undefined);
  }

  #session(): Promise<LibvirtSession> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const now = this.#options.clock.monotonic();
    if (this.#failed !== undefined && now - this.#failed.atMs < RETRY_MS) return Promise.reject(this.#failed.error);
    this.#line ??= this.#open();
    return this.#line;
  }

  async #open(): Promise<LibvirtSession> {
    const { dial, clock, timings } = this.#options;
    try {
      const session = await LibvirtSession.open({ dial, access: 'write', clock, timings });
      this.#failed = undefined;
      void session.closed.then(() => (this.#line = undefined));
      if (this.#end !== undefined) session.close(this.#end);
      return session;
    } catch (error) {
      this.#line = undefined;
      if (isLifeboatError(error)) this.#failed = { atMs: clock.monotonic(), error };
      throw error;
    }
  }
}
