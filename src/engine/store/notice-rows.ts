import { ENTRY_STATUSES, NOTICE_ORIGINS, type NewNotice, type Notice } from '../registry/notice.ts';
import { NOTIFICATION_TYPES } from '../registry/registry.ts';
import { known, parsed } from './rows.ts';
import type { NoticeRow } from './tables.ts';

const TYPES = Object.fromEntries(NOTIFICATION_TYPES.map((type) => [type, type])) as Record<
  (typeof NOTIFICATION_TYPES)[number],
  string
>;

export type NewNoticeRow = Omit<NoticeRow, 'number' | 'created_at' | 'updated_at'>;

export function newNoticeRow(notice: NewNotice): NewNoticeRow {
  return {
    uuid: notice.uuid,
    origin: notice.origin,
    type: notice.type,
    host: notice.host,
    source_host_uuid: notice.sourceHostUuid,
    segment_uuid: notice.segmentUuid ?? null,
    payload: payloadText(notice.payload),
    generated_at: notice.generatedAtMs,
    status: notice.status,
    message: notice.message ?? null,
    recovery_id: notice.recoveryId ?? null,
    work: notice.work ?? null,
  };
}

export function noticeRow(notice: Notice): NoticeRow {
  const { createdAtMs, number, updatedAtMs } = notice;
  return { ...newNoticeRow(notice), number, created_at: createdAtMs, updated_at: updatedAtMs ?? null };
}

export function noticeOf(row: NoticeRow): Notice {
  const where = `notice ${row.uuid} of ${row.host}`;
  return {
    uuid: row.uuid,
    number: row.number,
    origin: known(NOTICE_ORIGINS, row.origin, where),
    type: known(TYPES, row.type, where),
    host: row.host,
    sourceHostUuid: row.source_host_uuid,
    segmentUuid: row.segment_uuid ?? undefined,
    payload: parsed<Readonly<Record<string, string>>>(row.payload, where),
    generatedAtMs: row.generated_at,
    status: known(ENTRY_STATUSES, row.status, where),
    message: row.message ?? undefined,
    recoveryId: row.recovery_id ?? undefined,
    work: row.work ?? undefined,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at ?? undefined,
  };
}

/** Equal payloads have equal texts, in whatever order they were told. */
export function payloadText(payload: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(payload).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
