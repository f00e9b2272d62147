import { type ProcessesFile } from '../schema/processes.ts';

/** Which processes are watched. Durations are milliseconds. */
export interface MonitorProcessesConfig {
  /** undefined: the usual ones. */
  readonly units: readonly { readonly name: string; readonly units: readonly string[] }[] | undefined;
  readonly commands: readonly HealthCommandConfig[];
  /** undefined: none. */
  readonly listFile: string | undefined;
  readonly unitsEveryMs: number;
  readonly listedEveryMs: number;
  readonly settleMs: number;
  readonly steadyMs: number;
  readonly patienceMs: number;
  readonly restarts: { readonly attempts: number; readonly firstMs: number; readonly windowMs: number };
}

export interface HealthCommandConfig {
  readonly name: string;
  readonly command: readonly string[];
  readonly everyMs: number;
  readonly deadlineMs: number;
  readonly threshold: number;
  readonly restartCommand: readonly string[] | undefined;
}

export function processesConfig(file: ProcessesFile): MonitorProcessesConfig {
  return {
    units: file.units?.map((unit) =>
      typeof unit === 'string' ? { name: unit.replace(/\.service$/, ''), units: [unit] } : unit,
    ),
    commands: file.commands.map(({ command, deadline, every, name, restart_command, threshold }) => ({
      ...{ name, command, threshold, everyMs: every, deadlineMs: deadline, restartCommand: restart_command },
    })),
    listFile: file.process_list,
    unitsEveryMs: file.look_every,
    listedEveryMs: file.list_every,
    settleMs: file.settle,
    steadyMs: file.steady,
    patienceMs: file.patience,
    restarts: { attempts: file.restart_attempts, firstMs: file.restart_after, windowMs: file.restart_window },
  };
}
