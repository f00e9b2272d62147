import { EVENT_TABLE } from '../../src/compute/guests/event-table.ts';
import { SCENARIOS } from '../../test/guests/scenarios.ts';
import type { Scenario } from '../../test/guests/scenarios.ts';

/** docs/guest-events.md: what the monitor on a compute host reports of its guests, and what becomes of each report. */
export function guestEventsPage(): string {
  return [
    '# What is reported of guests',
    'On each compute host a monitor listens to libvirt and reports what happens to the guests of Nova there, in the words of Masakari’s monitors. Guests that Nova did not make are passed over. Whether anything is done about a report is the engine’s matter: it asks Nova first, see [instances whose guest dies](instance-recovery.md).',
    '## The events',
    '`recover`: reported, and the engine starts the instance again if Nova agrees. `record`: reported, and kept with the other notifications; nothing is done. What is not in the table is ignored: a guest that starts, is paused, resumed, saved, moved to another host, defined or undefined, and whatever a newer libvirt has to tell. The last column says what Masakari’s own engine does with it.',
    [
      '| event | of a guest | answer | Masakari |',
      '| --- | --- | --- | --- |',
      ...Object.entries(EVENT_TABLE).map(
        ([name, { why, answer }]) => `| \`${name}\` | ${why} | ${answer} | ${masakari(name)} |`,
      ),
    ].join('\n'),
    'To change what is done about an event, set `instance_failure.events` in the engine’s [configuration](configuration.md). To report an event or not is set on the compute host, in the configuration of the monitor.',
    '## How often',
    [
      '- The same event of one guest is reported once in a minute: a disk that fails sends thousands in a second. When the guest has been started anew, or libvirt was out of sight meanwhile, it is news again.',
      '- A panic and the end of the guest that follows it are one report.',
      '- The engine’s API refuses a report like one that it has taken before, for `notifications.duplicate_interval`, unless that one was answered and the instance was started again since.',
    ].join('\n'),
    '## What nobody tells',
    [
      '- A guest that died while libvirtd was down, while it hung, or while the monitor was away: libvirt sends no event for it. On each connection, 10 s later and each minute from then on, all guests are listed and compared with what ran before; what is off or gone is reported with its end as libvirt has it, or else as `LIFECYCLE/STOPPED_FAILED`. What ran is kept in the state directory for that.',
      '- After a boot of the host nothing is compared: all its guests are gone with it, and that is [a failure of the host](how-it-decides.md).',
      '- A guest that is started and dies while the monitor is away is not noticed by it. Nova’s own look at its instances, each ten minutes as shipped, finds that it is off.',
      '- A libvirtd that hangs is noticed after 20 s at the latest. Until it goes on the monitor is blind, and says so.',
    ].join('\n'),
    '## Agents of guests',
    'A QEMU that hangs sends no event, and neither does a guest whose kernel hangs. Where the operator wants it, the agent in each guest is asked every 10 s whether it lives, as Masakari’s introspective monitor does: an agent that has answered before and leaves more than three pings unanswered is reported once, as `QEMU_GUEST_AGENT_ERROR/STOPPED_FAILED`, until it answers again. A guest without an agent, one that is paused, and one that boots are not reported. Each guest has one ping under way at the most, the host four, and guests that hang do not make the others wait.',
    'It is off unless asked for, because the owner of an instance can switch its agent off, and a guest that takes long to shut down has none for a while: the engine would start such an instance again.',
    '## Beside Masakari’s monitor',
    'What `test/guests/events.test.ts` does to real guests of a real libvirt, and what the two told of it: this monitor, and Debian’s `masakari-instancemonitor` 14.0.0 on the same libvirt, as far as the API has taken it. A guest that goes on is ended from outside, which is told as well. `npm run test:guests` does it again, with times.',
    [
      '| what happens | this monitor | masakari-instancemonitor |',
      '| --- | --- | --- |',
      ...Object.values<Scenario>(SCENARIOS).map(
        ({ what, ours, original }) => `| ${what} | ${list(ours)} | ${list(original)} |`,
      ),
    ].join('\n'),
    [
      '- The second death of a guest within `notifications.duplicate_interval` is told by both; the API has refused it as a duplicate, for in this test Nova knows no such instance, and none was started again.',
      '- masakari-instancemonitor ends when libvirtd is down at the moment at which it connects again; it has noticed nothing of a libvirtd that hung for 4 s, because it gives it 20 s.',
      '- Masakari’s engine ignores `CRASHED_PANICKED`, whoever tells it.',
    ].join('\n'),
  ].join('\n\n');
}

/** engine/instance_events.py of masakari 14.0.2. */
const ACCEPTED_THERE: ReadonlySet<string> = new Set([
  'LIFECYCLE/STOPPED_FAILED',
  'IO_ERROR/IO_ERROR_REPORT',
  'QEMU_GUEST_AGENT_ERROR/STOPPED_FAILED',
]);
/** Not in instancemonitor/libvirt_handler/eventfilter_table.py of masakari-monitors 14.0.0. */
const UNTOLD_THERE: ReadonlySet<string> = new Set([
  'LIFECYCLE/STOPPED_CRASHED',
  'LIFECYCLE/CRASHED_PANICKED',
  'LIFECYCLE/CRASHED_CRASHLOADED',
  'LIFECYCLE/SUSPENDED_POSTCOPY_FAILED',
  'WATCHDOG/WATCHDOG_INJECTNMI',
]);

function masakari(name: string): string {
  if (UNTOLD_THERE.has(name)) return 'does not hear of it';
  return ACCEPTED_THERE.has(name) ? 'recovers' : 'ignores';
}

/** Where the detail says it all it stands alone. */
function list(reports: readonly string[]): string {
  const shown = reports.map((report) => `\`${report.replace(/^(LIFECYCLE|WATCHDOG|IO_ERROR)\//, '')}\``);
  return shown.join(', ') || 'nothing';
}
