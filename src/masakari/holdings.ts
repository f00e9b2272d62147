import type { EntryStatus, NotificationType, VmoveEntry } from '../engine/registry/registry.ts';
import type { RecoveryMethod } from '../engine/segments/segment.ts';

/** What Masakari's database holds, or could: its rows, understood. Times are milliseconds since the epoch. */
export interface Holdings {
  readonly segments: readonly HeldSegment[];
  readonly hosts: readonly HeldHost[];
  readonly notifications: readonly HeldNotification[];
  readonly vmoves: readonly HeldVmove[];
}

export interface HeldRow {
  readonly uuid: string;
  /** undefined: the database that it goes into gives one. */
  readonly id: number | undefined;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
}

export interface HeldSegment extends HeldRow {
  readonly name: string;
  readonly serviceType: string;
  readonly enabled: boolean;
  readonly description: string | undefined;
  readonly recoveryMethod: RecoveryMethod;
}

export interface HeldHost extends HeldRow {
  readonly segmentUuid: string;
  readonly name: string;
  readonly type: string;
  readonly controlAttributes: string;
  readonly reserved: boolean;
  readonly onMaintenance: boolean;
}

export interface HeldNotification extends HeldRow {
  readonly type: NotificationType;
  readonly sourceHostUuid: string;
  readonly host: string;
  readonly segmentUuid: string | undefined;
  readonly payload: Readonly<Record<string, string>>;
  readonly generatedAtMs: number;
  readonly status: EntryStatus;
  readonly message: string | undefined;
}

export interface HeldVmove extends HeldRow {
  readonly notificationUuid: string;
  readonly instanceUuid: string;
  readonly instanceName: string;
  readonly sourceHost: string | undefined;
  readonly destHost: string | undefined;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly status: VmoveEntry['status'];
  readonly message: string | undefined;
}
