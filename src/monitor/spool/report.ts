import { createHash } from 'node:crypto';
import type { MonitorNotification } from '../../compute/notification.ts';
import { answerTo, type EventAnswer } from '../../engine/instances/events.ts';

/** What a watch has told, on its way to the engine. */
export interface Report {
  /** A UUID made from what it says: the same thing told twice is one report. */
  readonly id: string;
  readonly notification: MonitorNotification;
  /** Milliseconds since the epoch, by this host's clock. */
  readonly takenAtMs: number;
}

/** One that the engine does not take, and why. */
export interface PutAside {
  readonly report: Report;
  readonly reason: string;
  readonly atMs: number;
}

export function reportOf(notification: MonitorNotification, takenAtMs: number): Report {
  return { id: idOf(notification), notification, takenAtMs };
}

function idOf({ generated_time, hostname, payload, type }: MonitorNotification): string {
  const fields = Object.entries(payload).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256')
    .update(JSON.stringify([type, hostname, generated_time, fields]))
    .digest('hex');
  // Version 8 of RFC 9562: made in a way of our own.
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const rest = hash.slice(17, 20);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${rest}-${hash.slice(20, 32)}`;
}

/** What the engine usually does with it, and so what is lost when it must be dropped. Of doubt the more. */
export function weightOf({ payload, type }: MonitorNotification): EventAnswer {
  if (type !== 'VM' || payload.event === undefined || payload.vir_domain_event === undefined) return 'recover';
  return answerTo(payload.event, payload.vir_domain_event);
}

/** In a few words, for the log and the status. */
export function inWords({ hostname, payload, type }: MonitorNotification): string {
  if (type === 'VM') return `${payload.event}/${payload.vir_domain_event} of instance ${payload.instance_uuid}`;
  return `${payload.process_name} ${payload.event} on ${hostname}`;
}
