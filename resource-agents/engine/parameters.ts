import {
  CONFIG_PATH,
  DAEMON_GROUP,
  DAEMON_USER,
  LOG_PATH,
  RUNTIME_DIRECTORY,
  STATE_DIRECTORY,
} from '../../src/config/paths.ts';

/** The parameters of ocf:lifeboat:engine, once: the metadata and the reading are made from this table. */
export const PARAMETERS = {
  config: {
    byDefault: CONFIG_PATH,
    short: 'Configuration file',
    long: 'The configuration file of lifeboatd. "lifeboat config check FILE" checks it.',
  },
  user: {
    byDefault: DAEMON_USER,
    short: 'User of the daemon',
    long: 'The user that lifeboatd runs as. It must be able to read the cluster: be hacluster, or a member of haclient.',
  },
  group: {
    byDefault: DAEMON_GROUP,
    short: 'Group of the daemon',
    long: 'The group that lifeboatd runs as. Its members may ask it for its status.',
  },
  log_file: {
    byDefault: LOG_PATH,
    short: 'Log file',
    long: 'Where lifeboatd logs, one JSON object a line. Opened for appending: rotate it by copying and truncating.',
  },
  runtime_directory: {
    byDefault: RUNTIME_DIRECTORY,
    short: 'Directory of the control socket',
    long: 'Made by the agent when it is missing. Must be the same as runtime_directory in the configuration file.',
  },
  state_directory: {
    byDefault: STATE_DIRECTORY,
    short: 'Directory of what outlives the daemon',
    long: 'Made by the agent when it is missing. Must be the same as state_directory in the configuration file.',
  },
} as const;

type ParameterName = keyof typeof PARAMETERS;
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Call {
  readonly parameters: Readonly<Record<ParameterName, string>>;
  /** What Pacemaker gives the action before it kills the agent. */
  readonly timeoutMs: number;
  /** 0 is a probe: Pacemaker asks whether the resource runs, and expects that it may not. */
  readonly intervalMs: number;
  readonly depth: number;
}

/** Called by hand, without Pacemaker around it, the defaults stand. */
export function readCall(environment: Environment): Call {
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
    depth: numberOf(environment.OCF_CHECK_LEVEL, 0),
  };
}

function numberOf(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
}
