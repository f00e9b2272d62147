import type { Missed } from '../bridge/decision.ts';
import type { Inventory } from '../openstack/inventory.ts';
import type { FlappingLimits } from './flapping.ts';
import type { EventAnswer } from './instances/events.ts';
import type { InstanceLimits } from './instances/instance-limits.ts';
import type { Lease } from './lease.ts';
import type { OrderRules } from './order/rules.ts';
import type { ProcessLimits } from './processes/process-limits.ts';
import type { RecoverPorts } from './recover-ports.ts';
import type { NotificationLimits } from './registry/notification-limits.ts';
import type { DeclaredSegment } from './segments/declare.ts';
import type { SegmentOf, StormLimits } from './storm.ts';

/** What the engine is given; what it gives its recoveries itself is left out. */
export interface EnginePorts extends Omit<
  RecoverPorts,
  | 'permission'
  | 'stormHold'
  | 'services'
  | 'knownService'
  | 'knownServices'
  | 'forgetServices'
  | 'othersIsolated'
  | 'places'
  | 'isKeptOut'
  | 'isProvenDown'
  | 'ranks'
  | 'blockedBy'
  | 'waysOf'
  | 'reserved'
  | 'needsOn'
  | 'tagged'
  | 'readLabels'
  | 'onChange'
> {
  /** A snapshot older than this allows nothing any more (S2). */
  readonly maxSnapshotAgeMs: number;
  readonly storm: StormLimits;
  readonly flapping: FlappingLimits;
  /** Without it: as the segments say. */
  readonly segmentOf?: SegmentOf;
  /** A fencing that cannot be answered any more, for an operator to see to. */
  readonly onMissed: (missed: Missed) => void;
  /** Something that is shown has changed. */
  readonly onChange: () => void;
  /** The right to act; one of the engine's own when left out. */
  readonly lease?: Lease;
  /** How long closed records are kept, in ms; left out: for ever. */
  readonly retentionMs?: number;
  /** Of single instances; left out: as the configuration has it when it says nothing. */
  readonly instanceFailure?: InstanceLimits & {
    readonly select: 'marked' | 'all';
    readonly events?: Readonly<Record<string, EventAnswer>>;
  };
  /** Of processes of compute hosts; left out: as the configuration has it when it says nothing. */
  readonly processFailure?: Partial<ProcessLimits>;
  /** Without them: as the configuration has them when it says nothing. */
  readonly order?: OrderRules;
  /** Without it nothing is planned ahead, and images say nothing. */
  readonly inventory?: Inventory;
  /** As the configuration declares them. */
  readonly segments?: readonly DeclaredSegment[];
  /** Whether reserved hosts are added to the aggregates of the host that they stand in for. */
  readonly addsReservedToAggregates?: boolean;
  readonly capacity?: { readonly everyMs: number; readonly acrossZones: boolean };
  /** Without them: as the configuration has them when it says nothing. */
  readonly notifications?: NotificationLimits;
  /** A monitor has reported a host down: it is time to look at the cluster. */
  readonly onClaim?: () => void;
  /** Of an instance that was moved; undefined when nothing is known of an agent in it. */
  readonly agentAnswers?: (instanceId: string) => boolean | undefined;
}
