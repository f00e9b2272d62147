import { enabling } from '../segments/segments.ts';
import type { EntryStatus, NewNotification } from './registry.ts';

export interface FirstStanding {
  readonly status: EntryStatus;
  readonly message: string | undefined;
}

/** How a notification stands when it comes in, before anybody has looked at its host. */
export function judgeNotification(
  { hostname, payload, type }: NewNotification,
  segment: { readonly name: string; readonly enabled: boolean; readonly declared: boolean },
): FirstStanding {
  if (!segment.enabled) {
    const message = `nothing is done: the segment ${segment.name} is disabled; to have it done: ${enabling(segment)}`;
    return { status: 'ignored', message };
  }
  if (type !== 'COMPUTE_HOST') return { status: 'new', message: undefined };
  const hostStatus = payload.host_status ?? 'NORMAL';
  if (hostStatus !== 'NORMAL')
    return { status: 'ignored', message: `the monitor does not know how ${hostname} is (host_status ${hostStatus})` };
  if (payload.event !== 'STOPPED')
    return { status: 'finished', message: `${hostname} is reported up: nothing is to be done` };
  return {
    status: 'new',
    message: `${hostname} is reported down by a monitor; waits for Pacemaker to fence it`,
  };
}
