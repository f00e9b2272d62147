import { importedVmoves } from '../../engine/registry/imported-vmoves.ts';
import { isUnfinishedNotice, type Notice } from '../../engine/registry/notice.ts';
import type { VmoveEntry } from '../../engine/registry/registry.ts';
import { vmoveOf } from '../../engine/registry/vmove.ts';
import type { StoreReading } from '../../engine/store/store-reading.ts';
import type { HeldNotification, HeldVmove, Holdings } from '../holdings.ts';

export interface Exported {
  readonly holdings: Holdings;
  /** What stays behind and why, one sentence each. */
  readonly left: readonly string[];
}

const IN_ORDER = { where: [], order: [{ column: 'number', direction: 'asc' }] } as const;

/** What Lifeboat's store has of what Masakari's database can hold. Throws as the store does. */
export async function readHoldings(store: StoreReading): Promise<Exported> {
  const left: string[] = [];
  const segments = await store.listSegments(IN_ORDER);
  const hosts = await store.listHosts(IN_ORDER);
  const notifications: HeldNotification[] = [];
  const vmoves = new Map<string, HeldVmove>();
  for (const notice of await store.listNotices(IN_ORDER)) {
    const reason = reasonToStay(notice);
    if (reason !== undefined) {
      left.push(`the ${notice.type} notification ${notice.uuid} of ${notice.host}: ${reason}`);
      continue;
    }
    notifications.push(notificationOf(notice));
    // Of two notifications that one recovery answers, the first has its moves: Masakari knows each once.
    for (const vmove of await vmovesOf(notice, store))
      if (!vmoves.has(vmove.uuid)) vmoves.set(vmove.uuid, heldVmove(vmove, notice));
  }
  return {
    holdings: {
      segments: segments.map(({ declared: _, ...segment }) => segment),
      hosts: hosts.map((host) => host),
      notifications,
      vmoves: [...vmoves.values()],
    },
    left,
  };
}

/** Masakari's engine takes up what has not ended, and would evacuate a host without a proof. */
function reasonToStay(notice: Notice): string | undefined {
  if (isUnfinishedNotice(notice)) return `it is ${notice.status}; Masakari would take it up as if nobody answered it`;
  if (notice.segmentUuid === undefined)
    return 'its host is in no segment, and Masakari from 2025.2 on shows no notification at all beside such a one';
  return undefined;
}

function notificationOf(notice: Notice): HeldNotification {
  const { createdAtMs, generatedAtMs, host, message, number, payload } = notice;
  const { segmentUuid, sourceHostUuid, status, type, updatedAtMs, uuid } = notice;
  const stamp = { uuid, id: number, createdAtMs, updatedAtMs };
  return { ...stamp, type, sourceHostUuid, host, segmentUuid, payload, generatedAtMs, status, message };
}

async function vmovesOf(notice: Notice, store: StoreReading): Promise<readonly VmoveEntry[]> {
  if (notice.type !== 'COMPUTE_HOST') return [];
  if (notice.origin === 'imported') return importedVmoves(notice);
  const recovery = notice.recoveryId === undefined ? undefined : await store.recoveryBy(notice.recoveryId);
  if (recovery === undefined) return [];
  return (await store.movesOf(recovery.id)).map((move) => vmoveOf(move, recovery, notice.uuid));
}

function heldVmove(vmove: VmoveEntry, { origin }: Notice): HeldVmove {
  const { type: _, id, ...told } = vmove;
  // The numbers of our own moves are too great for a column of Masakari's.
  return { ...told, id: origin === 'imported' ? id : undefined };
}
