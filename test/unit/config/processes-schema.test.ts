import { describe, expect, it } from 'vitest';
import { USUAL_PROCESS_SETTINGS } from '../../../src/compute/processes/settings.ts';
import { processes } from '../../../src/config/schema/processes.ts';

describe('the section on processes', () => {
  it('has the defaults that the watch has', () => {
    const { limits, listedEveryMs, settleMs, unitsEveryMs } = USUAL_PROCESS_SETTINGS;
    expect(processes.parse(undefined)).toEqual({
      commands: [],
      look_every: unitsEveryMs,
      list_every: listedEveryMs,
      settle: settleMs,
      steady: limits.steadyMs,
      patience: limits.patienceMs,
      restart_attempts: limits.restarts.attempts,
      restart_after: limits.restarts.firstMs,
      restart_window: limits.restarts.windowMs,
    });
  });

  it('takes units by name, units that differ by host, and health commands with their defaults', () => {
    const file = processes.parse({
      units: ['nova-compute.service', { name: 'libvirtd', units: ['virtqemud.service', 'libvirtd.service'] }],
      commands: [{ name: 'ovs-vswitchd', command: ['docker', 'top', 'openvswitch_vswitchd'], every: '1m' }],
      process_list: '/etc/masakarimonitors/process_list.yaml',
    });
    expect(file.commands).toEqual([
      {
        name: 'ovs-vswitchd',
        command: ['docker', 'top', 'openvswitch_vswitchd'],
        every: 60_000,
        deadline: 5_000,
        threshold: 3,
      },
    ]);
    expect(file.units).toHaveLength(2);
  });

  it.each([
    [{ units: ['nova-compute'] }],
    [{ units: ['nova-compute.socket'] }],
    [{ units: ['nova compute.service'] }],
    [{ units: [{ name: 'x', units: [] }] }],
    [{ units: [{ name: 'two words', units: ['x.service'] }] }],
    [{ commands: [{ name: 'x', command: 'docker exec x true' }] }],
    [{ commands: [{ name: 'x', command: [] }] }],
    [{ commands: [{ name: 'x', command: ['true'], threshold: 0 }] }],
    [{ commands: [{ name: 'x', command: ['true'], every: '10' }] }],
    [{ commands: [{ name: 'x', command: ['true'], shell: true }] }],
    [{ process_list: 'process_list.yaml' }],
    [{ restart_attempts: -1 }],
    [{ unit: ['x.service'] }],
  ])('does not take %j', (wrong) => {
    expect(processes.safeParse(wrong).success).toBe(false);
  });
});
