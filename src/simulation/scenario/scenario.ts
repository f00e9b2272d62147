import type { Config } from '../../config/config.ts';
import type { EmulatorOptions, InstanceSpec } from '../cloud/options.ts';
import type { ClusterTimings } from '../cluster/timings.ts';
import type { TimedHappening } from './happening.ts';

/** A whole simulated story, as data. Times are milliseconds from its beginning. */
export interface Scenario {
  readonly seed: string;
  /** Cluster nodes. One that is among the hosts too runs nova-compute as well. */
  readonly controllers: readonly string[];
  readonly hosts: readonly ScenarioHost[];
  /** Their names are their own; the host is one of the hosts. */
  readonly instances: readonly (InstanceSpec & { readonly name: string })[];
  readonly config: Config;
  readonly timings: Partial<ClusterTimings>;
  readonly cloud: Partial<EmulatorOptions>;
  /** Whether nova-compute of a host that has booted asks before it starts. */
  readonly gate: 'asked' | 'none';
  /** Whether a host that has booted starts the guests that Nova has on it. */
  readonly resumesGuests: boolean;
  /** Each controller has a store of its own, or all have one. */
  readonly store: 'embedded' | 'shared';
  readonly timeline: readonly TimedHappening[];
  readonly endMs: number;
}

export interface ScenarioHost {
  readonly name: string;
  readonly capacity: number | undefined;
  readonly bootMs: number;
  readonly isIdle: boolean;
  readonly fencingAction: 'reboot' | 'off';
}
