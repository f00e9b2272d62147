import type { Standing } from './delivery/sender.ts';
import type { WatchStatus } from './lookout.ts';

/** What the monitor says of itself. Times are milliseconds since the epoch. */
export interface MonitorStatus extends MonitorFacts {
  readonly version: string;
  readonly pid: number;
  readonly host: string;
  readonly startedAtMs: number;
  /** One line, for crm_mon. */
  readonly summary: string;
  /** What an operator should see to; empty: nothing. The most urgent first. */
  readonly concerns: readonly string[];
}

export interface MonitorFacts {
  readonly watches: readonly WatchStatus[];
  readonly delivery: Standing;
  readonly waiting: number;
  /** What the engine does not take. */
  readonly aside: readonly AsideStatus[];
  /** For want of room, since the monitor began. */
  readonly dropped: number;
  /** Why the spool cannot be written; absent while it can. */
  readonly spoolTrouble?: string;
}

export interface AsideStatus {
  readonly id: string;
  readonly what: string;
  readonly reason: string;
  readonly atMs: number;
}

/** An engine that moves to another controller is away for less. */
const PATIENCE_MS = 60_000;

/** `watching 12 guests; 0 waiting`, or what is blind, and since when. */
export function summaryOf({ waiting, watches }: MonitorFacts): string {
  const blind = watches.filter(({ kind }) => kind === 'blind');
  const shown = blind.length > 0 ? blind.map(inSight) : watches.map(inSight);
  return `${shown.length === 0 ? 'watches nothing' : shown.join(', ')}; ${waiting} waiting`;
}

export function concernsOf(facts: MonitorFacts, nowMs: number): readonly string[] {
  const { aside, delivery, dropped, spoolTrouble, waiting, watches } = facts;
  const blind = watches.filter(({ kind }) => kind === 'blind').map(inSight);
  const nothing = watches.length === 0 ? ['it watches nothing: see monitor.yaml'] : [];
  const disk = spoolTrouble === undefined ? [] : [`${spoolTrouble}; make room`];
  const stuck =
    delivery.kind === 'trouble' && nowMs - delivery.sinceMs >= PATIENCE_MS
      ? [`${waiting} reports wait since ${timeOfDay(delivery.sinceMs)}: ${delivery.said}; ${delivery.remedy}`]
      : [];
  const left = aside.length > 0 ? [`${aside.length} reports were not taken; see: lifeboat-monitor status`] : [];
  const lost = dropped > 0 ? [`${dropped} reports were dropped for want of room`] : [];
  return [...blind, ...nothing, ...disk, ...stuck, ...left, ...lost];
}

/** What is to be done about it is in the status. */
function inSight({ kind, sentence, sinceMs }: WatchStatus): string {
  const short = sentence.split('; ')[0] ?? sentence;
  return kind === 'blind' ? `blind: ${short}, since ${timeOfDay(sinceMs)}` : short;
}

/** UTC, as the log has it. */
function timeOfDay(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 16)}Z`;
}
