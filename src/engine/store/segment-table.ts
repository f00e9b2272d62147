import type { Kysely } from 'kysely';
import type { Segment, SegmentHost } from '../segments/segment.ts';
import { nextNumber } from './counter-table.ts';
import type { SqlDialect } from './dialect.ts';
import type { StoredHost, StoredSegment } from './registry-store.ts';
import { segmentHostRow, segmentOf, segmentRow } from './rows.ts';
import type { SegmentHostRow, SegmentRow, StampRow, Tables } from './tables.ts';

export function storedSegment(row: SegmentRow): StoredSegment {
  const { declared, description, enabled, name, recoveryMethod, serviceType, uuid } = segmentOf(row, []);
  return { uuid, name, description, serviceType, recoveryMethod, enabled, declared, ...stampOf(row) };
}

export function storedHost(row: SegmentHostRow): StoredHost {
  return {
    uuid: row.uuid,
    name: row.name,
    type: row.type,
    controlAttributes: row.control_attributes,
    reserved: row.reserved !== 0,
    onMaintenance: row.on_maintenance !== 0,
    segmentUuid: row.segment_uuid,
    ...stampOf(row),
  };
}

function stampOf({ created_at, number, updated_at }: StampRow): {
  readonly id: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number | undefined;
} {
  return { id: number, createdAtMs: created_at, updatedAtMs: updated_at ?? undefined };
}

/** These and no others, in this order; who was there before keeps number and times. */
export async function replaceSegments(
  trx: Kysely<Tables>,
  segments: readonly Segment[],
  { now }: SqlDialect,
): Promise<void> {
  const former = new Map<string, SegmentRow | SegmentHostRow>();
  for (const row of await trx.selectFrom('segment').selectAll().execute()) former.set(row.uuid, row);
  for (const row of await trx.selectFrom('segment_host').selectAll().execute()) former.set(row.uuid, row);
  await trx.deleteFrom('segment_host').execute();
  await trx.deleteFrom('segment').execute();
  for (const [position, segment] of segments.entries()) {
    const row = segmentRow(segment, position);
    const stamp = keptStamp(row, former.get(row.uuid), now) ?? (await newStamp(trx, 'segment', now));
    await trx
      .insertInto('segment')
      .values({ ...row, ...stamp })
      .execute();
    for (const [place, host] of segment.hosts.entries()) {
      const hostRow = segmentHostRow(host, segment.uuid, place);
      const kept = keptStamp(hostRow, former.get(host.uuid), now) ?? (await newStamp(trx, 'segment_host', now));
      await trx
        .insertInto('segment_host')
        .values({ ...hostRow, ...kept })
        .execute();
    }
  }
}

export async function insertSegment(
  trx: Kysely<Tables>,
  segment: Omit<Segment, 'hosts'>,
  { now }: SqlDialect,
): Promise<void> {
  if (await isThere(trx, 'segment', segment.uuid)) return;
  const last = await trx.selectFrom('segment').select('position').orderBy('position', 'desc').limit(1).execute();
  const row = segmentRow(segment, (last[0]?.position ?? -1) + 1);
  await trx
    .insertInto('segment')
    .values({ ...row, ...(await newStamp(trx, 'segment', now)) })
    .execute();
}

export async function updateSegment(
  trx: Kysely<Tables>,
  segment: Omit<Segment, 'hosts'>,
  { now }: SqlDialect,
): Promise<void> {
  const there = await trx.selectFrom('segment').select('position').where('uuid', '=', segment.uuid).executeTakeFirst();
  if (there === undefined) return;
  await trx
    .updateTable('segment')
    .set({ ...segmentRow(segment, there.position), updated_at: now() })
    .where('uuid', '=', segment.uuid)
    .execute();
}

export async function deleteSegment(trx: Kysely<Tables>, uuid: string): Promise<void> {
  await trx.deleteFrom('segment_host').where('segment_uuid', '=', uuid).execute();
  await trx.deleteFrom('segment').where('uuid', '=', uuid).execute();
}

export async function insertHost(
  trx: Kysely<Tables>,
  segmentUuid: string,
  host: SegmentHost,
  { now }: SqlDialect,
): Promise<void> {
  if (await isThere(trx, 'segment_host', host.uuid)) return;
  const last = await trx
    .selectFrom('segment_host')
    .select('position')
    .where('segment_uuid', '=', segmentUuid)
    .orderBy('position', 'desc')
    .limit(1)
    .execute();
  const row = segmentHostRow(host, segmentUuid, (last[0]?.position ?? -1) + 1);
  await trx
    .insertInto('segment_host')
    .values({ ...row, ...(await newStamp(trx, 'segment_host', now)) })
    .execute();
}

export async function updateHost(trx: Kysely<Tables>, host: SegmentHost, { now }: SqlDialect): Promise<void> {
  const there = await trx
    .selectFrom('segment_host')
    .select(['segment_uuid', 'position'])
    .where('uuid', '=', host.uuid)
    .executeTakeFirst();
  if (there === undefined) return;
  await trx
    .updateTable('segment_host')
    .set({ ...segmentHostRow(host, there.segment_uuid, there.position), updated_at: now() })
    .where('uuid', '=', host.uuid)
    .execute();
}

/** A try before this one has written it. */
async function isThere(trx: Kysely<Tables>, table: 'segment' | 'segment_host', uuid: string): Promise<boolean> {
  return (await trx.selectFrom(table).select('uuid').where('uuid', '=', uuid).executeTakeFirst()) !== undefined;
}

type Now = SqlDialect['now'];
type Stamp = Pick<StampRow, 'number'> & {
  readonly created_at: number | ReturnType<Now>;
  readonly updated_at: number | null | ReturnType<Now>;
};

function keptStamp(
  row: Omit<SegmentRow, keyof StampRow> | Omit<SegmentHostRow, keyof StampRow>,
  before: SegmentRow | SegmentHostRow | undefined,
  now: Now,
): Stamp | undefined {
  if (before === undefined) return undefined;
  const { created_at, number, updated_at } = before;
  const known: Readonly<Record<string, unknown>> = { ...before };
  const isAsBefore = Object.entries(row).every(([column, value]) => column === 'position' || known[column] === value);
  return { number, created_at, updated_at: isAsBefore ? updated_at : now() };
}

async function newStamp(trx: Kysely<Tables>, table: 'segment' | 'segment_host', now: Now): Promise<Stamp> {
  return { number: await nextNumber(trx, table), created_at: now(), updated_at: null };
}
