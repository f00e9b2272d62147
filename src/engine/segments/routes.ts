import { isLifeboatError, messageOf } from '../../errors.ts';
import type { Resources } from '../../openstack/inventory.ts';
import type { Logger } from '../../ports.ts';
import type { Move } from '../move.ts';
import type { MoveBook } from '../move-book.ts';
import { withoutReserved } from './next-way.ts';
import type { ReservedHosts } from './reserved-hosts.ts';
import { FIRST_WAY, wayOf, type Way } from './way.ts';

export interface RoutesPorts {
  readonly logger: Logger;
  readonly limits: { readonly attempts: number; readonly retryDelayMs: number };
  readonly waysOf: (host: string) => readonly Way[];
  readonly reserved: Pick<ReservedHosts, 'pick'>;
  /** By instance id, what it holds on the host; undefined when nobody knows. */
  readonly needsOn: (host: string, signal: AbortSignal) => Promise<ReadonlyMap<string, Resources> | undefined>;
}

/** Where each move of one recovery is sent: to whatever host Nova's scheduler finds, or to a reserved one. */
export class Routes {
  readonly #ports: RoutesPorts;
  readonly #host: string;
  readonly #book: MoveBook;
  #needs: ReadonlyMap<string, Resources> | undefined;
  #hasAskedNeeds = false;

  constructor(ports: RoutesPorts, host: string, book: MoveBook) {
    this.#ports = ports;
    this.#host = host;
    this.#book = book;
  }

  /** Those that may be sent, each with its target. What finds none is written down as what it is to be next. */
  async route(ready: readonly Move[], signal: AbortSignal): Promise<readonly Move[]> {
    const ways = this.#ports.waysOf(this.#host);
    if (!ways.includes('reserved')) return ready;
    const routed: Move[] = [];
    for (const move of ready) {
      const way = move.way ?? FIRST_WAY;
      if (wayOf(way.stage, ways) === 'scheduler') {
        routed.push({ ...move, way: { ...way, target: undefined } });
        continue;
      }
      const needs = (await this.#askNeeds(signal))?.get(move.instanceId);
      const picked = await this.#ports.reserved.pick(this.#host, needs, way.tried, signal);
      if (picked.kind === 'host') routed.push({ ...move, way: { ...way, target: picked.host } });
      else await this.#giveUp(move, picked.reason, ways);
    }
    return routed;
  }

  async #giveUp(move: Move, reason: string, ways: readonly Way[]): Promise<void> {
    const { attempts, retryDelayMs } = this.#ports.limits;
    const next = withoutReserved(move, reason, ways, attempts);
    await this.#book.write([next], () => (next.failures === 0 ? 0 : retryDelayMs * 2 ** (next.failures - 1)));
  }

  /** Once: what was allocated on a dead host does not change. */
  async #askNeeds(signal: AbortSignal): Promise<ReadonlyMap<string, Resources> | undefined> {
    if (this.#hasAskedNeeds) return this.#needs;
    try {
      this.#needs = await this.#ports.needsOn(this.#host, signal);
    } catch (error) {
      if (signal.aborted || !isLifeboatError(error)) throw error;
      this.#ports.logger.warn(
        { host: this.#host },
        `what instances of ${this.#host} need is not known: ${messageOf(error)}`,
      );
    }
    this.#hasAskedNeeds = true;
    return this.#needs;
  }
}
