import { deepFreeze } from '../deep-freeze.ts';
import { MONITOR_CONFIG_PATH } from '../paths.ts';
import { readConfigFile } from '../read-config-file.ts';
import { readYaml } from '../read-yaml.ts';
import type { MonitorConfig } from './config.ts';
import { processesConfig } from './processes.ts';
import { monitorSchema } from './schema.ts';

/** LIFEBOAT_MONITOR_CONFIG, or the standard place. */
export function monitorConfigPath(environment: Readonly<Record<string, string | undefined>>): string {
  return environment.LIFEBOAT_MONITOR_CONFIG || MONITOR_CONFIG_PATH;
}

/** As loadConfig: throws CONFIG_INVALID with one line per mistake. */
export function loadMonitorConfig(path: string): MonitorConfig {
  return monitorConfigFromText(readConfigFile(path), path);
}

/** The same, from text; `name` stands for the file in messages. */
export function monitorConfigFromText(text: string, name: string): MonitorConfig {
  const file = readYaml(text, name, monitorSchema);
  const { api, cloud, guests, host, log, processes, spool } = file;
  return deepFreeze({
    api: {
      addresses: api.addresses,
      caFile: api.ca_file,
      keyFile: api.key_file,
      requestTimeoutMs: api.request_timeout,
    },
    cloud: { name: cloud.name, cloudsFile: cloud.clouds_file, secureFile: cloud.secure_file },
    guests: {
      watch: guests.watch,
      socketDirectory: guests.socket_directory,
      events: Object.assign(Object.create(null) as Record<string, 'report' | 'ignore'>, guests.events),
      agents:
        guests.agents === 'leave'
          ? undefined
          : {
              intervalMs: guests.agent_interval,
              timeoutS: Math.max(1, Math.round(guests.agent_timeout / 1_000)),
              threshold: guests.agent_threshold,
            },
    },
    processes: processesConfig(processes),
    spool: { maxReports: spool.max_reports },
    log: { level: log.level },
    host,
    stateDirectory: file.state_directory,
    runtimeDirectory: file.runtime_directory,
  });
}
