/** The cloud lab: a real OpenStack control plane on one machine, for tests. See ../README.md. */
export { attachCloud, startCloud } from './lab.ts';
export type { CloudAccount, CloudDatabase, CloudLab, CloudLabOptions, CloudPorts, MasakariLab } from './cloud-lab.ts';
export type { ComputeCommand } from './farm.ts';
export { MEASURED_OFFSET } from './ports.ts';
export { LabError } from '../../cluster/lab/lab-error.ts';
