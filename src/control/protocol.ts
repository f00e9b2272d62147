import type { HoldKind, Verdict } from '../bridge/verdict.ts';
import type { MoveState } from '../engine/move.ts';
import type { RecoveryState } from '../engine/recovery.ts';
import type { ImportedNotification, ImportedSegment } from '../engine/registry/registry.ts';

/**
 * What is said over the daemon's control socket: one JSON line in, one JSON line out, then the daemon hangs up. Times
 * are milliseconds since the epoch. Only types here: the agents bundle it.
 */
export type ControlRequest =
  /** "Look now", from the alert agent. Answered at once; the alert itself is only for the log. */
  | { readonly op: 'wake'; readonly alert: AlertVariables }
  | { readonly op: 'health' }
  | { readonly op: 'status' }
  /** What a recovery of the host would do now; by its name in Nova or that of its node. */
  | { readonly op: 'plan'; readonly host: string }
  | Order;

/** What an operator wants done. `by` is what the caller says of itself: whoever may open the socket is believed. */
export type Order =
  | { readonly op: 'pause'; readonly by: string; readonly reason: string }
  | { readonly op: 'resume'; readonly by: string }
  /** Without hosts: all that the storm guard holds. */
  | { readonly op: 'proceed'; readonly hosts: readonly string[]; readonly by: string; readonly reason?: string }
  /** A segment of Masakari, with the uuids that it has there. What is there already stays as it is. */
  | { readonly op: 'import'; readonly segment: ImportedSegment; readonly by: string }
  /** Notifications that have ended in Masakari. What is there already stays as it is. */
  | { readonly op: 'import-history'; readonly notifications: readonly ImportedNotification[]; readonly by: string }
  /** `target`: a host, a node, a recovery's id, an instance's id or name. */
  | {
      readonly op: 'retry' | 'cancel' | 'acknowledge';
      readonly target: string;
      readonly by: string;
      readonly reason?: string;
    };

/** The CRM_alert_* variables of one alert, under their own names. Empty when an operator wakes the daemon. */
export type AlertVariables = Readonly<Record<string, string>>;

export interface Answers {
  readonly wake: Woken;
  readonly health: Health;
  readonly status: Status;
  readonly plan: PlanStatus;
  readonly pause: OrderAnswer;
  readonly resume: OrderAnswer;
  readonly proceed: OrderAnswer;
  readonly retry: OrderAnswer;
  readonly cancel: OrderAnswer;
  readonly import: OrderAnswer;
  readonly 'import-history': OrderAnswer;
  readonly acknowledge: OrderAnswer;
}

/** What was done, or why it was not, and what to do then; one line each, without a full stop. */
export interface OrderAnswer {
  readonly outcome: 'done' | 'refused';
  readonly lines: readonly string[];
}

export interface Woken {
  readonly woken: true;
}

export type ControlResponse<Op extends keyof Answers = keyof Answers> =
  { readonly ok: true; readonly result: Answers[Op] } | { readonly ok: false; readonly error: ControlRefusal };

export interface ControlRefusal {
  /** bad-request: the line was not understood. failed: it was, and the daemon could not answer. */
  readonly code: 'bad-request' | 'failed';
  readonly message: string;
}

/** `deposed`: another engine has taken the lease; this one does nothing more and is to be stopped. */
export type DaemonState = 'starting' | 'active' | 'paused' | 'deposed';
export type CloudState = 'ok' | 'unavailable' | 'unknown';

export interface Health {
  readonly state: DaemonState;
  readonly version: string;
  readonly pid: number;
  /** The cluster node that it runs on. */
  readonly node: string;
  /** Recoveries that are at work. */
  readonly recovering: number;
  /** Recoveries and losses that wait on purpose. */
  readonly held: number;
  /**
   * Recoveries that ended with an instance that could not be moved, whose host is not released yet, and which no operator
   * has acknowledged.
   */
  readonly failed: number;
  /** One line, as crm_mon shows it: "active, 1 recovering, 0 held". */
  readonly summary: string;
  /** The most urgent first. */
  readonly holds: readonly HoldStatus[];
  /** Age of the last whole snapshot of the cluster in milliseconds; undefined before the first. */
  readonly snapshotAgeMs: number | undefined;
  /** Since the daemon began; absent when it does not say, as before this field was there. */
  readonly uptimeMs?: number;
  /** In words: by whom, since when, why; absent while Lifeboat is not paused. */
  readonly paused?: string;
  readonly cloud: CloudState;
  /** Addresses of the API that cannot be listened on; absent when it does not say. */
  readonly deaf?: readonly DeafAddress[];
}

export interface DeafAddress {
  /** 10.0.0.11:15868 */
  readonly address: string;
  readonly reason: string;
}

export interface HoldStatus {
  readonly host: string;
  readonly kind: HoldKind;
  /** The kind in two or three words. */
  readonly inShort: string;
  readonly reason: string;
  readonly remedy: string | undefined;
}

export interface Status extends Health {
  readonly hosts: readonly HostStatus[];
  /** Newest first. */
  readonly recoveries: readonly RecoveryStatus[];
  /** Absent while there are none. */
  readonly reports?: readonly ReportStatus[];
  /** Absent when it does not say. */
  readonly capacity?: CapacityStatus;
  /** What Masakari is told, newest first; absent when Lifeboat has an engine of its own. */
  readonly masakariReports?: readonly MasakariReportStatus[];
}

/** A proven failure that an existing Masakari is to answer. */
export interface MasakariReportStatus {
  readonly host: string;
  readonly node: string;
  /** `dropped`: not told any more; the reason says why. */
  readonly state: 'waiting' | 'told' | 'dropped';
  readonly reason: string | undefined;
  readonly fencedAtMs: number;
  readonly settledAtMs: number | undefined;
}

/** Whether the instances of each host would find a place if it died. */
export interface CapacityStatus {
  /** Hosts of which it is known. */
  readonly looked: number;
  /** Hosts with instances that have no place. */
  readonly short: number;
  /** The worst of them first, and not more than a page. */
  readonly shortfalls: readonly ShortfallStatus[];
  /** Why it cannot be told, if so. */
  readonly failure: string | undefined;
}

export interface ShortfallStatus {
  readonly host: string;
  readonly homeless: number;
  readonly of: number;
  /** In one sentence. */
  readonly sentence: string;
}

export type PlanStatus =
  | {
      readonly outcome: 'planned';
      readonly host: string;
      /** What would keep the engine from carrying it out now. */
      readonly obstacles: readonly { readonly reason: string; readonly remedy: string | undefined }[];
      /** Why Placement could not be asked, if so. */
      readonly failure: string | undefined;
      /** In the order in which they would be sent; what stays comes last. */
      readonly moves: readonly PlannedStatus[];
    }
  | { readonly outcome: 'refused'; readonly reason: string; readonly remedy: string };

export interface PlannedStatus {
  readonly instance: string;
  readonly name: string;
  readonly priority: number;
  readonly group: string | undefined;
  /** Groups that it starts after. */
  readonly after: readonly string[];
  /** `none`: no host has room for it. `left`: it stays, and is not meant to be moved. */
  readonly place: 'host' | 'reserved' | 'none' | 'left' | 'unknown';
  /** Where Placement has room; Nova may choose another. */
  readonly host: string | undefined;
  readonly reason: string | undefined;
}

export interface HostStatus {
  readonly node: string;
  /** undefined while the node cannot be matched to a Nova host. */
  readonly host: string | undefined;
  readonly state: Verdict['state'];
  /** When it was lost; undefined while it is not. */
  readonly lostSinceMs: number | undefined;
  readonly reason: string | undefined;
  readonly remedy: string | undefined;
}

/** What a monitor has reported of one instance or one process. */
export interface ReportStatus {
  readonly host: string;
  /** The id of an instance, or the name of a process. */
  readonly subject: string;
  readonly state: 'at work' | 'failed';
  readonly reason: string | undefined;
  readonly sinceMs: number;
}

export interface RecoveryStatus {
  readonly id: string;
  readonly host: string;
  readonly node: string;
  readonly state: RecoveryState;
  readonly reason: string | undefined;
  readonly remedy: string | undefined;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | undefined;
  /** An operator knows how it ended; absent when nobody said so. */
  readonly acknowledged?: string;
  readonly proof: ProofStatus;
  readonly moves: readonly MoveStatus[];
}

export interface ProofStatus {
  readonly by: string;
  readonly action: string | undefined;
  readonly completedAtMs: number;
}

export interface MoveStatus {
  readonly instance: string;
  readonly name: string;
  readonly state: MoveState;
  readonly from: string;
  readonly to: string | undefined;
  readonly reason: string | undefined;
  /** From the first call to the end, or until now; undefined before the first call. */
  readonly seconds: number | undefined;
}
