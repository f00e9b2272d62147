import { z } from 'zod';
import { ABSOLUTE_PATH, count, duration, key } from './keys.ts';

const PROCESS = z.string().regex(/^[A-Za-z0-9@._:-]{1,40}$/);
const UNIT = z.string().regex(/^[\w:.\\-]{1,200}(?:@[\w:.\\-]{1,40})?\.service$/);
const WORDS = z.array(z.string().min(1)).min(1);
const plainDuration = (minMs: number, maxMs: number, byDefault: string) => duration(minMs, maxMs, byDefault, '');

const unit = z.union([UNIT, z.strictObject({ name: PROCESS, units: z.array(UNIT).min(1) })]);

const command = z.strictObject({
  name: PROCESS,
  command: WORDS,
  every: plainDuration(1_000, 3_600_000, '10s'),
  deadline: plainDuration(100, 600_000, '5s'),
  threshold: z.int().min(1).max(100).prefault(3),
  restart_command: WORDS.optional(),
});

/** Of the monitor's file; docs/processes.md says what is made of it. */
export const processes = z
  .strictObject({
    units: key(
      z.array(unit).max(50).optional(),
      'Services of systemd that are watched. NAME.service is reported as NAME; where hosts name a service differently, it has a ' +
        'name and a list of units, of which the first that a host has is meant. Without this key: nova-compute, libvirtd or ' +
        'virtqemud, Open vSwitch, OVN and the agents of Neutron, as far as they are there.',
      'a list of units NAME.service, or of maps with name and units',
      '[nova-compute.service, {name: libvirtd, units: [virtqemud.service, libvirtd.service]}]',
    ),
    commands: key(
      z.array(command).max(50).prefault([]),
      'Health commands, for processes in containers: name, command (the program and its arguments; there is no shell), every (10s), ' +
        'deadline (5s), threshold (3: so often in turn it must fail), restart_command.',
      'a list of maps with name and command, and every, deadline, threshold and restart_command if need be',
      '[{name: nova-compute, command: [docker, exec, nova_compute, healthcheck_port, nova-compute, "5672"]}]',
    ),
    process_list: key(
      ABSOLUTE_PATH.optional(),
      'process_list.yaml of masakari-processmonitor, to be watched as well.',
      'an absolute path',
      '/etc/masakarimonitors/process_list.yaml',
    ),
    look_every: duration(
      5_000,
      600_000,
      '30s',
      'So often systemd is asked for its units, should a signal of it have been lost.',
    ),
    list_every: duration(
      1_000,
      600_000,
      '5s',
      'So often the table of processes is read, when there is a process_list.',
    ),
    settle: duration(
      100,
      60_000,
      '500ms',
      'What is seen failed is looked at again after so long before it is reported.',
    ),
    steady: duration(1_000, 3_600_000, '10s', 'A process runs again when it has run for so long without a break.'),
    patience: duration(
      10_000,
      86_400_000,
      '2m',
      'What starts, is restarted by systemd, or comes and goes for so long has failed.',
    ),
    restart_attempts: count(
      0,
      100,
      0,
      'So often a process that has failed is restarted within restart_window; 0: never. Services have Restart= for that.',
    ),
    restart_after: duration(
      500,
      3_600_000,
      '5s',
      'From the report to the first restart; each further one comes after twice the time.',
    ),
    restart_window: duration(10_000, 604_800_000, '10m', 'In which restart_attempts are counted.'),
  })
  .prefault({});

/** As it is in a checked file. */
export type ProcessesFile = z.output<typeof processes>;
