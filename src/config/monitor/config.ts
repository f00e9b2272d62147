import type { CloudConfig, LogConfig } from '../config.ts';

/** monitor.yaml as the monitor sees it: complete, checked, frozen. What each key means stands in schema.ts. */
export interface MonitorConfig {
  readonly api: MonitorApiConfig;
  readonly cloud: CloudConfig;
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
