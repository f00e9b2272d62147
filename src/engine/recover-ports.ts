import type { Hold } from '../bridge/verdict.ts';
import type { Cloud, ComputeService, Instance } from '../openstack/cloud.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import type { FollowPorts } from './follow.ts';
import type { WitnessPorts } from './host-witness.ts';
import type { MoveLimits } from './judgement.ts';
import type { Move } from './move.ts';
import type { Rank } from './order/rank.ts';
import type { RoutesPorts } from './segments/routes.ts';
import type { Recovery } from './recovery.ts';
import type { Selection, Tagged } from './select.ts';
import type { Store } from './store/store.ts';

export interface RecoverPorts extends WitnessPorts, FollowPorts, RoutesPorts {
  readonly store: Store;
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly limits: RecoverLimits;
  readonly selection: Selection;
  /** What is known of flavors and images now. */
  readonly tagged: () => Tagged;
  /** Reads of flavors and images what the selection and the order need and is not known yet; never throws. */
  readonly readLabels: (signal: AbortSignal) => Promise<void>;
  /** Undefined while effects are allowed; else why not (S2: no quorum; S8: paused). Asked before every effect. */
  readonly permission: () => Hold | undefined;
  /** Why it may not begin now (S7). Not asked once it has begun. */
  readonly stormHold: (recovery: Recovery) => Hold | undefined;
  /** All compute services as last read, which is some seconds ago at most while a host is lost. */
  readonly knownServices: () => readonly ComputeService[];
  readonly forgetServices: () => void;
  /** Resolves when every other lost host is forced down too, or when that has taken too long. */
  readonly othersIsolated: () => Promise<void>;
  /** Whether the host is dead itself, as far as we know: a move to it cannot end well. */
  readonly isKeptOut: (host: string) => boolean;
  /** Kept out, and nothing was heard of it since its fencing: nothing goes on there. */
  readonly isProvenDown: (host: string) => boolean;
  /** By instance id, of instances that are moved together. */
  readonly ranks: (instances: readonly Instance[]) => ReadonlyMap<string, Rank>;
  /** The group that the move has to wait for; undefined when it may be sent. */
  readonly blockedBy: (move: Move) => string | undefined;
  readonly onChange: () => void;
}

export interface RecoverLimits extends MoveLimits {
  /** Evacuations in flight at one time, over all hosts. */
  readonly parallel: number;
  /** The longest pause between two looks at Nova while moves are in flight; other rhythms are multiples of it. */
  readonly followMs: number;
  /** Before the first retry; doubled with each further one, up to LONGEST_DELAY_MS (backoff.ts). */
  readonly retryDelayMs: number;
  readonly witnessSilenceMs: number;
  /** Nova may fail this long before the recovery is shown as held. */
  readonly cloudPatienceMs: number;
  /** Pause between two tries to give a host back. */
  readonly releaseRetryMs: number;
}
