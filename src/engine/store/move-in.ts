import type { Kysely } from 'kysely';
import type { NewNotice } from '../registry/notice.ts';
import type { ImportedStamp } from '../registry/registry.ts';
import type { Segment, SegmentHost } from '../segments/segment.ts';
import type { CountedTable } from './counter-table.ts';
import type { SqlDialect } from './dialect.ts';
import { newNoticeRow } from './notice-rows.ts';
import { segmentHostRow, segmentRow } from './rows.ts';
import type { Tables } from './tables.ts';

/** What another system had registered. */
export interface MovedIn {
  readonly segments: readonly (ImportedStamp & Omit<Segment, 'hosts'>)[];
  readonly hosts: readonly (ImportedStamp & SegmentHost & { readonly segmentUuid: string })[];
  readonly notices: readonly (ImportedStamp & NewNotice)[];
}

/** Rows of one statement. */
const ROWS_AT_ONCE = 500;

/** Writes what is not there yet, by uuid. In one transaction: the same again changes nothing. */
export async function moveIn(trx: Kysely<Tables>, moved: MovedIn, dialect: SqlDialect): Promise<void> {
  await moveSegments(trx, moved.segments, dialect);
  await moveHosts(trx, moved.hosts, dialect);
  await moveNotices(trx, moved.notices, dialect);
}

async function moveSegments(trx: Kysely<Tables>, segments: MovedIn['segments'], { now }: SqlDialect): Promise<void> {
  const there = await trx.selectFrom('segment').select(['uuid', 'position']).execute();
  const known = new Set(there.map(({ uuid }) => uuid));
  let last = Math.max(-1, ...there.map(({ position }) => position));
  const fresh = segments.filter(({ uuid }) => !known.has(uuid));
  for (const segment of await numbered(trx, 'segment', fresh)) {
    last += 1;
    await trx
      .insertInto('segment')
      .values({ ...segmentRow(segment, last), ...stampOf(segment, now) })
      .execute();
  }
}

async function moveHosts(trx: Kysely<Tables>, hosts: MovedIn['hosts'], { now }: SqlDialect): Promise<void> {
  const there = await trx.selectFrom('segment_host').select(['uuid', 'segment_uuid', 'position']).execute();
  const known = new Set(there.map(({ uuid }) => uuid));
  const last = new Map<string, number>();
  for (const { position, segment_uuid: uuid } of there) last.set(uuid, Math.max(last.get(uuid) ?? -1, position));
  const fresh = hosts.filter(({ uuid }) => !known.has(uuid));
  for (const host of await numbered(trx, 'segment_host', fresh)) {
    const position = (last.get(host.segmentUuid) ?? -1) + 1;
    last.set(host.segmentUuid, position);
    await trx
      .insertInto('segment_host')
      .values({ ...segmentHostRow(host, host.segmentUuid, position), ...stampOf(host, now) })
      .execute();
  }
}

async function moveNotices(trx: Kysely<Tables>, notices: MovedIn['notices'], { now }: SqlDialect): Promise<void> {
  if (notices.length === 0) return;
  const uuids = notices.map(({ uuid }) => uuid);
  const there = await trx.selectFrom('notice').select('uuid').where('uuid', 'in', uuids).execute();
  const known = new Set(there.map(({ uuid }) => uuid));
  const fresh = notices.filter(({ uuid }) => !known.has(uuid));
  const rows = (await numbered(trx, 'notice', fresh)).map((notice) => ({
    ...newNoticeRow(notice),
    ...stampOf(notice, now),
  }));
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    await trx
      .insertInto('notice')
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .execute();
  }
}

/** The transaction has the lease's row: nobody else counts meanwhile. */
async function numbered<T extends ImportedStamp>(
  trx: Kysely<Tables>,
  name: CountedTable,
  rows: readonly T[],
): Promise<readonly (T & { readonly number: number })[]> {
  if (rows.length === 0) return [];
  const { given } = await trx.selectFrom('counter').select('given').where('name', '=', name).executeTakeFirstOrThrow();
  const { last, rows: done } = giveNumbers(rows, given);
  await trx.updateTable('counter').set({ given: last }).where('name', '=', name).execute();
  return done;
}

/**
 * Numbers that were never given here are kept. `given`: the greatest that was; `last`: the greatest that is then. Those
 * that keep theirs come first, so that no new one is one of these.
 */
export function giveNumbers<T extends ImportedStamp>(
  rows: readonly T[],
  given: number,
): { readonly last: number; readonly rows: readonly (T & { readonly number: number })[] } {
  const kept = ({ number }: T): number | undefined => (number !== undefined && number > given ? number : undefined);
  let last = rows.reduce((greatest, row) => Math.max(greatest, kept(row) ?? 0), given);
  const done = rows.map((row) => ({ ...row, number: kept(row) ?? (last += 1) }));
  return { last, rows: done };
}

function stampOf(
  { createdAtMs, number, updatedAtMs }: ImportedStamp & { readonly number: number },
  now: SqlDialect['now'],
) {
  return { number, created_at: createdAtMs ?? now(), updated_at: updatedAtMs ?? null };
}
