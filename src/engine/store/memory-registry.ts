import type { HostNotification } from '../notification.ts';
import type { Recovery } from '../recovery.ts';
import { IMPLICIT_SEGMENT_UUID, implicitHostUuid } from '../registry/implicit-segment.ts';
import { isUnfinishedNotice, type NewNotice, type Notice } from '../registry/notice.ts';
import { ownNotice, type NoticeSource } from '../registry/own-notice.ts';
import { statusOfRecovery } from '../registry/recovery-status.ts';
import type { ImportedStamp } from '../registry/registry.ts';
import type { Segment, SegmentHost } from '../segments/segment.ts';
import type { CountedTable } from './counter-table.ts';
import { giveNumbers } from './move-in.ts';
import { noticeOf, noticeRow, payloadText } from './notice-rows.ts';
import type { RegistryStore } from './registry-store.ts';
import { queryRows } from './row-query.ts';
import { segmentHostRow, segmentRow } from './rows.ts';
import { storedHost, storedSegment } from './segment-table.ts';
import type { SegmentHostRow, SegmentRow, StampRow } from './tables.ts';

/** What the API shows, as it outlives the process. */
export interface RegistryDisk {
  segments: readonly Segment[];
  /** By the uuid of a segment or a host. */
  readonly stamps: Map<string, StampRow>;
  readonly notices: Map<string, Notice>;
  readonly given: Map<CountedTable, number>;
}

export function registryDisk(): RegistryDisk {
  return { segments: [], stamps: new Map(), notices: new Map(), given: new Map() };
}

export interface MemoryRegistryPorts {
  readonly disk: RegistryDisk;
  readonly now: () => number;
  readonly write: <T>(change: () => T) => Promise<T>;
}

/** What the rest of the store in memory asks of this part, inside its own writes. */
export interface MemoryRegistry {
  readonly verbs: Omit<RegistryStore, 'recoveryBy'>;
  replaceSegments(segments: readonly Segment[]): void;
  noteOwn(notification: HostNotification, answer: Recovery | string | undefined): void;
  follow(recovery: Recovery): void;
  forgetOf(notificationIds: ReadonlySet<string>, recoveryIds: ReadonlySet<string>): void;
}

export function memoryRegistry({ disk, now, write }: MemoryRegistryPorts): MemoryRegistry {
  const nextNumber = (table: CountedTable): number => {
    const number = (disk.given.get(table) ?? 0) + 1;
    disk.given.set(table, number);
    return number;
  };
  const newStamp = (table: CountedTable): StampRow => ({
    number: nextNumber(table),
    created_at: now(),
    updated_at: null,
  });
  const stampOf = (uuid: string): StampRow => disk.stamps.get(uuid) ?? { number: 0, created_at: 0, updated_at: null };
  const touch = (uuid: string): void => {
    disk.stamps.set(uuid, { ...stampOf(uuid), updated_at: now() });
  };

  const segmentRows = (): readonly (SegmentRow & Record<string, unknown>)[] =>
    disk.segments.map((segment, position) => ({ ...segmentRow(segment, position), ...stampOf(segment.uuid) }));
  const hostRows = (): readonly (SegmentHostRow & Record<string, unknown>)[] =>
    disk.segments.flatMap(({ hosts, uuid }) =>
      hosts.map((host, position) => ({ ...segmentHostRow(host, uuid, position), ...stampOf(host.uuid) })),
    );

  const addNotice = (notice: NewNotice, createdAtMs = now()): Notice => {
    const there = disk.notices.get(notice.uuid);
    if (there !== undefined) return there;
    const payload = JSON.parse(payloadText(notice.payload)) as Notice['payload'];
    const added = { ...notice, payload, number: nextNumber('notice'), createdAtMs, updatedAtMs: undefined };
    disk.notices.set(notice.uuid, added);
    return added;
  };
  const changeNotice = (uuid: string, change: Partial<Notice>): void => {
    const notice = disk.notices.get(uuid);
    if (notice !== undefined) disk.notices.set(uuid, { ...notice, ...change, updatedAtMs: now() });
  };
  const sourceOf = (host: string): NoticeSource => {
    const row = hostRows().find(({ name }) => name.toLowerCase() === host.toLowerCase());
    if (row !== undefined) return { sourceHostUuid: row.uuid, segmentUuid: row.segment_uuid };
    const segmentUuid = disk.segments.length === 0 ? IMPLICIT_SEGMENT_UUID : undefined;
    return { sourceHostUuid: implicitHostUuid(host), segmentUuid };
  };
  const changeHosts = (change: (hosts: readonly SegmentHost[], uuid: string) => readonly SegmentHost[]): void => {
    disk.segments = disk.segments.map((segment) => ({ ...segment, hosts: change(segment.hosts, segment.uuid) }));
  };

  const numberedFor = <T extends ImportedStamp & { readonly uuid: string }>(
    table: CountedTable,
    rows: readonly T[],
  ): readonly T[] => {
    const fresh = rows.filter(({ uuid }) => !disk.stamps.has(uuid));
    const given = giveNumbers(fresh, disk.given.get(table) ?? 0);
    disk.given.set(table, given.last);
    for (const { createdAtMs, number, updatedAtMs, uuid } of given.rows)
      disk.stamps.set(uuid, { number, created_at: createdAtMs ?? now(), updated_at: updatedAtMs ?? null });
    return fresh;
  };

  const verbs: MemoryRegistry['verbs'] = {
    listSegments: async (query) => queryRows(segmentRows(), query).map(storedSegment),
    listHosts: async (query) => queryRows(hostRows(), query).map(storedHost),
    listNotices: async (query) =>
      queryRows(
        [...disk.notices.values()].map((notice) => ({ ...noticeRow(notice) })),
        query,
      ).map(noticeOf),

    addSegment: (segment) =>
      write(() => {
        if (disk.stamps.has(segment.uuid)) return;
        disk.segments = [...disk.segments, { ...segment, hosts: [] }];
        disk.stamps.set(segment.uuid, newStamp('segment'));
      }),
    saveSegment: (segment) =>
      write(() => {
        disk.segments = disk.segments.map((each) =>
          each.uuid === segment.uuid ? { ...segment, hosts: each.hosts } : each,
        );
        touch(segment.uuid);
      }),
    removeSegment: (uuid) =>
      write(() => {
        disk.segments = disk.segments.filter((segment) => segment.uuid !== uuid);
      }),
    addHost: (segmentUuid, host) =>
      write(() => {
        if (disk.stamps.has(host.uuid)) return;
        changeHosts((hosts, uuid) => (uuid === segmentUuid ? [...hosts, host] : hosts));
        disk.stamps.set(host.uuid, newStamp('segment_host'));
      }),
    saveHost: (host) =>
      write(() => {
        changeHosts((hosts) => hosts.map((each) => (each.uuid === host.uuid ? host : each)));
        touch(host.uuid);
      }),
    removeHost: (uuid) =>
      write(() => {
        changeHosts((hosts) => hosts.filter((host) => host.uuid !== uuid));
      }),

    moveIn: ({ hosts, notices, segments }) =>
      write(() => {
        for (const segment of numberedFor('segment', segments))
          disk.segments = [...disk.segments, { ...segmentOnly(segment), hosts: [] }];
        for (const { segmentUuid, ...host } of numberedFor('segment_host', hosts))
          changeHosts((those, uuid) => (uuid === segmentUuid ? [...those, hostOnly(host)] : those));
        const fresh = giveNumbers(
          notices.filter(({ uuid }) => !disk.notices.has(uuid)),
          disk.given.get('notice') ?? 0,
        );
        disk.given.set('notice', fresh.last);
        for (const { createdAtMs = now(), updatedAtMs, ...notice } of fresh.rows)
          disk.notices.set(notice.uuid, { ...notice, createdAtMs, updatedAtMs });
      }),

    addNotice: (notice) => write(() => addNotice(notice)),
    saveNotice: ({ uuid, ...change }) =>
      write(() => {
        changeNotice(uuid, change);
      }),
    joinNotice: (uuid, recovery) =>
      write(() => {
        const { message, status } = disk.notices.get(recovery.notificationId) ?? statusOfRecovery(recovery);
        changeNotice(uuid, { recoveryId: recovery.id, status, message });
      }),
    forgetNotices: (beforeMs, limit) =>
      write(() => {
        const old = [...disk.notices.values()]
          .filter(({ origin, recoveryId }) => origin !== 'bridge' && recoveryId === undefined)
          .filter((notice) => !isUnfinishedNotice(notice))
          .filter(({ createdAtMs, updatedAtMs }) => createdAtMs < beforeMs && (updatedAtMs ?? 0) < beforeMs)
          .toSorted((a, b) => a.number - b.number)
          .slice(0, limit);
        for (const { uuid } of old) disk.notices.delete(uuid);
        return old.length;
      }),
  };

  return {
    verbs,
    replaceSegments(segments) {
      const before = new Map([...segmentRows(), ...hostRows()].map((row) => [row.uuid, row] as const));
      disk.segments = [...segments];
      const stampAll = (
        table: CountedTable,
        rows: readonly (Record<string, unknown> & StampRow & { readonly uuid: string })[],
      ): void => {
        for (const row of rows) {
          const former: Readonly<Record<string, unknown>> | undefined = before.get(row.uuid);
          if (former === undefined) disk.stamps.set(row.uuid, newStamp(table));
          else if (Object.entries(row).some(([column, value]) => column !== 'position' && former[column] !== value))
            touch(row.uuid);
        }
      };
      stampAll('segment', segmentRows());
      stampAll('segment_host', hostRows());
    },
    noteOwn(notification, answer) {
      addNotice(ownNotice(notification, answer, sourceOf(notification.host)), notification.createdAtMs);
    },
    follow(recovery) {
      const { message, over, status } = statusOfRecovery(recovery);
      for (const notice of [...disk.notices.values()]) {
        if (notice.recoveryId !== recovery.id) continue;
        if (over === 'all' || isUnfinishedNotice(notice)) changeNotice(notice.uuid, { status, message });
      }
    },
    forgetOf(notificationIds, recoveryIds) {
      for (const { recoveryId, uuid } of [...disk.notices.values()])
        if (notificationIds.has(uuid) || recoveryIds.has(recoveryId ?? '')) disk.notices.delete(uuid);
    },
  };
}

/** Without what stands in its stamp. */
function segmentOnly(segment: ImportedStamp & Omit<Segment, 'hosts'>): Omit<Segment, 'hosts'> {
  const { declared, description, enabled, name, recoveryMethod, serviceType, uuid } = segment;
  return { uuid, name, description, serviceType, recoveryMethod, enabled, declared };
}

function hostOnly(host: ImportedStamp & SegmentHost): SegmentHost {
  const { controlAttributes, name, onMaintenance, reserved, type, uuid } = host;
  return { uuid, name, type, controlAttributes, reserved, onMaintenance };
}
