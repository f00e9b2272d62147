import { describe, expect, it } from 'vitest';
import { readProcessList } from '../../../../src/compute/processes/process-list.ts';

/** As etc/masakarimonitors/process_list.yaml.sample has it. */
const SAMPLE = `# id: Sequence number
-
    # libvirt-bin
    id: 1
    process_name: /usr/sbin/libvirtd
    start_command: systemctl start libvirt-bin
    pre_start_command:
    post_start_command:
    restart_command: systemctl restart libvirt-bin
    pre_restart_command:
    post_restart_command:
    run_as_root: True
-
    # nova-compute
    id: 2
    process_name: /usr/local/bin/nova-compute
    start_command: systemctl start nova-compute
    pre_start_command: /bin/true   one
    post_start_command:
    restart_command: systemctl restart nova-compute
    pre_restart_command:
    post_restart_command: /bin/true two
    run_as_root: False
`;

describe('process_list.yaml of masakari-processmonitor', () => {
  it('is read with its names as they are reported, and its commands in the order in which they are run', () => {
    expect(readProcessList(SAMPLE, 'list', 'root')).toEqual([
      {
        name: 'libvirtd',
        pattern: '/usr/sbin/libvirtd',
        start: [['systemctl', 'start', 'libvirt-bin']],
        restart: [['systemctl', 'restart', 'libvirt-bin']],
      },
      {
        name: 'nova-compute',
        pattern: '/usr/local/bin/nova-compute',
        start: [
          ['/bin/true', 'one'],
          ['systemctl', 'start', 'nova-compute'],
        ],
        restart: [
          ['systemctl', 'restart', 'nova-compute'],
          ['/bin/true', 'two'],
        ],
      },
    ]);
  });

  it('runs as root with sudo what is to run as root, when the monitor is another user', () => {
    const [first, second] = readProcessList(SAMPLE, 'list', 'other');
    expect(first?.start).toEqual([['sudo', '-n', '--', 'systemctl', 'start', 'libvirt-bin']]);
    expect(second?.restart[0]).toEqual(['systemctl', 'restart', 'nova-compute']);
  });

  it('is empty when all of it is comments', () => {
    expect(readProcessList('# nothing\n', 'list', 'root')).toEqual([]);
  });

  it.each([
    ['- process_name: [', 'list is not YAML'],
    ['process_name: a', 'list: it is not a list of processes'],
    ['- nova-compute', 'list, entry 1: it is not a map'],
    ['- process_name: a\n- start_command: b', 'list, entry 2: process_name is missing or empty'],
    ['- process_name: /usr/bin/', 'list, entry 1: process_name is missing or empty'],
    ['- process_name: 7', 'list, entry 1: process_name must be text'],
    ['- {process_name: a, start_command: [b]}', 'list, entry 1: start_command must be text'],
    ['- {process_name: a, run_as_root: maybe}', 'list, entry 1: run_as_root must be true or false'],
    ['- {process_name: a, restart_comand: b}', 'list, entry 1: restart_comand is no field of it'],
    ['- process_name: /a/x\n- process_name: /b/x', 'list: x is there twice'],
  ])('is refused whole when it has %j', (text, words) => {
    expect(() => readProcessList(text, 'list', 'root')).toThrow(
      expect.objectContaining({ code: 'PROCESS_LIST_INVALID', message: expect.stringContaining(words) as unknown }),
    );
  });
});
