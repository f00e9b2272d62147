import type { EventName } from './event-names.ts';

/**
 * What becomes of an event: `recover` and `record` are both reported, and it is the engine that acts upon the first
 * (src/engine/instances/events.ts); `ignore`: not reported.
 */
export type EventAnswer = 'recover' | 'record' | 'ignore';

export interface EventRow {
  readonly answer: Exclude<EventAnswer, 'ignore'>;
  /** For docs/guest-events.md. */
  readonly why: string;
}

/**
 * The events that are reported when nothing else is configured. None is acted upon before Nova was asked: an owner who
 * stops, deletes or moves an instance causes many of the same events.
 */
export const EVENT_TABLE: Readonly<Record<string, EventRow>> = {
  'LIFECYCLE/STOPPED_FAILED': { answer: 'recover', why: 'its QEMU has died, or is gone since we last looked' },
  'LIFECYCLE/STOPPED_CRASHED': { answer: 'recover', why: 'it was ended after a panic that nobody told' },
  'LIFECYCLE/CRASHED_PANICKED': { answer: 'recover', why: 'its kernel has panicked' },
  'IO_ERROR/IO_ERROR_REPORT': { answer: 'recover', why: 'a disk failed and the guest was told so' },
  'QEMU_GUEST_AGENT_ERROR/STOPPED_FAILED': {
    answer: 'recover',
    why: 'its agent answered once and does no more; only where agents are asked',
  },
  'LIFECYCLE/STOPPED_SHUTDOWN': { answer: 'record', why: 'its owner, its kernel or Nova has switched it off' },
  'LIFECYCLE/STOPPED_DESTROYED': { answer: 'record', why: 'Nova, or somebody with virsh, has ended it' },
  'LIFECYCLE/SHUTDOWN_FINISHED': { answer: 'record', why: 'as the original; QEMU 7 sends it no more' },
  'LIFECYCLE/SUSPENDED_IOERROR': {
    answer: 'record',
    why: 'a disk failed and it stands still: it can go on unharmed when its storage is back, a restart ends that',
  },
  'LIFECYCLE/SUSPENDED_WATCHDOG': { answer: 'record', why: 'its watchdog has fired, with the action pause' },
  'LIFECYCLE/SUSPENDED_API_ERROR': { answer: 'record', why: 'libvirt has paused it after an error of its own' },
  'LIFECYCLE/SUSPENDED_POSTCOPY_FAILED': { answer: 'record', why: 'a live migration broke when half of it was there' },
  'LIFECYCLE/CRASHED_CRASHLOADED': { answer: 'record', why: 'its kernel has panicked and writes its own dump' },
  'REBOOT/UNKNOWN': { answer: 'record', why: 'it has booted again, by itself or by its owner' },
  'WATCHDOG/WATCHDOG_NONE': { answer: 'record', why: 'its watchdog has fired' },
  'WATCHDOG/WATCHDOG_PAUSE': { answer: 'record', why: 'its watchdog has fired' },
  'WATCHDOG/WATCHDOG_RESET': { answer: 'record', why: 'its watchdog has fired and it boots again' },
  'WATCHDOG/WATCHDOG_POWEROFF': { answer: 'record', why: 'its watchdog has fired; STOPPED_FAILED follows' },
  'WATCHDOG/WATCHDOG_SHUTDOWN': { answer: 'record', why: 'its watchdog has fired' },
  'WATCHDOG/WATCHDOG_DEBUG': { answer: 'record', why: 'its watchdog has fired' },
  'WATCHDOG/WATCHDOG_INJECTNMI': { answer: 'record', why: 'its watchdog has fired' },
  'IO_ERROR/IO_ERROR_NONE': { answer: 'record', why: 'a disk failed and nobody was told' },
  'IO_ERROR/IO_ERROR_PAUSE': { answer: 'record', why: 'a disk failed; SUSPENDED_IOERROR follows' },
  'IO_ERROR_REASON/UNKNOWN': { answer: 'record', why: 'the same error once more, as the original' },
  'CONTROL_ERROR/UNKNOWN': { answer: 'record', why: 'libvirt has lost its hold of QEMU, or could not start it' },
};

/** What the operator of a host wants otherwise, by `EVENT/DETAIL`. */
export type ReportRules = Readonly<Record<string, 'report' | 'ignore'>>;

export function isReported({ event, detail }: EventName, rules: ReportRules = {}): boolean {
  const name = `${event}/${detail}`;
  if (Object.hasOwn(rules, name)) return rules[name] === 'report';
  return Object.hasOwn(EVENT_TABLE, name);
}
