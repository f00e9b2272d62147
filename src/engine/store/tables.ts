/** The tables. Nested values are JSON text; times are milliseconds since the epoch. */
export interface Tables {
  notification: NotificationRow;
  recovery: RecoveryRow;
  move: MoveRow;
  suspect: SuspectRow;
  segment: SegmentRow;
  segment_host: SegmentHostRow;
  taking: TakingRow;
  notice: NoticeRow;
  counter: CounterRow;
  lease: LeaseRow;
}

export interface NotificationRow {
  id: string;
  /** One failure has one proof: this is what makes a doubled notification harmless (S3). */
  proof_id: string;
  host: string;
  node: string;
  proof: string;
  lost_since: number;
  status: string;
  created_at: number;
}

export interface RecoveryRow {
  id: string;
  notification_id: string;
  host: string;
  node: string;
  state: string;
  hold: string | null;
  resume_to: string | null;
  reason: string | null;
  proof: string;
  lost_since: number;
  isolation: string | null;
  /** Null in what version 2 wrote. */
  orders: string | null;
  created_at: number;
  first_accepted_at: number | null;
  ended_at: number | null;
  released_at: number | null;
}

export interface MoveRow {
  id: string;
  recovery_id: string;
  instance_id: string;
  name: string;
  state: string;
  reason: string | null;
  source_host: string;
  target_host: string | null;
  former_vm_state: string;
  /** Null in what version 1 wrote. */
  wanted_state: string | null;
  failures: number;
  past_evacuation_id: number;
  sent_at: number | null;
  accepted_at: number | null;
  ended_at: number | null;
  /** Null, as the way, in what version 2 wrote. */
  rank: string | null;
  way: string | null;
}

export interface SuspectRow {
  host: string;
  node: string;
  service_id: string;
  was_disabled: number;
  since: number;
  isolated: number;
}

export interface StampRow {
  /** Grows and is never given twice; see counter. */
  number: number;
  created_at: number;
  updated_at: number | null;
}

export interface SegmentRow extends StampRow {
  uuid: string;
  name: string;
  description: string | null;
  service_type: string;
  recovery_method: string;
  enabled: number;
  /** Stands in the configuration file. */
  declared: number;
  position: number;
}

export interface SegmentHostRow extends StampRow {
  uuid: string;
  segment_uuid: string;
  name: string;
  type: string;
  control_attributes: string;
  reserved: number;
  on_maintenance: number;
  position: number;
}

export interface TakingRow {
  host: string;
  service_id: string;
  failed_host: string;
  state: string;
  was_enabled: number;
  former_reason: string | null;
  aggregates: string;
  since: number;
}

/** A notification as the API shows it. What the bridge has proven has a row of the same id in `notification`. */
export interface NoticeRow extends StampRow {
  uuid: string;
  /** 'bridge', 'report' or 'imported'. */
  origin: string;
  type: string;
  host: string;
  source_host_uuid: string;
  segment_uuid: string | null;
  payload: string;
  generated_at: number;
  status: string;
  message: string | null;
  recovery_id: string | null;
  work: string | null;
}

/** The greatest number that was ever given in a table. AUTO_INCREMENT would count in steps on Galera, and forget. */
export interface CounterRow {
  name: string;
  given: number;
}

export interface LeaseRow {
  name: string;
  holder: string;
  epoch: number;
  duration: number;
  /** By the database's clock. */
  expires_at: number;
  /** How often something was written under the lease, whoever held it. */
  writes: number;
}
