import type { Observation } from './observation.ts';

/** A kind of place where processes are looked at: systemd, a health command, the table of processes. */
export interface ProcessSource {
  /** As they are reported; each is looked at by each look. */
  readonly names: readonly string[];
  /** From one look to the next, ms, unless something wakes it. */
  readonly everyMs: number;
  /** What failed is looked at again after so long before it is reported, ms. */
  readonly settleMs: number;
  /** Never rejects: what cannot be looked at is unknown. */
  readonly look: () => Promise<ReadonlyMap<string, Observation>>;
  /** Whether `restart` can do anything for it. */
  readonly canRestart: (name: string) => boolean;
  /** Rejects with a LifeboatError, in whose words it did not work. That it worked the next look says. */
  readonly restart: (name: string) => Promise<void>;
  /** Told when a look is worth it before its time. */
  readonly onWake: (listener: () => void) => void;
  readonly stop: () => void;
}
