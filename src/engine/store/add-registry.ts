import { sql, type Kysely } from 'kysely';
import { ownNotice } from '../registry/own-notice.ts';
import { COUNTED } from './counter-table.ts';
import type { SqlDialect } from './dialect.ts';
import { insertNotice, sourceOf } from './notice-table.ts';
import { notificationOf, recoveryOf } from './rows.ts';
import type { Tables } from './tables.ts';

/**
 * What Masakari's API shows: numbers and times of segments and their hosts, and a row for each notification, those of
 * before too. On MariaDB each of these steps may be found done or half done.
 */
export async function addRegistry(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  const { integer } = dialect.types;
  for (const table of ['segment', 'segment_host'])
    for (const column of ['number', 'created_at', 'updated_at']) await dialect.addColumn(db, table, column, integer);
  await createCounter(db, dialect);
  await createNotice(db, dialect);
  await numberRows(db, 'segment', dialect);
  await numberRows(db, 'segment_host', dialect);
  await countOn(db);
  await writeOwnNotices(db, dialect);
}

async function createCounter(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  const { name, integer } = dialect.types;
  await db.schema
    .createTable('counter')
    .ifNotExists()
    .addColumn('name', name, (c) => c.primaryKey())
    .addColumn('given', integer, (c) => c.notNull())
    .modifyEnd(dialect.tableOptions)
    .execute();
}

async function createNotice(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  const { name, text, integer } = dialect.types;
  await db.schema
    .createTable('notice')
    .ifNotExists()
    .addColumn('uuid', name, (c) => c.primaryKey())
    .addColumn('number', integer, (c) => c.notNull().unique())
    .addColumn('origin', name, (c) => c.notNull())
    .addColumn('type', name, (c) => c.notNull())
    .addColumn('host', name, (c) => c.notNull())
    .addColumn('source_host_uuid', name, (c) => c.notNull())
    .addColumn('segment_uuid', name)
    .addColumn('payload', text, (c) => c.notNull())
    .addColumn('generated_at', integer, (c) => c.notNull())
    .addColumn('status', name, (c) => c.notNull())
    .addColumn('message', text)
    .addColumn('recovery_id', name)
    .addColumn('work', text)
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('updated_at', integer)
    .modifyEnd(dialect.tableOptions)
    .execute();
  for (const column of ['recovery_id', 'source_host_uuid', 'status'] as const)
    await db.schema.createIndex(`notice_${column}`).ifNotExists().on('notice').column(column).execute();
}

/** In the order in which they stand. */
async function numberRows(db: Kysely<Tables>, table: 'segment' | 'segment_host', { now }: SqlDialect): Promise<void> {
  let number = await greatestNumber(db, table);
  const unnumbered = await db
    .selectFrom(table)
    .select('uuid')
    .where('number', 'is', null)
    .orderBy('position')
    .execute();
  for (const { uuid } of unnumbered) {
    number += 1;
    await db.updateTable(table).set({ number, created_at: now() }).where('uuid', '=', uuid).execute();
  }
}

async function greatestNumber(db: Kysely<Tables>, table: (typeof COUNTED)[number]): Promise<number> {
  const { rows } = await sql<{
    greatest: number | null;
  }>`select max(number) as greatest from ${sql.table(table)}`.execute(db);
  return rows[0]?.greatest ?? 0;
}

async function countOn(db: Kysely<Tables>): Promise<void> {
  for (const name of COUNTED) {
    const given = await greatestNumber(db, name);
    const there = await db.selectFrom('counter').select('given').where('name', '=', name).executeTakeFirst();
    if (there === undefined) await db.insertInto('counter').values({ name, given }).execute();
    else if (there.given < given) await db.updateTable('counter').set({ given }).where('name', '=', name).execute();
  }
}

async function writeOwnNotices(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
  const unshown = await db
    .selectFrom('notification')
    .leftJoin('notice', 'notice.uuid', 'notification.id')
    .selectAll('notification')
    .where('notice.uuid', 'is', null)
    .orderBy('notification.created_at')
    .execute();
  for (const row of unshown) {
    const recovery = await db
      .selectFrom('recovery')
      .selectAll()
      .where('notification_id', '=', row.id)
      .orderBy('created_at', 'desc')
      .executeTakeFirst();
    const notice = ownNotice(notificationOf(row), recovery && recoveryOf(recovery), await sourceOf(db, row.host));
    await insertNotice(db, notice, dialect, row.created_at);
  }
}
