/** What is done when a monitor reports the event. */
export type EventAnswer = 'recover' | 'record';

/**
 * Events of libvirt by which a guest has died without anybody's will, as Masakari's monitors name them: event/detail. All others
 * are what an owner, Nova or the guest itself did, or what Nova sees to. The first three are those of the original; a
 * guest that panicked or crashed it does not know (W38).
 */
export const RECOVERED = {
  'LIFECYCLE/STOPPED_FAILED': 'its QEMU has ended with an error, or was killed',
  'IO_ERROR/IO_ERROR_REPORT': 'its disk has failed, and the guest was told',
  'QEMU_GUEST_AGENT_ERROR/STOPPED_FAILED': 'its guest agent does not answer any more',
  'LIFECYCLE/STOPPED_CRASHED': 'it has crashed, and libvirt has ended it',
  'LIFECYCLE/CRASHED_PANICKED': 'its kernel has panicked',
} as const;

/** `ruled`: by event/detail, what an operator wants otherwise. */
export function answerTo(
  event: string,
  detail: string,
  ruled: Readonly<Record<string, EventAnswer>> = {},
): EventAnswer {
  const name = `${event}/${detail}`;
  if (Object.hasOwn(ruled, name)) return ruled[name] ?? 'record';
  return Object.hasOwn(RECOVERED, name) ? 'recover' : 'record';
}
