import type { CloudConfig, LogConfig } from '../config.ts';
import type { MonitorProcessesConfig } from './processes.ts';

/** monitor.yaml as the monitor sees it: complete, checked, frozen. What each key means stands in schema.ts. */
export interface MonitorConfig {
  readonly api: MonitorApiConfig;
  readonly cloud: CloudConfig;
  readonly guests: MonitorGuestsConfig;
  readonly processes: MonitorProcessesConfig;
  readonly spool: { readonly maxReports: number };
  readonly log: LogConfig;
  /** undefined: nova.conf says it, or the machine's name is it. */
  readonly host: string | undefined;
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
}

export interface MonitorApiConfig {
  /** Base URLs without a slash at the end; empty: the catalog's. */
  readonly addresses: readonly string[];
  /** undefined: the system's own authorities. */
  readonly caFile: string | undefined;
  /** undefined: a user of Keystone reports. */
  readonly keyFile: string | undefined;
  readonly requestTimeoutMs: number;
}

export interface MonitorGuestsConfig {
  readonly watch: 'events' | 'nothing';
  readonly socketDirectory: string;
  /** By EVENT/DETAIL. Without a prototype. */
  readonly events: Readonly<Record<string, 'report' | 'ignore'>>;
  /** undefined: they are not asked. `timeoutS`: whole seconds. */
  readonly agents: { readonly intervalMs: number; readonly timeoutS: number; readonly threshold: number } | undefined;
}
