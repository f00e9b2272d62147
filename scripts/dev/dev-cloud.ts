import type { CloudConfig } from '../../src/openstack/open-cloud.ts';
import type { NovaCloud } from '../../src/openstack/nova.ts';

/** The cloud that a stand is over. */
export interface DevCloud {
  readonly source: CloudConfig['source'];
  /** Asked before each request that changes something there; what it throws is what the call throws. */
  readonly beforeChange: () => void;
  /** For an OpenStack client; empty: it has credentials of its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** The hosts that the cluster is to have. */
  readonly hosts: (cloud: NovaCloud) => Promise<readonly string[]>;
  readonly power: Power;
  readonly close: () => Promise<void>;
}

export type Power =
  | {
      readonly kind: 'emulated';
      readonly kill: (host: string) => Promise<void>;
      readonly restore: (host: string) => Promise<void>;
    }
  /** Machines that are not ours: none of them is killed, nor said to be dead. */
  | { readonly kind: 'real'; readonly refusal: (host: string) => string };
