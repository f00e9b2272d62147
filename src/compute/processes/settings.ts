import { LifeboatError } from '../../errors.ts';
import type { HealthCommand } from './health-source.ts';
import { USUAL_PROCESS_LIMITS, type ProcessLimits } from './limits.ts';
import type { ListedProcess } from './process-list.ts';
import type { WatchedUnit } from './unit-source.ts';

/** Which processes of this host are watched, and how. Times in ms. */
export interface ProcessSettings {
  readonly units: readonly WatchedUnit[];
  readonly commands: readonly HealthCommand[];
  /** Of process_list.yaml; see `readProcessList`. */
  readonly listed: readonly ListedProcess[];
  readonly limits: ProcessLimits;
  /** Units: from one look to the next, when no signal comes. */
  readonly unitsEveryMs: number;
  /** What is listed: from one look at the table of processes to the next. */
  readonly listedEveryMs: number;
  /** What is seen failed is looked at again after so long before it is reported. */
  readonly settleMs: number;
}

/** The processes without which a compute host is none, under the names that distributions give their units. */
export const USUAL_UNITS: readonly WatchedUnit[] = [
  { name: 'nova-compute', units: ['nova-compute.service', 'openstack-nova-compute.service'], presence: 'possible' },
  { name: 'libvirtd', units: ['libvirtd.service'], presence: 'possible' },
  { name: 'virtqemud', units: ['virtqemud.service'], presence: 'possible' },
  { name: 'ovs-vswitchd', units: ['ovs-vswitchd.service', 'openvswitch-switch.service'], presence: 'possible' },
  { name: 'ovsdb-server', units: ['ovsdb-server.service'], presence: 'possible' },
  { name: 'ovn-controller', units: ['ovn-controller.service', 'ovn-host.service'], presence: 'possible' },
  { name: 'neutron-openvswitch-agent', units: ['neutron-openvswitch-agent.service'], presence: 'possible' },
  { name: 'neutron-linuxbridge-agent', units: ['neutron-linuxbridge-agent.service'], presence: 'possible' },
  {
    name: 'neutron-ovn-metadata-agent',
    units: ['neutron-ovn-metadata-agent.service', 'neutron-ovn-agent.service'],
    presence: 'possible',
  },
];

export const USUAL_PROCESS_SETTINGS: ProcessSettings = {
  units: USUAL_UNITS,
  commands: [],
  listed: [],
  limits: USUAL_PROCESS_LIMITS,
  unitsEveryMs: 30_000,
  listedEveryMs: 5_000,
  settleMs: 500,
};

/** One name that systemd refuses would make it refuse all of them. */
const SERVICE = /^[\w:.\\-]+(?:@[\w:.\\-]+)?\.service$/;
const LONGEST_UNIT = 255;
/** Masakari's schema has more, its table of notifications does not. */
const LONGEST_NAME = 255;

/** Throws PROCESSES_INVALID: a name that is reported twice, a unit that is no service. */
export function checkSettings({ commands, listed, units }: ProcessSettings): void {
  const names = [...units, ...commands, ...listed].map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw invalid(`${twice} is watched twice: one report could not be told from the other`);
  const unusable = names.find((name) => name === '' || name.length > LONGEST_NAME);
  if (unusable !== undefined)
    throw invalid(`a process has the name "${unusable.slice(0, 20)}", which cannot be reported`);
  for (const { name, units: candidates } of units) {
    if (candidates.length === 0) throw invalid(`${name} has no unit`);
    const wrong = candidates.find((unit) => !SERVICE.test(unit) || unit.length > LONGEST_UNIT);
    if (wrong !== undefined)
      throw invalid(`${name} has the unit "${wrong}", and only services are watched: NAME.service`);
  }
  const silent = commands.find(({ command }) => command.length === 0);
  if (silent !== undefined) throw invalid(`${silent.name} has an empty health command`);
}

function invalid(what: string): LifeboatError {
  return new LifeboatError('PROCESSES_INVALID', what);
}
