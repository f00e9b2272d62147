import type { Kysely } from 'kysely';
import { addRegistry } from './add-registry.ts';
import type { SqlDialect } from './dialect.ts';
import type { Tables } from './tables.ts';

type Step = (db: Kysely<Tables>, dialect: SqlDialect) => Promise<void>;

/**
 * From one version to the next, the first of them from nothing. What was released is never changed: an old store and a
 * new one end alike. MariaDB cannot roll DDL back, so there each step may be found half done and must be able to be done
 * again; it has no version before 4 in the field.
 */
const STEPS: readonly Step[] = [createTables, addWantedState, addSegments, addLease, addRegistry, addReportIndex];

export const VERSION = STEPS.length;

/** Throws when the store was written by a newer Lifeboat. */
export async function checkVersion(db: Kysely<Tables>, dialect: SqlDialect): Promise<number> {
  const version = await dialect.readVersion(db);
  if (version > VERSION) throw new Error(`it has version ${version}, this Lifeboat knows ${VERSION}`);
  return version;
}

/** Brings the store to this version. To be called by one process at a time. */
export async function migrate(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  const version = await checkVersion(db, dialect);
  for (const [index, step] of STEPS.entries()) {
    if (index < version) continue;
    await step(db, dialect);
    await dialect.writeVersion(db, index + 1);
  }
}

async function createTables(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  const { name, text, integer } = dialect.types;
  const isEnforced = dialect.references === 'enforced';
  await db.schema
    .createTable('notification')
    .ifNotExists()
    .addColumn('id', name, (c) => c.primaryKey())
    .addColumn('proof_id', name, (c) => c.notNull().unique())
    .addColumn('host', name, (c) => c.notNull())
    .addColumn('node', name, (c) => c.notNull())
    .addColumn('proof', text, (c) => c.notNull())
    .addColumn('lost_since', integer, (c) => c.notNull())
    .addColumn('status', name, (c) => c.notNull())
    .addColumn('created_at', integer, (c) => c.notNull())
    .modifyEnd(dialect.tableOptions)
    .execute();
  await db.schema
    .createTable('recovery')
    .ifNotExists()
    .addColumn('id', name, (c) => c.primaryKey())
    .addColumn('notification_id', name, (c) => (isEnforced ? c.notNull().references('notification.id') : c.notNull()))
    .addColumn('host', name, (c) => c.notNull())
    .addColumn('node', name, (c) => c.notNull())
    .addColumn('state', name, (c) => c.notNull())
    .addColumn('hold', text)
    .addColumn('resume_to', name)
    .addColumn('reason', text)
    .addColumn('proof', text, (c) => c.notNull())
    .addColumn('lost_since', integer, (c) => c.notNull())
    .addColumn('isolation', text)
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('first_accepted_at', integer)
    .addColumn('ended_at', integer)
    .addColumn('released_at', integer)
    .modifyEnd(dialect.tableOptions)
    .execute();
  await db.schema.createIndex('recovery_state').ifNotExists().on('recovery').column('state').execute();
  await db.schema
    .createTable('move')
    .ifNotExists()
    .addColumn('id', name, (c) => c.primaryKey())
    .addColumn('recovery_id', name, (c) => (isEnforced ? c.notNull().references('recovery.id') : c.notNull()))
    .addColumn('instance_id', name, (c) => c.notNull())
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('state', name, (c) => c.notNull())
    .addColumn('reason', text)
    .addColumn('source_host', name, (c) => c.notNull())
    .addColumn('target_host', name)
    .addColumn('former_vm_state', name, (c) => c.notNull())
    .addColumn('failures', integer, (c) => c.notNull())
    .addColumn('past_evacuation_id', integer, (c) => c.notNull())
    .addColumn('sent_at', integer)
    .addColumn('accepted_at', integer)
    .addColumn('ended_at', integer)
    .addUniqueConstraint('move_once', ['recovery_id', 'instance_id'])
    .modifyEnd(dialect.tableOptions)
    .execute();
  await db.schema
    .createTable('suspect')
    .ifNotExists()
    .addColumn('host', name, (c) => c.primaryKey())
    .addColumn('node', name, (c) => c.notNull())
    .addColumn('service_id', name, (c) => c.notNull())
    .addColumn('was_disabled', integer, (c) => c.notNull())
    .addColumn('since', integer, (c) => c.notNull())
    .addColumn('isolated', integer, (c) => c.notNull())
    .modifyEnd(dialect.tableOptions)
    .execute();
}

async function addWantedState(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  await dialect.addColumn(db, 'move', 'wanted_state', dialect.types.name);
}

/** Order, segments, the reserved hosts that are taken, and what an operator said. */
async function addSegments(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  const { name, text, integer } = dialect.types;
  const isEnforced = dialect.references === 'enforced';
  await dialect.addColumn(db, 'move', 'rank', text);
  await dialect.addColumn(db, 'move', 'way', text);
  await dialect.addColumn(db, 'recovery', 'orders', text);
  await db.schema
    .createTable('segment')
    .ifNotExists()
    .addColumn('uuid', name, (c) => c.primaryKey())
    .addColumn('name', name, (c) => c.notNull().unique())
    .addColumn('description', text)
    .addColumn('service_type', name, (c) => c.notNull())
    .addColumn('recovery_method', name, (c) => c.notNull())
    .addColumn('enabled', integer, (c) => c.notNull())
    .addColumn('declared', integer, (c) => c.notNull())
    .addColumn('position', integer, (c) => c.notNull())
    .modifyEnd(dialect.tableOptions)
    .execute();
  await db.schema
    .createTable('segment_host')
    .ifNotExists()
    .addColumn('uuid', name, (c) => c.primaryKey())
    .addColumn('segment_uuid', name, (c) => (isEnforced ? c.notNull().references('segment.uuid') : c.notNull()))
    .addColumn('name', name, (c) => c.notNull().unique())
    .addColumn('type', name, (c) => c.notNull())
    .addColumn('control_attributes', text, (c) => c.notNull())
    .addColumn('reserved', integer, (c) => c.notNull())
    .addColumn('on_maintenance', integer, (c) => c.notNull())
    .addColumn('position', integer, (c) => c.notNull())
    .modifyEnd(dialect.tableOptions)
    .execute();
  await db.schema
    .createTable('taking')
    .ifNotExists()
    .addColumn('host', name, (c) => c.primaryKey())
    .addColumn('service_id', name, (c) => c.notNull())
    .addColumn('failed_host', name, (c) => c.notNull())
    .addColumn('state', name, (c) => c.notNull())
    .addColumn('was_enabled', integer, (c) => c.notNull())
    .addColumn('former_reason', text)
    .addColumn('aggregates', text, (c) => c.notNull())
    .addColumn('since', integer, (c) => c.notNull())
    .modifyEnd(dialect.tableOptions)
    .execute();
}

async function addLease(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  await createLease(db, dialect);
  await db.schema.createIndex('recovery_notification').ifNotExists().on('recovery').column('notification_id').execute();
}

/** In MariaDB it is there before everything else: whoever holds it migrates. */
export async function createLease(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  const { name, text, integer } = dialect.types;
  await db.schema
    .createTable('lease')
    .ifNotExists()
    .addColumn('name', name, (c) => c.primaryKey())
    .addColumn('holder', text, (c) => c.notNull())
    .addColumn('epoch', integer, (c) => c.notNull())
    .addColumn('duration', integer, (c) => c.notNull())
    .addColumn('expires_at', integer, (c) => c.notNull())
    .addColumn('writes', integer, (c) => c.notNull())
    .modifyEnd(dialect.tableOptions)
    .execute();
}

/** Whether a report is a duplicate is asked before each is taken, among those of its host's last minutes. */
async function addReportIndex(db: Kysely<Tables>): Promise<void> {
  const columns = ['source_host_uuid', 'generated_at'];
  await db.schema.createIndex('notice_report').ifNotExists().on('notice').columns(columns).execute();
}
