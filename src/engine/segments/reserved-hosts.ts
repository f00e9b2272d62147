import { isLifeboatError, messageOf } from '../../errors.ts';
import type { Cloud, ComputeService } from '../../openstack/cloud.ts';
import type { Inventory, Resources } from '../../openstack/inventory.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Stock } from '../plan/stock.ts';
import type { Store } from '../store/store.ts';
import type { Segments } from './segments.ts';
import { giveBack, take } from './take-host.ts';
import type { Taking } from './taking.ts';

export interface ReservedPorts {
  readonly store: Store;
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Undefined: nothing is known of capacity and aggregates. */
  readonly inventory: Inventory | undefined;
  readonly stock: Stock | undefined;
  readonly segments: () => Segments;
  readonly service: (host: string) => ComputeService | undefined;
  /** Its node is up in the cluster, and nothing keeps it out. */
  readonly isUp: (host: string) => boolean;
  readonly mayAct: () => boolean;
  /** Whose recovery is at work. */
  readonly failedHosts: () => readonly string[];
  readonly addsToAggregates: boolean;
}

export type Found =
  | { readonly kind: 'host'; readonly host: string }
  /** Something keeps it from being taken now, and may be over soon. */
  | { readonly kind: 'none'; readonly reason: string };

/** A host that could not be taken is not tried again before this. */
const REPULSED_MS = 60_000;
/** While instances run on it, it is looked at whether it is empty now and then. */
const IN_USE_MS = 600_000;
const CAPACITY_AGE_MS = 10_000;

/**
 * The reserved hosts, over all recoveries. One is taken after the other, in the order of the segment, when those before it
 * are full or have failed; only one that is up in Nova and in the cluster. Given back when no recovery needs it and nothing
 * runs on it.
 */
export class ReservedHosts {
  readonly #ports: ReservedPorts;
  readonly #takings = new Map<string, Taking>();
  readonly #notBeforeMs = new Map<string, number>();
  /** What was promised to moves since Placement was asked. */
  readonly #promised = new Map<string, { readonly atMs: number; readonly needs: Resources }[]>();
  #queue: Promise<unknown> = Promise.resolve();
  #isSettling = false;

  constructor(ports: ReservedPorts) {
    this.#ports = ports;
  }

  async load(): Promise<void> {
    for (const taking of await this.#ports.store.takings()) this.#takings.set(taking.host, taking);
  }

  get takings(): readonly Taking[] {
    return [...this.#takings.values()];
  }

  /**
   * A reserved host for an instance of the failed host: the first taken one with room, else the next is taken. `needs`:
   * what the instance takes there, if that is known. One caller after the other: two never take the same place.
   */
  pick(
    failedHost: string,
    needs: Resources | undefined,
    tried: readonly string[],
    signal: AbortSignal,
  ): Promise<Found> {
    const picked = this.#queue.then(() => this.#pick(failedHost, needs, tried, signal));
    this.#queue = picked.catch(() => undefined);
    return picked;
  }

  async #pick(
    failedHost: string,
    needs: Resources | undefined,
    tried: readonly string[],
    signal: AbortSignal,
  ): Promise<Found> {
    const reasons: string[] = [];
    const { mayAct, segments } = this.#ports;
    for (const host of segments().reservedFor(failedHost)) {
      if (tried.includes(host)) {
        reasons.push(`${host} could not start it`);
        continue;
      }
      const unfit = this.#unfit(host);
      if (unfit !== undefined) {
        reasons.push(`${host} ${unfit}`);
        continue;
      }
      if (!(await this.#hasRoom(host, needs, signal))) {
        reasons.push(`${host} is full`);
        continue;
      }
      if (!mayAct()) return { kind: 'none', reason: 'nothing may be taken now' };
      if (this.#takings.get(host)?.state !== 'taken' && !(await this.#take(host, failedHost, signal))) {
        reasons.push(`${host} could not be taken`);
        continue;
      }
      this.#promise(host, needs);
      return { kind: 'host', host };
    }
    return { kind: 'none', reason: reasons.length === 0 ? 'its segment has no reserved host' : reasons.join(', ') };
  }

  /** Why it is not to be used now, if so. */
  #unfit(host: string): string | undefined {
    const { clock, isUp, service } = this.#ports;
    const found = service(host);
    if (found === undefined) return 'is unknown to Nova';
    // A dead one that is enabled holds a worker of nova-api for a minute, and takes instances that then fail (seen).
    if (found.state !== 'up' || found.forcedDown) return 'is down in Nova';
    if (!isUp(host)) return 'is not up in the cluster';
    if (clock.monotonic() < (this.#notBeforeMs.get(host) ?? 0)) return 'could not be taken';
    return undefined;
  }

  /** By Placement, less what was promised since it was asked. When it does not say, Nova's scheduler will. */
  async #hasRoom(host: string, needs: Resources | undefined, signal: AbortSignal): Promise<boolean> {
    const { logger, stock } = this.#ports;
    if (stock === undefined || needs === undefined) return true;
    try {
      const free = { ...(await stock.freeByHost(CAPACITY_AGE_MS, signal)).get(host) };
      for (const promise of this.#promised.get(host) ?? []) {
        if (promise.atMs < stock.freeAskedAtMs) continue;
        for (const [name, amount] of Object.entries(promise.needs)) free[name] = (free[name] ?? 0) - amount;
      }
      return Object.entries(needs).every(([name, amount]) => (free[name] ?? 0) >= amount);
    } catch (error) {
      if (signal.aborted || !isLifeboatError(error)) throw error;
      logger.warn({ host, code: error.code }, `what is free on ${host} is not known: ${messageOf(error)}`);
      return true;
    }
  }

  #promise(host: string, needs: Resources | undefined): void {
    if (needs === undefined) return;
    const atMs = this.#ports.clock.monotonic();
    const recent = (this.#promised.get(host) ?? []).filter((each) => atMs - each.atMs <= 2 * CAPACITY_AGE_MS);
    this.#promised.set(host, [...recent, { atMs, needs }]);
  }

  async #take(host: string, failedHost: string, signal: AbortSignal): Promise<boolean> {
    const { addsToAggregates, clock, inventory, logger, service } = this.#ports;
    const found = service(host);
    if (found === undefined) return false;
    try {
      const taking = await take(
        { ...this.#ports, aggregatesOf: addsToAggregates ? inventory : undefined, mayGoOn: this.#ports.mayAct },
        { host, failedHost, service: found, known: this.#takings.get(host) },
        (changed) => this.#remember(changed),
        signal,
      );
      if (taking === undefined) return false;
      logger.warn({ host, failedHost }, `${host} is taken: a reserved host for the instances of ${taking.failedHost}`);
      return true;
    } catch (error) {
      if (signal.aborted || !isLifeboatError(error)) throw error;
      this.#notBeforeMs.set(host, clock.monotonic() + REPULSED_MS);
      logger.warn({ host, failedHost }, `${host} is reserved and cannot be taken: ${messageOf(error)}`);
      return false;
    }
  }

  /** Gives back what nobody needs. Never throws for one host: the others are as important. */
  async settle(): Promise<void> {
    if (this.#isSettling) return;
    this.#isSettling = true;
    try {
      for (const { host } of this.takings) {
        const settled = this.#queue.then(() => this.#settleOne(host));
        this.#queue = settled.catch(() => undefined);
        await settled;
      }
    } finally {
      this.#isSettling = false;
    }
  }

  async #settleOne(host: string): Promise<void> {
    const { clock, isUp, logger, mayAct, segments, store } = this.#ports;
    const taking = this.#takings.get(host);
    if (taking === undefined || this.#isNeeded(host) || !mayAct()) return;
    if (!segments().reserved.some((name) => name.toLowerCase() === host.toLowerCase())) {
      // An operator has made it a host like any other.
      this.#takings.delete(host);
      return store.removeTaking(host);
    }
    if (!isUp(host) || clock.monotonic() < (this.#notBeforeMs.get(host) ?? 0)) return;
    try {
      const isUsed = (await this.#ports.cloud.instancesOn(host)).length > 0;
      if (isUsed && taking.state !== 'giving-back') {
        this.#notBeforeMs.set(host, clock.monotonic() + IN_USE_MS);
        return;
      }
      const mayGoOn = (): boolean => !this.#isNeeded(host) && mayAct() && isUp(host);
      if (!(await giveBack({ ...this.#ports, mayGoOn }, taking, (changed) => this.#remember(changed)))) return;
      this.#takings.delete(host);
      await store.removeTaking(host);
      this.#notBeforeMs.delete(host);
      logger.info({ host }, `${host} is unused and was given back: a reserved host again`);
    } catch (error) {
      if (!isLifeboatError(error)) throw error;
      this.#notBeforeMs.set(host, clock.monotonic() + REPULSED_MS);
      logger.warn({ host }, `${host} cannot be given back yet: ${messageOf(error)}`);
    }
  }

  #isNeeded(reserved: string): boolean {
    const { failedHosts, segments } = this.#ports;
    return failedHosts().some((host) => {
      return segments().waysOf(host).includes('reserved') && segments().reservedFor(host).includes(reserved);
    });
  }

  /** Of what another engine took we may know nothing: its store may be on another controller. */
  tellEnabled(): void {
    const { logger, segments, service } = this.#ports;
    for (const host of segments().reserved) {
      if (this.#takings.has(host) || service(host)?.status !== 'enabled') continue;
      const remedy = `openstack compute service set --disable ${host} nova-compute`;
      logger.warn({ host, remedy }, `${host} is reserved and enabled in Nova: the scheduler fills it; do: ${remedy}`);
    }
  }

  async #remember(taking: Taking): Promise<void> {
    await this.#ports.store.saveTaking(taking);
    this.#takings.set(taking.host, taking);
  }
}
