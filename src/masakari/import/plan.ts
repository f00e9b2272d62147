import { isUnfinishedNotice } from '../../engine/registry/notice.ts';
import type { ReadDatabase } from '../database/read.ts';
import type { HeldHost, HeldNotification, HeldSegment, HeldVmove } from '../holdings.ts';
import { findConflicts } from './conflicts.ts';
import { changeOfHost, changeOfSegment, type Change } from './change.ts';
import type { Target } from './target.ts';

/** What an import would do, whole: the dry run shows it, and nothing else is done. */
export interface ImportPlan {
  readonly segments: readonly Change<HeldSegment>[];
  readonly hosts: readonly Change<HeldHost>[];
  readonly notifications: {
    /** Ended, and not there yet; each with its moves. */
    readonly written: readonly ToldMoves[];
    /** Written by an import before this one. */
    readonly known: number;
    /** Older than what the engine keeps: it would remove them at once. */
    readonly old: number;
  };
  /** Masakari has not ended them, and nobody else can. */
  readonly unfinished: readonly HeldNotification[];
  /** Why nothing may be written, one sentence each; empty when it may. */
  readonly obstacles: readonly string[];
  /** Rows of history that stay behind because they cannot be understood, one sentence each. */
  readonly leftBehind: readonly string[];
  readonly deleted: ReadDatabase['deleted'];
}

export interface ToldMoves {
  readonly notification: HeldNotification;
  readonly vmoves: readonly HeldVmove[];
}

export interface PlanOptions {
  readonly nowMs: number;
  /** How long the engine keeps what has ended. */
  readonly retentionMs: number;
}

export function planImport(read: ReadDatabase, target: Target, { nowMs, retentionMs }: PlanOptions): ImportPlan {
  const { broken, deleted, holdings } = read;
  const vmovesOf = Map.groupBy(holdings.vmoves, ({ notificationUuid }) => notificationUuid);
  const ended = holdings.notifications.filter((notification) => !isUnfinishedNotice(notification));
  const fresh = ended.filter(({ uuid }) => !target.notifications.has(uuid));
  const isOld = (notification: HeldNotification): boolean => endedAtMs(notification) < nowMs - retentionMs;
  const segments = holdings.segments.map((segment) => changeOfSegment(segment, target));
  const hosts = holdings.hosts.map((host) => changeOfHost(host, target));
  const sentences = broken.map(({ id, problem, table }) => ({
    table,
    sentence: `row ${id} of ${table}: ${problem}`,
  }));
  const isOfHistory = ({ table }: { readonly table: string }): boolean =>
    table === 'notifications' || table === 'vmoves';
  return {
    segments,
    hosts,
    notifications: {
      written: fresh
        .filter((notification) => !isOld(notification))
        .map((notification) => ({ notification, vmoves: vmovesOf.get(notification.uuid) ?? [] })),
      known: ended.length - fresh.length,
      old: fresh.filter(isOld).length,
    },
    unfinished: holdings.notifications.filter(isUnfinishedNotice),
    obstacles: [
      ...sentences.filter((each) => !isOfHistory(each)).map(({ sentence }) => sentence),
      ...findConflicts(holdings, target),
    ],
    leftBehind: sentences.filter(isOfHistory).map(({ sentence }) => sentence),
    deleted,
  };
}

/** Whether it would write anything at all. */
export function isIdle({ hosts, notifications, segments }: ImportPlan): boolean {
  return [...segments, ...hosts].every(({ kind }) => kind !== 'new') && notifications.written.length === 0;
}

function endedAtMs({ createdAtMs, generatedAtMs, updatedAtMs }: HeldNotification): number {
  return updatedAtMs ?? createdAtMs ?? generatedAtMs;
}
