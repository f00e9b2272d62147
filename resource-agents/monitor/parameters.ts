import {
  MONITOR_CONFIG_PATH,
  MONITOR_LOG_PATH,
  MONITOR_RUNTIME_DIRECTORY,
  MONITOR_STATE_DIRECTORY,
} from '../../src/config/paths.ts';

/** The parameters of ocf:lifeboat:monitor, once: the metadata and the reading are made from this table. */
export const PARAMETERS = {
  config: {
    byDefault: MONITOR_CONFIG_PATH,
    short: 'Configuration file',
    long: 'The configuration file of lifeboat-monitor. "lifeboat-monitor config check FILE" checks it.',
  },
  user: {
    byDefault: 'root',
    short: 'User of the monitor',
    long: 'The user that lifeboat-monitor runs as. It must be able to open the sockets of libvirt.',
  },
  group: {
    byDefault: 'root',
    short: 'Group of the monitor',
    long: 'The group that lifeboat-monitor runs as. Its members may ask it for its status.',
  },
  log_file: {
    byDefault: MONITOR_LOG_PATH,
    short: 'Log file',
    long: 'Where lifeboat-monitor logs, one JSON object a line. Opened for appending: rotate it by copying and truncating.',
  },
  runtime_directory: {
    byDefault: MONITOR_RUNTIME_DIRECTORY,
    short: 'Directory of the control socket',
    long: 'Made by the agent when it is missing. Must be the same as runtime_directory in the configuration file.',
  },
  state_directory: {
    byDefault: MONITOR_STATE_DIRECTORY,
    short: 'Directory of the spool',
    long: 'Made by the agent when it is missing. Must be the same as state_directory in the configuration file.',
  },
} as const;

type ParameterName = keyof typeof PARAMETERS;

export interface MonitorCall {
  readonly parameters: Readonly<Record<ParameterName, string>>;
  /** What Pacemaker gives the action before it kills the agent. */
  readonly timeoutMs: number;
  /** 0 is a probe. */
  readonly intervalMs: number;
}

/** Called by hand, without Pacemaker around it, the defaults stand. */
export function readCall(environment: Readonly<Record<string, string | undefined>>): MonitorCall {
  const parameter = (name: ParameterName): string => environment[`OCF_RESKEY_${name}`] || PARAMETERS[name].byDefault;
  return {
    parameters: {
      config: parameter('config'),
      user: parameter('user'),
      group: parameter('group'),
      log_file: parameter('log_file'),
      runtime_directory: parameter('runtime_directory'),
      state_directory: parameter('state_directory'),
    },
    timeoutMs: numberOf(environment.OCF_RESKEY_CRM_meta_timeout, 20_000),
    intervalMs: numberOf(environment.OCF_RESKEY_CRM_meta_interval, 0),
  };
}

function numberOf(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
}
