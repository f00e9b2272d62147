/**
 * Every error of Lifeboat in one table. A code is a contract: logs, exit reasons and the API show it, and it is never
 * reused for another meaning. `hint` is what an operator can do; it is shown beside the message.
 */
export const ERRORS = {
  // Pacemaker's commands
  CRM_NOT_INSTALLED: 'install pacemaker-cli-utils (Debian) or pacemaker-cli (RPM) on this node',
  CRM_NO_PERMISSION: 'run as root or as a member of the group haclient',
  CRM_NO_CLUSTER: 'start Pacemaker on this node: pcs cluster start, or systemctl start pacemaker',
  CRM_TIMED_OUT: 'the cluster did not answer in time; see crm_mon and the Pacemaker log on this node',
  CRM_GARBAGE: 'the command answered something unreadable; report it with its output and the Pacemaker version',
  CRM_FAILED: 'the command failed; its own words follow in the message',
  // Keystone and Nova
  CLOUD_UNREACHABLE: 'check that the endpoint answers from this controller',
  CLOUD_TIMED_OUT: 'the endpoint did not answer in time; check its load and the load balancer',
  CLOUD_TLS: 'check the certificate, and cacert in clouds.yaml',
  CLOUD_UNAUTHORIZED: 'check the credentials that LIFEBOAT_CONFIG points to',
  CLOUD_FORBIDDEN: 'give the user the rights that docs/install.md lists',
  CLOUD_NOT_FOUND: 'the object is gone, or belongs to another region',
  CLOUD_CONFLICT: 'the object is in a state that does not allow this',
  CLOUD_BAD_REQUEST: 'Nova refused the request; its own words follow in the message',
  CLOUD_UNAVAILABLE: 'the API answered with an error of its own; see its log',
  CLOUD_GARBAGE: 'something that is not the API answered; check the endpoint in the catalog',
  CLOUD_TOO_OLD: 'Lifeboat needs Nova API 2.53 (Pike) or later',
  CLOUD_NO_ENDPOINT: 'check region_name and interface in clouds.yaml against the catalog',
  // libvirt, on a compute host
  LIBVIRT_UNREACHABLE: 'start libvirtd or virtqemud on this host: systemctl status libvirtd virtqemud',
  LIBVIRT_NO_PERMISSION: 'run as root, or let the user of the monitor in by a polkit rule or the group of the socket',
  LIBVIRT_TIMED_OUT: 'one call hangs, perhaps for a guest that hangs; see the log of libvirtd on this host',
  LIBVIRT_HUNG: 'libvirtd stands still; see its log, and restart it: guests go on without it',
  LIBVIRT_CLOSED: 'nothing to do when libvirtd was restarted: the monitor connects again and compares',
  LIBVIRT_GARBAGE: 'report it with the version of libvirt; the monitor connects again and compares',
  LIBVIRT_FAILED: 'libvirt refused the call; its own words follow in the message',
  // our own
  CONFIG_INVALID: 'correct the file; lifeboat config check FILE names the line',
  NOT_ALLOWED: 'the hold names what would end it; lifeboat status',
  STORE_UNUSABLE: 'check the disk and the rights of /var/lib/lifeboat, or the database that store.hosts names',
  STORE_DAMAGED: 'the store holds a row that no Lifeboat writes; the message names it',
  REGISTRY_NOT_FOUND: 'see what there is: openstack segment list, openstack notification list',
  REGISTRY_CONFLICT: 'the message names what stands against it; try again when that has ended',
  REGISTRY_REFUSED: 'the message names what is wrong with the request',
  MASAKARI_CONF_INVALID: 'correct the file, or name the right ones with --conf and --config-dir',
  MASAKARI_DATABASE_UNUSABLE:
    'check that the database of [database] connection answers from this machine, and that the user may read it',
  MASAKARI_SCHEMA_UNKNOWN: 'only the schemas of Masakari Wallaby to 2026.1 are known; upgrade Masakari, or Lifeboat',
  LEASE_LOST: 'another engine has taken over, and this one does nothing more; crm_mon shows where it runs',
  LEASE_LAPSED: 'nothing to do: the engine goes on when it has renewed its lease in the store',
  SOCKET_TAKEN: 'another one runs on this node already, or something else took its place; stop it first',
  DAEMON_UNREACHABLE: 'the engine does not run on this node; crm_mon shows where it does',
  // on a compute host
  DBUS_UNREACHABLE: 'check that D-Bus runs on this host (systemctl status dbus), and that this user may use its socket',
  DBUS_TIMED_OUT: 'D-Bus or systemd does not answer; see journalctl -b -p warning, and systemctl is-system-running',
  DBUS_REFUSED: 'D-Bus or systemd refused the call; its own words follow in the message',
  DBUS_GARBAGE: 'something that is not D-Bus answered; check which socket was given',
  COMMAND_NOT_STARTED: 'check that the command is there, and that the user of the monitor may run it',
  COMMAND_FAILED: 'run the command by hand as the user of the monitor; its own words follow in the message',
  PROCESS_LIST_INVALID: 'correct the file; docs/processes.md says what each field means',
  PROCESSES_INVALID:
    'correct the processes in the configuration of the monitor; docs/processes.md says what each means',
  MONITOR_UNREACHABLE: 'lifeboat-monitor does not run on this host; start it, and see its log',
  SPOOL_UNUSABLE: 'check the disk and the rights of the state_directory of monitor.yaml',
  LAB_UNAVAILABLE: 'see test/cluster/README.md for what the lab needs',
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Thrown for everything that is foreseen. `message` says what happened and to what; never a secret. */
export class LifeboatError extends Error {
  override readonly name = 'LifeboatError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  get hint(): string {
    return ERRORS[this.code];
  }
}

export function isLifeboatError(error: unknown, ...codes: readonly ErrorCode[]): error is LifeboatError {
  return error instanceof LifeboatError && (codes.length === 0 || codes.includes(error.code));
}

/** One line for a log or an exit reason, whatever was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof LifeboatError) return `${error.message} [${error.code}]`;
  return error instanceof Error ? error.message : String(error);
}
