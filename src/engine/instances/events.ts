/** What is done when a monitor reports the event. */
export type EventAnswer = 'recover' | 'record';

/**
 * Events of libvirt by which a guest has died without anybody's will, as Masakari's monitors name them: event/detail. All others
 * are what an owner, Nova or the guest itself did, or what Nova sees to. The first three are those of the original; a
 * guest that panicked or crashed it does not know (W38).
 */
const RECOVERED: ReadonlySet<string> = new Set([
  'LIFECYCLE/STOPPED_FAILED',
  'IO_ERROR/IO_ERROR_REPORT',
  'QEMU_GUEST_AGENT_ERROR/STOPPED_FAILED',
  'LIFECYCLE/STOPPED_CRASHED',
  'LIFECYCLE/CRASHED_PANICKED',
]);

export function answerTo(event: string, detail: string): EventAnswer {
  return RECOVERED.has(`${event}/${detail}`) ? 'recover' : 'record';
}
