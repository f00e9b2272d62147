import type { Way } from './way.ts';

/** Masakari's recovery methods, and which targets each of them tries, one kind after the other. */
export const RECOVERY_METHODS = {
  auto: ['scheduler'],
  reserved_host: ['reserved'],
  auto_priority: ['scheduler', 'reserved'],
  rh_priority: ['reserved', 'scheduler'],
} as const satisfies Record<string, readonly Way[]>;

export type RecoveryMethod = keyof typeof RECOVERY_METHODS;

/** Hosts whose failures are answered in one way. Shaped as Masakari's, whose API will show it. */
export interface Segment {
  readonly uuid: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly serviceType: string;
  readonly recoveryMethod: RecoveryMethod;
  /** Not enabled: its failures are none of ours (S8). */
  readonly enabled: boolean;
  /** Stands in lifeboat.yaml, which wins over the store. */
  readonly declared: boolean;
  /** In the order in which reserved hosts are taken. */
  readonly hosts: readonly SegmentHost[];
}

export interface SegmentHost {
  readonly uuid: string;
  /** As Nova names it. */
  readonly name: string;
  readonly type: string;
  readonly controlAttributes: string;
  /** Kept free for failures of the segment, its nova-compute disabled in Nova. */
  readonly reserved: boolean;
  /** Its failures are none of ours, and it is not taken. Only an operator sets it and takes it back. */
  readonly onMaintenance: boolean;
}
