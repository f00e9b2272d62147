import type { MonitorNotification, Sight, Watch } from '../compute/notification.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import type { Memory } from './remember.ts';

export interface WatchPorts {
  /** This host as Nova names it. */
  readonly hostname: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  /** When it returns, the report is safe. */
  readonly onNotification: (notification: MonitorNotification) => void;
  readonly remember: Memory;
}

/** A watch that can be begun. */
export interface WatchPlan {
  /** Names what it keeps, and where it stands in the status: guests, processes. */
  readonly name: string;
  readonly start: (ports: WatchPorts) => Watch;
}

export interface WatchStatus {
  readonly name: string;
  readonly kind: Sight['kind'];
  readonly sentence: string;
  /** Since when it has been of this kind, milliseconds since the epoch. */
  readonly sinceMs: number;
}

export interface LookoutPorts extends Omit<WatchPorts, 'remember'> {
  readonly plans: readonly WatchPlan[];
  readonly memoryOf: (name: string) => Memory;
}

const LOOK_MS = 5_000;

/** Begins the watches, and remembers since when each of them sees, or does not. */
export class Lookout {
  readonly #ports: LookoutPorts;
  readonly #watches: readonly { readonly name: string; readonly watch: Watch }[];
  readonly #seen = new Map<string, WatchStatus>();
  #cancel: () => void = () => undefined;

  /** Throws what a watch throws that cannot be begun at all. */
  constructor(ports: LookoutPorts) {
    this.#ports = ports;
    const { memoryOf, plans, ...others } = ports;
    this.#watches = plans.map(({ name, start }) => ({ name, watch: start({ ...others, remember: memoryOf(name) }) }));
    this.#look();
  }

  get statuses(): readonly WatchStatus[] {
    return this.#watches.map(({ name, watch }) => this.#note(name, watch.sight()));
  }

  stop(): void {
    this.#cancel();
    for (const { watch } of this.#watches) watch.stop();
  }

  #look(): void {
    for (const { name, watch } of this.#watches) this.#note(name, watch.sight());
    this.#cancel = this.#ports.clock.schedule(LOOK_MS, () => {
      this.#look();
    });
  }

  #note(name: string, { kind, sentence }: Sight): WatchStatus {
    const before = this.#seen.get(name);
    const sinceMs = before?.kind === kind ? before.sinceMs : this.#ports.clock.now();
    const now: WatchStatus = { name, kind, sentence, sinceMs };
    this.#seen.set(name, now);
    return now;
  }
}
