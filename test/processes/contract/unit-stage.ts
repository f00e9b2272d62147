import type { Bus } from '../../../src/compute/dbus/bus.ts';
import type { Clock } from '../../../src/ports.ts';

/** The units of test/processes/lab/units, in a real systemd or a fake one, and what one can do to them. */
export interface UnitStage {
  readonly bus: Bus;
  readonly clock: Clock;
  /** `systemctl start`; returns when it is under way. */
  readonly start: (...units: readonly string[]) => Promise<void>;
  /** `systemctl stop`, to its end. */
  readonly stop: (unit: string) => Promise<void>;
  /** kill -9 of all that runs for it. */
  readonly kill: (unit: string) => Promise<void>;
  readonly reload: () => Promise<void>;
  readonly reexecute: () => Promise<void>;
  /** kill -9 of the bus, which comes back when somebody connects. */
  readonly killBus: () => Promise<void>;
  /** Looks until it holds, while time passes; fails with `what`. */
  readonly until: (what: string, holds: () => Promise<boolean>) => Promise<void>;
  readonly down: () => Promise<void>;
}
