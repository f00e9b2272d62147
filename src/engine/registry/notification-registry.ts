import type { Randomness } from '../../ports.ts';
import type { Move } from '../move.ts';
import type { Recovery } from '../recovery.ts';
import { payloadText } from '../store/notice-rows.ts';
import { queryRows } from '../store/row-query.ts';
import type { Store } from '../store/store.ts';
import type { Claims } from './claims.ts';
import { vmoveColumns } from './entry-columns.ts';
import { importedNotice } from './imported-notice.ts';
import { importedVmoves } from './imported-vmoves.ts';
import { hostWorkflow } from './host-workflow.ts';
import { isToldBy } from './is-told-by.ts';
import { judgeNotification } from './judge-notification.ts';
import { equal, listQuery, NOTIFICATION_KEYS, VMOVE_KEYS } from './list-query.ts';
import type { Notices } from './notices.ts';
import type { Notice } from './notice.ts';
import { conflict, noNotification, noVmove, refused } from './refusals.ts';
import type {
  ImportedNotification,
  NewNotification,
  NotificationEntry,
  NotificationQuery,
  VmoveEntry,
  VmoveQuery,
  WorkflowTask,
} from './registry.ts';
import type { SegmentRegistry } from './segment-registry.ts';
import { vmoveOf } from './vmove.ts';

export interface NotificationRegistryPorts {
  readonly store: Store;
  readonly randomness: Randomness;
  readonly segments: Pick<SegmentRegistry, 'registered'>;
  readonly notices: Notices;
  readonly claims: Pick<Claims, 'add'>;
  /** A notification with a payload like one of at most this long before is a duplicate; in ms. */
  readonly duplicateIntervalMs: number;
  /** A host was reported down: it is time to look. */
  readonly onClaim: () => void;
}

/** Notifications and moves as Masakari's API has them. One new notification at a time: whoever calls sees to that. */
export class NotificationRegistry {
  readonly #ports: NotificationRegistryPorts;

  constructor(ports: NotificationRegistryPorts) {
    this.#ports = ports;
  }

  async notifications(query: NotificationQuery): Promise<readonly NotificationEntry[]> {
    const { generatedSinceMs } = query;
    const rows = listQuery(NOTIFICATION_KEYS, query, [
      equal('source_host_uuid', query.sourceHostUuid),
      equal('type', query.type),
      equal('status', query.status),
      generatedSinceMs === undefined
        ? undefined
        : { column: 'generated_at', is: '>=', value: Math.floor(generatedSinceMs) },
    ]);
    return (await this.#ports.store.listNotices(rows)).map(entryOf);
  }

  async notification(uuid: string): Promise<NotificationEntry> {
    return entryOf(await this.#notice(uuid));
  }

  async notify(notification: NewNotification): Promise<NotificationEntry> {
    const { claims, notices, onClaim, randomness, segments, store } = this.#ports;
    const { hostname, payload, reportId, type } = notification;
    // A column of whole numbers: two that differ by less are of one moment.
    const generatedAtMs = Math.floor(notification.generatedAtMs);
    const registered = segments.registered(hostname);
    if (registered === undefined) throw refused(`Host with name ${hostname} could not be found.`);
    const { host, segment } = registered;
    const told = reportId === undefined ? undefined : await this.#find(reportId);
    if (told !== undefined) {
      if (told.sourceHostUuid === host.uuid && told.type === type) return entryOf(told);
      throw conflict(`Notification received from host ${hostname} of type ${type} has the id of another.`);
    }
    if (host.onMaintenance) {
      throw conflict(
        `Notification received from host ${hostname} of type '${type}' is ignored as the host is already under maintenance.`,
      );
    }
    if (await this.#isDuplicate({ ...notification, generatedAtMs }, host.uuid))
      throw conflict(`Notification received from host ${hostname} of type ${type} is duplicate.`);
    const notice = await store.addNotice({
      uuid: reportId ?? randomness.uuid(),
      origin: 'report',
      type,
      host: host.name,
      sourceHostUuid: host.uuid,
      segmentUuid: segment.uuid,
      payload,
      generatedAtMs,
      ...judgeNotification(notification, segment),
      recoveryId: undefined,
      work: undefined,
    });
    if (type === 'COMPUTE_HOST') {
      claims.add(notice);
      if (notice.status === 'new') onClaim();
    } else if (notice.status === 'new') notices.tell(notice);
    return entryOf(notice);
  }

  async importNotifications(told: readonly ImportedNotification[]): Promise<number> {
    const { store } = this.#ports;
    const uuids = told.map(({ uuid }) => uuid);
    const there = await store.listNotices({
      where: [{ column: 'uuid', is: 'in', value: uuids }],
      order: [{ column: 'number', direction: 'asc' }],
    });
    const known = new Set(there.map(({ uuid }) => uuid));
    const fresh = told.filter(({ uuid }) => !known.has(uuid));
    if (fresh.length > 0) await store.moveIn({ segments: [], hosts: [], notices: fresh.map(importedNotice) });
    return fresh.length;
  }

  async progress(uuid: string): Promise<readonly WorkflowTask[]> {
    const notice = await this.#notice(uuid);
    if (notice.type !== 'COMPUTE_HOST') return this.#ports.notices.progressOf(notice);
    const found = await this.#recoveryOf(notice);
    return found === undefined ? [] : hostWorkflow(found.recovery, found.moves);
  }

  async vmoves(uuid: string, query: VmoveQuery): Promise<readonly VmoveEntry[]> {
    const rows = listQuery(VMOVE_KEYS, query, [equal('type', query.type), equal('status', query.status)]);
    return queryRows((await this.#vmoves(uuid)).map(vmoveColumns), rows).map(({ entry }) => entry);
  }

  async vmove(notificationUuid: string, uuid: string): Promise<VmoveEntry> {
    const found = (await this.#vmoves(notificationUuid)).find((vmove) => vmove.uuid === uuid);
    if (found === undefined) throw noVmove(uuid);
    return found;
  }

  async #vmoves(uuid: string): Promise<readonly VmoveEntry[]> {
    const notice = await this.#notice(uuid);
    if (notice.type !== 'COMPUTE_HOST') throw refused(`This notification ${uuid} without vm moves.`);
    if (notice.origin === 'imported') return importedVmoves(notice);
    const found = await this.#recoveryOf(notice);
    return found === undefined ? [] : found.moves.map((move) => vmoveOf(move, found.recovery, uuid));
  }

  async #recoveryOf({
    recoveryId,
  }: Notice): Promise<{ readonly recovery: Recovery; readonly moves: readonly Move[] } | undefined> {
    if (recoveryId === undefined) return undefined;
    const { store } = this.#ports;
    const recovery = await store.recoveryBy(recoveryId);
    return recovery && { recovery, moves: await store.movesOf(recoveryId) };
  }

  async #notice(uuid: string): Promise<Notice> {
    const notice = await this.#find(uuid);
    if (notice === undefined) throw noNotification(uuid);
    return notice;
  }

  async #find(uuid: string): Promise<Notice | undefined> {
    const [notice] = await this.#ports.store.listNotices({
      where: [{ column: 'uuid', is: '=', value: uuid }],
      order: [{ column: 'number', direction: 'asc' }],
    });
    return notice;
  }

  /**
   * Masakari's rule: of one type and host, with the same payload, and generated at most so long before the new one, or
   * after it; less what `isToldBy` says. What the bridge has proven is no duplicate of what a monitor says: that is joined to
   * the same recovery.
   */
  async #isDuplicate(
    { generatedAtMs, payload, reportId, type }: NewNotification,
    sourceHostUuid: string,
  ): Promise<boolean> {
    const { duplicateIntervalMs, store } = this.#ports;
    const known = await store.listNotices({
      where: [
        { column: 'source_host_uuid', is: '=', value: sourceHostUuid },
        { column: 'type', is: '=', value: type },
        { column: 'origin', is: '=', value: 'report' },
        { column: 'generated_at', is: '>=', value: generatedAtMs - duplicateIntervalMs },
        ...(type === 'PROCESS' ? [] : [{ column: 'payload', is: '=', value: payloadText(payload) } as const]),
      ],
      order: [{ column: 'number', direction: 'asc' }],
    });
    return isToldBy(known, { payload, generatedAtMs, name: reportId });
  }
}

function entryOf(notice: Notice): NotificationEntry {
  const { createdAtMs, generatedAtMs, message, number, payload, segmentUuid } = notice;
  const { sourceHostUuid, status, type, updatedAtMs, uuid } = notice;
  return {
    id: number,
    uuid,
    createdAtMs,
    updatedAtMs,
    type,
    sourceHostUuid,
    segmentUuid,
    generatedAtMs,
    payload,
    status,
    message,
  };
}
