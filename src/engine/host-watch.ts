import type { Cloud, Evacuation, Instance } from '../openstack/cloud.ts';
import type { Clock } from '../ports.ts';
import { TERMINAL } from './judge-move.ts';
import type { Move } from './move.ts';
import { recordOf, type Seen, type Sights } from './sights.ts';

interface Listing {
  readonly askedAtMs: number;
  readonly instances: ReadonlyMap<string, Instance>;
}

/** From this many instances of one target on, its list is cheaper for Nova than one request for each of them. */
const WORTH_A_LIST = 2;
/** The instance is saved just before its record, by whichever conductor, and each has a clock of its own. */
const CLOCKS_MS = 5_000;
const AT_ONE_TIME = 10;

/**
 * What Nova shows of one dead host, each piece read only when it is needed: the records tell when an evacuation has ended,
 * the host's list what may be sent, and the instance itself, on its target, that it runs there.
 */
export class HostWatch {
  readonly #cloud: Cloud;
  readonly #clock: Clock;
  readonly #host: string;
  #listing: Listing | undefined;
  #records: ReadonlyMap<string, readonly Evacuation[]> = new Map();
  readonly #settledAtMs = new Map<string, number>();
  #asked = new Map<string, Seen>();

  constructor({ cloud, clock }: { readonly cloud: Cloud; readonly clock: Clock }, host: string) {
    this.#cloud = cloud;
    this.#clock = clock;
    this.#host = host;
  }

  get sights(): Sights {
    const { instances, askedAtMs } = this.#listing ?? { instances: new Map<string, Instance>(), askedAtMs: 0 };
    const [asked, records] = [this.#asked, this.#records];
    return {
      listedAtMs: askedAtMs,
      onHost: [...instances.values()],
      seen: (id) => {
        const instance = instances.get(id);
        return asked.get(id) ?? (instance && { instance, askedAtMs });
      },
      evacuationsOf: (id) => records.get(id) ?? [],
      settledAtMs: ({ id }) => this.#settledAtMs.get(id),
    };
  }

  /** Nothing is asked any more: all that Nova showed, of all times of the host, is let go. */
  forget(): void {
    this.#listing = undefined;
    this.#records = new Map();
    this.#settledAtMs.clear();
    this.#asked = new Map();
  }

  /** Since the host's list was read; Infinity before that. */
  get listAgeMs(): number {
    return this.#listing === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonic() - this.#listing.askedAtMs;
  }

  /**
   * All records of the host. Not by `changes-since`: Nova compares it with updated_at, which is empty until a record
   * changes for the first time, so the newest ones would be missing (read in nova 26.2.2, db/main/api.py).
   */
  async readRecords(signal: AbortSignal): Promise<void> {
    const found = await this.#cloud.evacuationsFrom(this.#host, undefined, signal);
    const now = this.#clock.monotonic();
    this.#records = Map.groupBy(found, ({ instanceId }) => instanceId);
    for (const { id, status } of found) {
      if (TERMINAL.has(status) && !this.#settledAtMs.has(id)) this.#settledAtMs.set(id, now);
    }
  }

  async readList(signal: AbortSignal): Promise<void> {
    const askedAtMs = this.#clock.monotonic();
    const found = await this.#cloud.instancesOn(this.#host, signal);
    this.#listing = { askedAtMs, instances: new Map(found.map((instance) => [instance.id, instance])) };
    this.#asked = new Map();
  }

  /** The instances of these moves, wherever they are. */
  async readInstances(moves: readonly Move[], signal: AbortSignal): Promise<void> {
    this.#asked = new Map();
    const byTarget = Map.groupBy(moves, (move) => this.#landedOn(move));
    for (const [target, landed] of byTarget) {
      if (target !== undefined && landed.length >= WORTH_A_LIST) await this.#readTarget(target, landed, signal);
    }
    const left = moves.filter(({ instanceId }) => !this.#asked.has(instanceId));
    for (let start = 0; start < left.length; start += AT_ONE_TIME) {
      await Promise.all(left.slice(start, start + AT_ONE_TIME).map((move) => this.#readOne(move.instanceId, signal)));
    }
  }

  #landedOn(move: Move): string | undefined {
    const record = recordOf(move, this.sights);
    return record !== undefined && TERMINAL.has(record.status) ? record.targetHost : undefined;
  }

  /** What changed on the target since the first of them landed, by Nova's own times: as good as only they. */
  async #readTarget(target: string, landed: readonly Move[], signal: AbortSignal): Promise<void> {
    const endedAtMs = landed.map((move) => {
      const record = recordOf(move, this.sights);
      return record?.updatedAtMs ?? record?.createdAtMs ?? 0;
    });
    const askedAtMs = this.#clock.monotonic();
    const sinceMs = Math.min(...endedAtMs) - CLOCKS_MS;
    const wanted = new Set(landed.map(({ instanceId }) => instanceId));
    for (const instance of await this.#cloud.instancesOn(target, signal, sinceMs)) {
      if (wanted.has(instance.id)) this.#asked.set(instance.id, { instance, askedAtMs });
    }
  }

  async #readOne(id: string, signal: AbortSignal): Promise<void> {
    const askedAtMs = this.#clock.monotonic();
    this.#asked.set(id, { instance: await this.#cloud.instance(id, signal), askedAtMs });
  }
}
