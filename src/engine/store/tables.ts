import { sql, type Kysely } from 'kysely';

/** The tables. Nested values are JSON text; times are milliseconds since the epoch. */
export interface Tables {
  notification: NotificationRow;
  recovery: RecoveryRow;
  move: MoveRow;
  suspect: SuspectRow;
  segment: SegmentRow;
  segment_host: SegmentHostRow;
  taking: TakingRow;
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

export interface SegmentRow {
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

export interface SegmentHostRow {
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

const VERSION = 3;

/** Brings the file to this version. Throws when the file was written by a newer Lifeboat. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const found = await sql<{ user_version: number }>`PRAGMA user_version`.execute(db);
  const version = found.rows[0]?.user_version ?? 0;
  if (version > VERSION) throw new Error(`it has version ${version}, this Lifeboat knows ${VERSION}`);
  if (version === VERSION) return;
  await db.transaction().execute(async (trx) => {
    if (version < 1) await createTables(trx);
    if (version < 2) await trx.schema.alterTable('move').addColumn('wanted_state', 'text').execute();
    if (version < 3) await addSegments(trx);
    if (version < 3) await trx.schema.alterTable('recovery').addColumn('orders', 'text').execute();
    await sql`PRAGMA user_version = ${sql.lit(VERSION)}`.execute(trx);
  });
}

/** Version 1. What came later is added to it step by step, so that an old file and a new one end alike. */
async function createTables(trx: Kysely<Tables>): Promise<void> {
  await trx.schema
    .createTable('notification')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('proof_id', 'text', (c) => c.notNull().unique())
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('node', 'text', (c) => c.notNull())
    .addColumn('proof', 'text', (c) => c.notNull())
    .addColumn('lost_since', 'integer', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .execute();
  await trx.schema
    .createTable('recovery')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('notification_id', 'text', (c) => c.notNull().references('notification.id'))
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('node', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('hold', 'text')
    .addColumn('resume_to', 'text')
    .addColumn('reason', 'text')
    .addColumn('proof', 'text', (c) => c.notNull())
    .addColumn('lost_since', 'integer', (c) => c.notNull())
    .addColumn('isolation', 'text')
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .addColumn('first_accepted_at', 'integer')
    .addColumn('ended_at', 'integer')
    .addColumn('released_at', 'integer')
    .execute();
  await trx.schema.createIndex('recovery_state').on('recovery').column('state').execute();
  await trx.schema
    .createTable('move')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('recovery_id', 'text', (c) => c.notNull().references('recovery.id'))
    .addColumn('instance_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('source_host', 'text', (c) => c.notNull())
    .addColumn('target_host', 'text')
    .addColumn('former_vm_state', 'text', (c) => c.notNull())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('past_evacuation_id', 'integer', (c) => c.notNull())
    .addColumn('sent_at', 'integer')
    .addColumn('accepted_at', 'integer')
    .addColumn('ended_at', 'integer')
    .addUniqueConstraint('move_once', ['recovery_id', 'instance_id'])
    .execute();
  await trx.schema
    .createTable('suspect')
    .addColumn('host', 'text', (c) => c.primaryKey())
    .addColumn('node', 'text', (c) => c.notNull())
    .addColumn('service_id', 'text', (c) => c.notNull())
    .addColumn('was_disabled', 'integer', (c) => c.notNull())
    .addColumn('since', 'integer', (c) => c.notNull())
    .addColumn('isolated', 'integer', (c) => c.notNull())
    .execute();
}

/** Version 3: order, segments, and the reserved hosts that are taken. */
async function addSegments(trx: Kysely<Tables>): Promise<void> {
  await trx.schema.alterTable('move').addColumn('rank', 'text').execute();
  await trx.schema.alterTable('move').addColumn('way', 'text').execute();
  await trx.schema
    .createTable('segment')
    .addColumn('uuid', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('description', 'text')
    .addColumn('service_type', 'text', (c) => c.notNull())
    .addColumn('recovery_method', 'text', (c) => c.notNull())
    .addColumn('enabled', 'integer', (c) => c.notNull())
    .addColumn('declared', 'integer', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .execute();
  await trx.schema
    .createTable('segment_host')
    .addColumn('uuid', 'text', (c) => c.primaryKey())
    .addColumn('segment_uuid', 'text', (c) => c.notNull().references('segment.uuid'))
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('control_attributes', 'text', (c) => c.notNull())
    .addColumn('reserved', 'integer', (c) => c.notNull())
    .addColumn('on_maintenance', 'integer', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .execute();
  await trx.schema
    .createTable('taking')
    .addColumn('host', 'text', (c) => c.primaryKey())
    .addColumn('service_id', 'text', (c) => c.notNull())
    .addColumn('failed_host', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('was_enabled', 'integer', (c) => c.notNull())
    .addColumn('former_reason', 'text')
    .addColumn('aggregates', 'text', (c) => c.notNull())
    .addColumn('since', 'integer', (c) => c.notNull())
    .execute();
}
