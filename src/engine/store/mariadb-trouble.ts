/** What an error of MariaDB or of the way to it says of trying again. */
export type Trouble =
  /** The transaction was sacrificed, not refused: it may go as a whole, at once. */
  | 'again'
  /** This server takes nothing now, or is not there: another one, or the same in a while. */
  | 'elsewhere'
  /** It would be answered the same way: no rights, no such table, a value that does not fit. */
  | 'hopeless';

const AGAIN: readonly number[] = [
  1213, // deadlock; Galera's failed certification is the same
  1205, // lock wait timeout; Galera's wsrep_sync_wait too
  1020, // the record has changed since it was read (innodb_snapshot_isolation of MariaDB 11)
  1062, // two engines made the first row of the lease at one time
  1317, // the statement was interrupted: Galera aborts a local one for one of another node
];

const ELSEWHERE: readonly number[] = [
  1047, // WSREP has not yet prepared node for application use: not in the primary component, or not in step
  1290, // running with --read-only
  1792, // the transaction is read only
  1836, // running in read-only mode
  1040, // too many connections
  1203, // too many connections of this user
  1226, // the user has used up its hour
  1129, // the host is blocked because of many errors
  1053, // the server is being shut down
  1927, // the connection was killed
  1180, // error during the commit: with Galera, the node left the cluster meanwhile
];

const NETWORK: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
  'ER_CON_COUNT_ERROR',
];

export function troubleOf(error: unknown): Trouble {
  const { code, errno, fatal } = (error ?? {}) as { code?: unknown; errno?: unknown; fatal?: unknown };
  if (typeof errno === 'number' && AGAIN.includes(errno)) return 'again';
  if (typeof errno === 'number' && (ELSEWHERE.includes(errno) || isOfTheWire(errno))) return 'elsewhere';
  if (typeof code === 'string' && NETWORK.includes(code)) return 'elsewhere';
  // 1045, 1044, 1049 end the connection too, and another server would say the same.
  return fatal === true && !(typeof errno === 'number' && errno > 1000) ? 'elsewhere' : 'hopeless';
}

/** 1152 to 1161: the packets between client and server. */
function isOfTheWire(errno: number): boolean {
  return errno >= 1152 && errno <= 1161;
}
