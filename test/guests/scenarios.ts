/** What happens to a guest, and what is told of it: docs/guest-events.md is made from this, and events.test.ts holds it true. */
export interface Scenario {
  readonly what: string;
  /** Ours, the guest's end included. */
  readonly ours: readonly string[];
  /** Of Debian's masakari-instancemonitor, as far as the API has taken it. */
  readonly original: readonly string[];
}

const DESTROYED = 'LIFECYCLE/STOPPED_DESTROYED';
const FAILED = 'LIFECYCLE/STOPPED_FAILED';
const AGENT = 'QEMU_GUEST_AGENT_ERROR/STOPPED_FAILED';
const PANICKED = 'LIFECYCLE/CRASHED_PANICKED';
const DISK_PAUSES = ['IO_ERROR/IO_ERROR_PAUSE', 'IO_ERROR_REASON/UNKNOWN', 'LIFECYCLE/SUSPENDED_IOERROR', DESTROYED];
const DISK_REPORTS = ['IO_ERROR/IO_ERROR_REPORT', 'IO_ERROR_REASON/UNKNOWN', DESTROYED];
const WATCHDOG = ['WATCHDOG/WATCHDOG_PAUSE', 'LIFECYCLE/SUSPENDED_WATCHDOG', DESTROYED];

/** By the name of the guest. Those that go on are ended from outside, which is told as well: so nothing else was told before. */
export const SCENARIOS = {
  killed: { what: '`kill -9` of its QEMU', ours: [FAILED], original: [FAILED] },
  again: { what: 'the same again right after it was started anew', ours: [FAILED, FAILED], original: [FAILED] },
  panic: { what: 'its kernel panics (`on_crash` destroy)', ours: [PANICKED], original: [] },
  preserved: {
    what: 'its kernel panics (`on_crash` preserve); then it is ended',
    ours: [PANICKED, DESTROYED],
    original: [DESTROYED],
  },
  poweroff: {
    what: 'it is switched off from inside',
    ours: ['LIFECYCLE/STOPPED_SHUTDOWN'],
    original: ['LIFECYCLE/STOPPED_SHUTDOWN'],
  },
  reboot: {
    what: 'it boots again from inside; then it is ended',
    ours: ['REBOOT/UNKNOWN', DESTROYED],
    original: ['REBOOT/UNKNOWN', DESTROYED],
  },
  watchdog: { what: 'its watchdog fires (pause); then it is ended', ours: WATCHDOG, original: WATCHDOG },
  'disk-stop': { what: 'its disk fails (pause); then it is ended', ours: DISK_PAUSES, original: DISK_PAUSES },
  'disk-report': { what: 'its disk fails (report); then it is ended', ours: DISK_REPORTS, original: DISK_REPORTS },
  owner: { what: 'it is suspended and resumed; then it is ended', ours: [DESTROYED], original: [DESTROYED] },
  stranger: { what: '`kill -9` of a QEMU that is not Nova’s', ours: [], original: [FAILED] },
  hung: { what: 'its QEMU hangs (SIGSTOP); agents are asked', ours: [AGENT], original: [] },
  mute: { what: 'its agent is stopped; agents are asked', ours: [AGENT], original: [] },
  'while-away': { what: '`kill -9` while our monitor is away', ours: [FAILED], original: [FAILED] },
  'while-hung': { what: '`kill -9` while libvirtd hangs, for 4 s', ours: [FAILED], original: [FAILED] },
  'while-down': { what: '`kill -9` while libvirtd is down', ours: [FAILED], original: [] },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;
