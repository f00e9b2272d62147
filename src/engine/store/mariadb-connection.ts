import { connect as connectTo, isIP } from 'node:net';
import type { Connection, ConnectionOptions } from 'mysql2/promise';
import type { DatabaseTls } from './mariadb-options.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Read anew for each connection, so that a changed password needs no restart. */
  readonly password: () => string;
  readonly tls: DatabaseTls;
  readonly patienceMs: number;
}

/** A server that swallows packets must not cost more than this before the next one is tried. */
const CONNECT_MS = 3_000;
const UNKNOWN_VARIABLE = 1193;
/** Between two statements of one transaction; an engine that needs longer has it rolled back, and does it again. */
const IDLE_IN_TRANSACTION_S = 3;

/** A connection whose session does not depend on how the server is set up. */
export async function connect(
  createConnection: (options: ConnectionOptions) => Promise<Connection>,
  { host, port, database, user, password, tls, patienceMs }: Endpoint,
): Promise<Connection> {
  const connection = await createConnection({
    host,
    port,
    database,
    user,
    password: password(),
    connectTimeout: Math.min(CONNECT_MS, patienceMs),
    charset: 'utf8mb4_bin',
    // No LOAD DATA LOCAL: a server must not be able to ask this process for files.
    flags: ['-LOCAL_FILES'],
    ...(tls.kind === 'off' ? {} : { ssl: sslOf(tls) }),
    ...(tls.kind === 'verified' && isIP(host) !== 0 ? addressed(host, port) : {}),
  });
  // An error between two statements: the next statement fails, and that is where it is dealt with.
  connection.on('error', () => undefined);
  try {
    const set = (statement: string) => connection.query({ sql: statement, timeout: patienceMs });
    await set("set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 3");
    // What is not in order for the lease is never read (decision 0028), so Galera's own highest level is enough.
    await set('set session transaction isolation level repeatable read');
    const setWhereKnown = (statement: string) =>
      set(statement).catch((error: unknown) => {
        if ((error as { errno?: unknown }).errno !== UNKNOWN_VARIABLE) throw error;
      });
    // Reading waits for what other nodes have committed before: who takes over must see all of it.
    await setWhereKnown('set session wsrep_sync_wait = 1');
    // A controller that stands still, or loses its power, in the middle of a transaction leaves the lease's row locked for as long as
    // the server believes in the connection, which is hours: then no other engine could take over (seen on the lab's cluster).
    await setWhereKnown(`set session idle_transaction_timeout = ${IDLE_IN_TRANSACTION_S}`);
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/**
 * mysql2 names no server in TLS when it is given an address, and Node then holds the certificate against "localhost". With a
 * dot at its end the address passes for a name, and Node, which takes the dot off again, holds the certificate against it.
 */
function addressed(host: string, port: number): Pick<ConnectionOptions, 'host' | 'stream'> {
  return { host: `${host}.`, stream: () => connectTo({ host, port, noDelay: true, keepAlive: true }) };
}

function sslOf(tls: Exclude<DatabaseTls, { kind: 'off' }>): NonNullable<Exclude<ConnectionOptions['ssl'], string>> {
  if (tls.kind === 'unverified') return { rejectUnauthorized: false };
  return { rejectUnauthorized: true, verifyIdentity: true, ...(tls.ca === undefined ? {} : { ca: tls.ca }) };
}
