/** The cluster lab: a real Pacemaker cluster on one machine, for tests. See ../README.md. */
export { openLab, startLab } from './lab.ts';
export type { Lab } from './lab.ts';
export { LabError } from './lab-error.ts';
export type { LabErrorKind } from './lab-error.ts';
export type { CibOptions, FencingLayout, LabNode, LabOptions, NodeFile, NodeRole } from './options.ts';
export type { ExecOptions, LabProcess, SpawnOptions } from './exec.ts';
export type { CommandResult } from './host-command.ts';
export type { Power, PowerAction, PowerEvent } from './bmc-protocol.ts';
export type { FencingRecord } from './crm-mon.ts';
export { CLOUD_ADDRESS } from './network.ts';
export { ensurePackages } from './packages.ts';
export { waitFor } from './wait.ts';
export type { WaitOptions } from './wait.ts';
