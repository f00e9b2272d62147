import type { MonitorNotification } from '../../../src/compute/notification.ts';

/** An instance by its number. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** A guest whose QEMU has died: the engine starts it again. */
export function death(n: number): MonitorNotification {
  return guestEvent(n, 'LIFECYCLE', 'STOPPED_FAILED');
}

/** A guest that its owner has switched off: the engine writes it down. */
export function shutdown(n: number): MonitorNotification {
  return guestEvent(n, 'LIFECYCLE', 'STOPPED_SHUTDOWN');
}

function guestEvent(n: number, event: string, vir_domain_event: string): MonitorNotification {
  return {
    type: 'VM',
    hostname: 'cmp1',
    generated_time: '2026-01-01T00:00:00.000000',
    payload: { event, instance_uuid: uuid(n), vir_domain_event },
  };
}
