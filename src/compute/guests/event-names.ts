import type { DomainEvent } from '../libvirt/domain-event.ts';

/** An event of a guest by the names that Masakari's monitors send: `LIFECYCLE` and `STOPPED_FAILED`. */
export interface EventName {
  readonly event: string;
  readonly detail: string;
}

/** virDomainEventType and its details, in libvirt's order (include/libvirt/libvirt-domain.h). */
const LIFECYCLE: readonly (readonly [string, readonly string[]])[] = [
  ['DEFINED', ['ADDED', 'UPDATED', 'RENAMED', 'FROM_SNAPSHOT']],
  ['UNDEFINED', ['REMOVED', 'RENAMED']],
  ['STARTED', ['BOOTED', 'MIGRATED', 'RESTORED', 'FROM_SNAPSHOT', 'WAKEUP', 'RECREATED']],
  [
    'SUSPENDED',
    [
      'PAUSED',
      'MIGRATED',
      'IOERROR',
      'WATCHDOG',
      'RESTORED',
      'FROM_SNAPSHOT',
      'API_ERROR',
      'POSTCOPY',
      'POSTCOPY_FAILED',
    ],
  ],
  ['RESUMED', ['UNPAUSED', 'MIGRATED', 'FROM_SNAPSHOT', 'POSTCOPY', 'POSTCOPY_FAILED']],
  ['STOPPED', ['SHUTDOWN', 'DESTROYED', 'CRASHED', 'MIGRATED', 'SAVED', 'FAILED', 'FROM_SNAPSHOT', 'RECREATED']],
  ['SHUTDOWN', ['FINISHED', 'GUEST', 'HOST']],
  ['PMSUSPENDED', ['MEMORY', 'DISK']],
  ['CRASHED', ['PANICKED', 'CRASHLOADED']],
];

/** virDomainEventWatchdogAction */
const WATCHDOG = ['NONE', 'PAUSE', 'RESET', 'POWEROFF', 'SHUTDOWN', 'DEBUG', 'INJECTNMI'];

/** virDomainEventIOErrorAction */
const IO_ERROR = ['NONE', 'PAUSE', 'REPORT'];

/** The name for what has no name of its own, as in the original. */
const UNKNOWN = 'UNKNOWN';

/** Every event has a name, also one of a libvirt that is newer than this: then its number stands in it. */
export function nameOf(event: DomainEvent): EventName {
  switch (event.source) {
    case 'lifecycle':
      return { event: 'LIFECYCLE', detail: lifecycle(event.event, event.detail) };
    case 'reboot':
      return { event: 'REBOOT', detail: UNKNOWN };
    case 'watchdog':
      return { event: 'WATCHDOG', detail: `WATCHDOG_${WATCHDOG[event.action] ?? event.action}` };
    case 'ioError':
      return { event: 'IO_ERROR', detail: `IO_ERROR_${IO_ERROR[event.action] ?? event.action}` };
    case 'ioErrorReason':
      return { event: 'IO_ERROR_REASON', detail: UNKNOWN };
    case 'controlError':
      return { event: 'CONTROL_ERROR', detail: UNKNOWN };
    case 'agentLifecycle':
      return { event: 'AGENT_LIFECYCLE', detail: event.state.toUpperCase() };
  }
}

function lifecycle(event: number, detail: number): string {
  const [name, details] = LIFECYCLE[event] ?? [`EVENT${event}`, []];
  return `${name}_${details[detail] ?? detail}`;
}
