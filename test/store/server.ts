import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createConnection, type Connection } from 'mysql2/promise';
import { runCommand } from '../cluster/lab/host-command.ts';
import { eventually } from '../support/eventually.ts';

export interface DatabaseServer {
  readonly address: string;
  readonly port: number;
  readonly data: string;
  /** `words`: beside its configuration. */
  start(words?: readonly string[]): Promise<void>;
  /** `kill`: as a power cut; `quit`: as an administrator would. */
  stop(how: 'kill' | 'quit'): Promise<void>;
  /** Stands still, as with a hung kernel: it takes connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** As its administrator, who needs no password on the server's own socket. */
  admin<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** What the administrator gets to see. */
  rows<T>(statement: string, values?: readonly unknown[]): Promise<readonly T[]>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

export interface DatabaseServerOptions {
  readonly folder: string;
  /** Lines for the section [mysqld] of its configuration. */
  readonly settings?: readonly string[];
  readonly address?: string;
  /** Default: one that is free. */
  readonly port?: number;
  /** Command and words before mariadbd, such as those that enter a network namespace. */
  readonly within?: readonly string[];
  /** A folder with programs that the server may run. */
  readonly path?: string;
  /** Of another server that was ended cleanly: its files are the beginning of this one's. */
  readonly copyOf?: string;
}

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** A MariaDB of its own in the folder, not started yet; without systemd, on one address. */
export async function createDatabaseServer(options: DatabaseServerOptions): Promise<DatabaseServer> {
  const { folder, address = '127.0.0.1', within = [] } = options;
  const port = options.port ?? (await freePort());
  const data = join(folder, 'data');
  const socket = join(folder, 'sock');
  const defaults = join(folder, 'my.cnf');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lines = [
    '[mysqld]',
    ...(process.getuid?.() === 0 ? ['user = root'] : []),
    `datadir = ${data}`,
    `socket = ${socket}`,
    `bind-address = ${address}`,
    `port = ${port}`,
    `pid-file = ${join(folder, 'pid')}`,
    'skip-name-resolve = ON',
    'innodb_buffer_pool_size = 64M',
    'innodb_log_file_size = 16M',
    'performance_schema = OFF',
    ...(options.settings ?? []),
    '',
  ];
  writeFileSync(defaults, lines.join('\n'), { mode: 0o600 });
  if (options.copyOf === undefined) {
    mkdirSync(data, { mode: 0o700 });
    const account = process.getuid?.() === 0 ? ['--user=root'] : [];
    const words = ['--auth-root-authentication-method=socket', '--skip-test-db', ...account];
    // Only the server itself belongs to a Galera; its tables are made before there is one.
    await runCommand(['mariadb-install-db', `--defaults-file=${defaults}`, '--wsrep-on=OFF', ...words], {
      env: { PATH },
      timeoutMs: 120_000,
      cwd: folder,
    });
  } else {
    await runCommand(['cp', '-a', options.copyOf, data]);
  }

  const env = { PATH: options.path === undefined ? PATH : `${options.path}:${PATH}` };
  let child: ChildProcess | undefined;
  const admin: DatabaseServer['admin'] = async (work) => {
    const user = process.getuid?.() === 0 ? 'root' : (process.env['USER'] ?? 'root');
    const connection = await createConnection({ socketPath: socket, user, connectTimeout: 5_000 });
    try {
      return await work(connection);
    } finally {
      connection.destroy();
    }
  };
  const stop: DatabaseServer['stop'] = async (how) => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGCONT');
    running.kill(how === 'kill' ? 'SIGKILL' : 'SIGTERM');
    await ended;
  };
  return {
    address,
    port,
    data,
    async start(more = []) {
      rmSync(socket, { force: true });
      const output = openSync(join(folder, 'output'), 'a', 0o600);
      const [program = '', ...words] = [...within, 'mariadbd', `--defaults-file=${defaults}`, ...more];
      child = spawn(program, words, { cwd: folder, stdio: ['ignore', output, output], env });
      closeSync(output);
      const started = child;
      await eventually(
        'mariadbd answers',
        async () => {
          if (started.exitCode !== null)
            throw new Error(`mariadbd ended: ${readFileSync(join(folder, 'output'), 'utf8').slice(-1_500)}`);
          return (
            existsSync(socket) &&
            (await admin((connection) => connection.ping()).then(
              () => true,
              () => false,
            ))
          );
        },
        { withinMs: 120_000, everyMs: 50 },
      );
    },
    stop,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    admin,
    rows: <T>(statement: string, values: readonly unknown[] = []) =>
      admin(async (connection) => {
        const [rows] = await connection.query(statement, [...values]);
        return rows as unknown as readonly T[];
      }),
    async remove() {
      await stop('kill');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A database and a user of it, with the grants that docs/install.md names. */
export function createDatabase(
  server: DatabaseServer,
  name: string,
  user = 'lifeboat',
  password = 'secret',
): Promise<void> {
  return server.admin(async (connection) => {
    await connection.query(`CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    await connection.query(`CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '${password}'`);
    await connection.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP ON \`${name}\`.* TO '${user}'@'%'`,
    );
  });
}

/** mariadbd of Debian will not start on a port that is taken, and a test must not choose one that is. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
