import { messageOf } from '../errors.ts';
import type { Cloud } from '../openstack/cloud.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Recover } from './recover.ts';
import { release } from './release.ts';

export interface ReleasesPorts {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: { readonly releaseRetryMs: number };
  /** Whether the host of the recovery may be given back at this moment. */
  readonly mayRelease: (run: Recover) => boolean;
}

/** Gives hosts back to Nova whose recovery has ended and whose node is back, one after another (S6). */
export class Releases {
  readonly #ports: ReleasesPorts;
  #current: { readonly host: string; readonly stop: AbortController; readonly done: Promise<void> } | undefined;
  /** Hosts whose release was begun and not refused. */
  readonly #begun = new Set<string>();
  #isSettling = false;
  #notBeforeMs = 0;

  constructor(ports: ReleasesPorts) {
    this.#ports = ports;
  }

  /**
   * From the moment when its release begins a host may be in service again, unless Nova refused it: Nova may hold its
   * answer back for a minute, or lose it, and the scheduler uses the host all the same (found by the simulator).
   */
  mayBeInService(host: string): boolean {
    return this.#begun.has(host);
  }

  async settle(runs: readonly Recover[]): Promise<void> {
    const { clock, limits } = this.#ports;
    if (this.#isSettling || clock.monotonic() < this.#notBeforeMs) return;
    this.#isSettling = true;
    try {
      for (const run of runs) if (this.#ports.mayRelease(run)) await this.#begin(run);
    } finally {
      this.#isSettling = false;
      this.#notBeforeMs = clock.monotonic() + limits.releaseRetryMs;
    }
  }

  /** The host has failed again: a release that is under way must not land after the new force-down. */
  async interrupt(host: string): Promise<void> {
    this.#begun.delete(host);
    if (this.#current?.host !== host) return;
    this.#current.stop.abort(new Error(`${host} has failed again`));
    await this.#current.done;
  }

  async #begin(run: Recover): Promise<void> {
    const stop = new AbortController();
    const done = this.#release(run, stop.signal);
    this.#current = { host: run.recovery.host, stop, done };
    await done;
    this.#current = undefined;
  }

  async #release(run: Recover, signal: AbortSignal): Promise<void> {
    const { cloud, logger, mayRelease } = this.#ports;
    const { host, isolation } = run.recovery;
    if (isolation === undefined) return;
    this.#begun.add(host);
    try {
      const answer = await release(cloud, logger, host, isolation, () => mayRelease(run), signal);
      if (answer === 'not-clean') this.#begun.delete(host);
      if (answer === 'released' && mayRelease(run)) await run.end('released', `${host} is back and clean`);
    } catch (error) {
      logger.warn({ host, error: messageOf(error) }, `${host} cannot be given back yet: ${messageOf(error)}`);
    }
  }
}
