import type { CloudPorts } from './cloud-lab.ts';
import { LabError } from '../../cluster/lab/lab-error.ts';

/** Below the kernel's range of ephemeral ports, and off OpenStack's own, which a cloud of this machine may use. */
const DEFAULT_PORTS: CloudPorts = {
  keystone: 25000,
  database: 25006,
  masakari: 25068,
  messages: 25072,
  nova: 25074,
  placement: 25078,
  glance: 25092,
  neutron: 25096,
};

/** The catalog's region `Measured` has Keystone and Nova so much higher; whoever wants to see the calls listens there. */
export const MEASURED_OFFSET = 100;

export function portsFrom(offset: number): CloudPorts {
  if (!Number.isInteger(offset) || offset < -20_000 || offset > 40_000) {
    throw new LabError('bad-argument', `portOffset must be a whole number from -20000 to 40000; got ${offset}`);
  }
  const shifted = Object.entries(DEFAULT_PORTS).map(([service, port]: [string, number]) => [service, port + offset]);
  return Object.fromEntries(shifted) as CloudPorts;
}

/** RabbitMQ also listens for other Erlang nodes, and has a directory of them; both on the loopback interface only. */
export const erlangPort = (ports: CloudPorts): number => ports.messages + 1;
export const epmdPort = (ports: CloudPorts): number => ports.messages - 3;
