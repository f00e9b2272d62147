import type { RecoveryMethod } from '../segments/segment.ts';

/**
 * What Masakari's API shows and changes: segments, their hosts, notifications and the moves of host recoveries. Rows are
 * shaped as Masakari's, but for names in our own style; times are milliseconds since the epoch.
 *
 * Throws REGISTRY_NOT_FOUND, REGISTRY_CONFLICT and REGISTRY_REFUSED with Masakari's words in the message, STORE_UNUSABLE,
 * and NOT_ALLOWED, LEASE_LAPSED or LEASE_LOST when this engine may not write. What a writing call answered is on disk (S4).
 */
export interface Registry {
  segments(query: SegmentQuery): Promise<readonly SegmentEntry[]>;
  segment(uuid: string): Promise<SegmentEntry>;
  addSegment(segment: NewSegment): Promise<SegmentEntry>;
  updateSegment(uuid: string, changes: Partial<NewSegment>): Promise<SegmentEntry>;
  removeSegment(uuid: string): Promise<void>;
  /** With the uuids that it had elsewhere. To be made again: what is there already stays as it is. */
  importSegment(segment: ImportedSegment): Promise<Imported>;

  hosts(segmentUuid: string, query: HostQuery): Promise<readonly HostEntry[]>;
  host(segmentUuid: string, uuid: string): Promise<HostEntry>;
  addHost(segmentUuid: string, host: NewHost): Promise<HostEntry>;
  updateHost(segmentUuid: string, uuid: string, changes: Partial<NewHost>): Promise<HostEntry>;
  removeHost(segmentUuid: string, uuid: string): Promise<void>;

  notifications(query: NotificationQuery): Promise<readonly NotificationEntry[]>;
  notification(uuid: string): Promise<NotificationEntry>;
  /** On disk when it resolves, and handed to the engine. */
  notify(notification: NewNotification): Promise<NotificationEntry>;
  /** What ended elsewhere. To be made again: what is there already stays as it is. Answers how many were not. */
  importNotifications(notifications: readonly ImportedNotification[]): Promise<number>;
  /** How far the recovery is, as Masakari tells it from version 1.1 on. */
  progress(notificationUuid: string): Promise<readonly WorkflowTask[]>;

  vmoves(notificationUuid: string, query: VmoveQuery): Promise<readonly VmoveEntry[]>;
  vmove(notificationUuid: string, uuid: string): Promise<VmoveEntry>;
}

/** What every row has. */
export interface Entry {
  /** A number that grows and is never given twice; the marker of lists. */
  readonly id: number;
  readonly uuid: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number | undefined;
}

export interface NewSegment {
  readonly name: string;
  readonly serviceType: string;
  readonly recoveryMethod: RecoveryMethod;
  readonly description: string | undefined;
  readonly enabled: boolean;
}

/** How a row was numbered and dated elsewhere. A number is kept when it was never given here. */
export interface ImportedStamp {
  readonly number?: number | undefined;
  readonly createdAtMs?: number | undefined;
  readonly updatedAtMs?: number | undefined;
}

export interface ImportedSegment extends NewSegment, ImportedStamp {
  readonly uuid: string;
  readonly hosts: readonly (NewHost & ImportedStamp & { readonly uuid: string })[];
}

/** A notification that has ended elsewhere, and what was done for it there. */
export interface ImportedNotification extends ImportedStamp {
  readonly uuid: string;
  readonly type: NotificationType;
  /** As Nova names it. */
  readonly host: string;
  readonly sourceHostUuid: string;
  readonly segmentUuid: string | undefined;
  readonly payload: Readonly<Record<string, string>>;
  readonly generatedAtMs: number;
  readonly status: Extract<EntryStatus, 'finished' | 'failed' | 'ignored'>;
  readonly message: string | undefined;
  readonly vmoves: readonly ImportedVmove[];
}

export type ImportedVmove = Omit<VmoveEntry, 'notificationUuid' | 'type'>;

/** What was not there before. */
export interface Imported {
  readonly isNew: boolean;
  readonly hosts: number;
}

export interface SegmentEntry extends Entry, NewSegment {}

export interface NewHost {
  /** As Nova names it. */
  readonly name: string;
  readonly type: string;
  readonly controlAttributes: string;
  readonly reserved: boolean;
  readonly onMaintenance: boolean;
}

export interface HostEntry extends Entry, NewHost {
  readonly segment: SegmentEntry;
}

export const NOTIFICATION_TYPES = ['COMPUTE_HOST', 'VM', 'PROCESS'] as const;
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

export interface NewNotification {
  readonly type: NotificationType;
  /** As Nova names it. */
  readonly hostname: string;
  readonly generatedAtMs: number;
  /** Checked already: what its type may have. */
  readonly payload: Readonly<Record<string, string>>;
  /** A UUID that the reporter has made for this very failure, and for no other; the notification gets it. */
  readonly reportId?: string | undefined;
}

export type EntryStatus = 'new' | 'running' | 'error' | 'failed' | 'ignored' | 'finished';

export interface NotificationEntry extends Entry {
  readonly type: NotificationType;
  readonly sourceHostUuid: string;
  readonly segmentUuid: string | undefined;
  readonly generatedAtMs: number;
  readonly payload: Readonly<Record<string, string>>;
  readonly status: EntryStatus;
  /** Why it stands as it does, in words: the hold, the reason of a failure. */
  readonly message: string | undefined;
}

export interface WorkflowTask {
  readonly name: string;
  readonly state: 'PENDING' | 'RUNNING' | 'SUCCESS' | 'FAILURE';
  /** From 0 to 1. */
  readonly progress: number;
  readonly steps: readonly { readonly atMs: number; readonly message: string; readonly progress: number }[];
}

export interface VmoveEntry extends Entry {
  readonly notificationUuid: string;
  readonly instanceUuid: string;
  readonly instanceName: string;
  readonly sourceHost: string;
  readonly destHost: string | undefined;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly type: 'evacuation';
  readonly status: 'pending' | 'ongoing' | 'ignored' | 'failed' | 'succeeded';
  readonly message: string | undefined;
}

/** Which part of a list, and in which order. Without `sort`: newest first, then by id, falling. */
export interface Page {
  /** At most this many; never more than the configured page. */
  readonly limit: number;
  /** The id of the row before the first one; REGISTRY_REFUSED when there is none. */
  readonly marker: string | undefined;
  /** Keys are Masakari's column names: created_at, name, recovery_method …; REGISTRY_REFUSED for others. */
  readonly sort: readonly { readonly key: string; readonly direction: 'asc' | 'desc' }[];
}

export interface SegmentQuery extends Page {
  readonly recoveryMethod?: string;
  readonly serviceType?: string;
  readonly enabled?: boolean;
}

export interface HostQuery extends Page {
  readonly name?: string;
  readonly type?: string;
  readonly controlAttributes?: string;
  readonly reserved?: boolean;
  readonly onMaintenance?: boolean;
}

export interface NotificationQuery extends Page {
  readonly sourceHostUuid?: string;
  readonly type?: string;
  readonly status?: string;
  readonly generatedSinceMs?: number;
}

export interface VmoveQuery extends Page {
  readonly type?: string;
  readonly status?: string;
}
