import type { MachineSpec } from '../cluster/machine.ts';
import type { Scenario } from './scenario.ts';

/** Controllers first; a host that is one of them is one machine. */
export function machinesOf(scenario: Scenario): readonly MachineSpec[] {
  const hosts = new Map(scenario.hosts.map((host) => [host.name, host]));
  const bootMs = scenario.timings.bootMs ?? 15_000;
  const controllers = scenario.controllers.map((name) => {
    const host = hosts.get(name);
    return { name, kind: 'cluster' as const, isHost: host !== undefined, bootMs: host?.bootMs ?? bootMs };
  });
  const remotes = scenario.hosts
    .filter(({ name }) => !scenario.controllers.includes(name))
    .map((host) => ({ ...host, kind: 'remote' as const, isHost: true }));
  return [...controllers, ...remotes];
}
