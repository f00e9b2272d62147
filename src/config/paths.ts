/** Names that others depend on (docs/install.md). The agents import them too: this file must stay without imports. */
export const CONFIG_PATH = '/etc/lifeboat/lifeboat.yaml';
export const STATE_DIRECTORY = '/var/lib/lifeboat';
export const RUNTIME_DIRECTORY = '/run/lifeboat';
export const SOCKET_NAME = 'lifeboatd.sock';
/** Beside the socket. */
export const WAKE_FILE_NAME = 'wake';
export const LOG_PATH = '/var/log/lifeboat/lifeboatd.log';
/** Pacemaker's own user and group: the CIB, the fencing history and the attributes answer them without more rights. */
export const DAEMON_USER = 'hacluster';
export const DAEMON_GROUP = 'haclient';

/** The control socket of the daemon that uses `runtimeDirectory`. */
export function socketPath(runtimeDirectory: string = RUNTIME_DIRECTORY): string {
  return `${runtimeDirectory}/${SOCKET_NAME}`;
}

/** Of lifeboat-monitor. Beside lifeboatd's and not in them: those belong to another user, and one host may run both. */
export const MONITOR_CONFIG_PATH = '/etc/lifeboat/monitor.yaml';
export const MONITOR_KEY_PATH = '/etc/lifeboat/monitor.key';
export const MONITOR_STATE_DIRECTORY = '/var/lib/lifeboat-monitor';
export const MONITOR_RUNTIME_DIRECTORY = '/run/lifeboat-monitor';
export const MONITOR_LOG_PATH = '/var/log/lifeboat/lifeboat-monitor.log';

/** The control socket of the monitor that uses `runtimeDirectory`. */
export function monitorSocketPath(runtimeDirectory: string = MONITOR_RUNTIME_DIRECTORY): string {
  return `${runtimeDirectory}/monitor.sock`;
}
