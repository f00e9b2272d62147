import { messageOf } from '../../errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Planner } from './planner.ts';

export interface CapacityPorts {
  readonly planner: Pick<Planner, 'plan'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The time in which every host is looked at once; 0: never. */
  readonly everyMs: number;
  /** Hosts that are in service. */
  readonly hosts: () => readonly string[];
  readonly onChange: () => void;
}

/** What would be left without a place if the host died. */
export interface Shortfall {
  readonly host: string;
  readonly homeless: number;
  /** Instances that would have to be moved. */
  readonly of: number;
  /** The names of the first of them. */
  readonly examples: readonly string[];
}

const EXAMPLES = 3;
/** Between two hosts, however many there are: nova-api is there for others. */
const SHORTEST_STEP_MS = 2_000;
const PLACEMENT_AGE_MS = 30_000;

/**
 * Looks ahead in quiet times: for one host after another, would every instance on it find a place if it died (N+1)? One
 * host takes three calls, spread over `everyMs`; only the outcome is kept.
 */
export class CapacityWatch {
  readonly #ports: CapacityPorts;
  /** When each host was tried last, with or without an outcome. */
  readonly #triedAtMs = new Map<string, number>();
  readonly #known = new Set<string>();
  readonly #shortfalls = new Map<string, Shortfall>();
  #notBeforeMs = 0;
  #failure: string | undefined;
  #isLooking = false;

  constructor(ports: CapacityPorts) {
    this.#ports = ports;
  }

  get shortfalls(): readonly Shortfall[] {
    return [...this.#shortfalls.values()].toSorted((a, b) => b.homeless - a.homeless || a.host.localeCompare(b.host));
  }

  /** Hosts whose outcome is known. */
  get looked(): number {
    return this.#known.size;
  }

  /** Why it cannot be told, if so. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** One host, when it is time for one. Never throws: `failure` tells. */
  async step(): Promise<void> {
    const { clock, everyMs, hosts } = this.#ports;
    if (everyMs === 0 || this.#isLooking || clock.monotonic() < this.#notBeforeMs) return;
    const inService = hosts();
    this.#forgetAllBut(inService);
    const next = inService.toSorted((a, b) => this.#triedAt(a) - this.#triedAt(b))[0];
    if (next === undefined) return;
    this.#isLooking = true;
    this.#triedAtMs.set(next, clock.monotonic());
    this.#notBeforeMs = clock.monotonic() + Math.max(SHORTEST_STEP_MS, everyMs / inService.length);
    try {
      await this.#look(next);
    } catch (error) {
      this.#failed(messageOf(error));
    } finally {
      this.#isLooking = false;
    }
  }

  async #look(host: string): Promise<void> {
    const { moves, failure } = await this.#ports.planner.plan(host, PLACEMENT_AGE_MS);
    if (failure !== undefined) return this.#failed(failure);
    if (this.#failure !== undefined) this.#ports.logger.info({}, 'what is free in the cloud can be told again');
    this.#failure = undefined;
    this.#known.add(host);
    const moving = moves.filter(({ place }) => place.kind !== 'left');
    const homeless = moving.filter(({ place }) => place.kind === 'none');
    const examples = homeless.slice(0, EXAMPLES).map(({ name }) => name);
    this.#note(
      host,
      homeless.length === 0 ? undefined : { host, homeless: homeless.length, of: moving.length, examples },
    );
  }

  #note(host: string, shortfall: Shortfall | undefined): void {
    const before = this.#shortfalls.get(host);
    if (before?.homeless === shortfall?.homeless) return;
    const { logger, onChange } = this.#ports;
    if (shortfall === undefined) {
      this.#shortfalls.delete(host);
      logger.info({ host }, `N+1 is met again: if ${host} dies, every instance on it has a place`);
    } else {
      this.#shortfalls.set(host, shortfall);
      logger.warn({ host, homeless: shortfall.homeless }, describeShortfall(shortfall));
    }
    onChange();
  }

  #failed(reason: string): void {
    if (this.#failure === undefined) {
      this.#ports.logger.warn({}, `it cannot be told whether there is room for the instances of each host: ${reason}`);
    }
    this.#failure = reason;
  }

  #triedAt(host: string): number {
    return this.#triedAtMs.get(host) ?? -1;
  }

  #forgetAllBut(hosts: readonly string[]): void {
    const kept = new Set(hosts);
    for (const host of [...this.#triedAtMs.keys()]) {
      if (kept.has(host)) continue;
      this.#triedAtMs.delete(host);
      this.#known.delete(host);
      this.#shortfalls.delete(host);
    }
  }
}

export function describeShortfall({ host, homeless, of, examples }: Shortfall): string {
  const more = homeless - examples.length;
  const names = `${examples.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const have = homeless === 1 ? 'has' : 'have';
  return `N+1 is not met: if ${host} dies, ${homeless} of ${of} instances ${have} no place (${names})`;
}
