import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/edge/clock.ts';
import { systemRandomness } from '../../src/edge/randomness.ts';
import { openMariadbStore, type MariadbOptions } from '../../src/engine/store/mariadb-store.ts';
import type { Store } from '../../src/engine/store/store.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { createDatabase, createDatabaseServer, type DatabaseServer } from './server.ts';

/** A running server with nothing in it. */
export async function startDatabase(settings: readonly string[] = []): Promise<DatabaseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-mariadb-'));
  const server = await createDatabaseServer({ folder, settings });
  await server.start();
  return server;
}

let databases = 0;

/** A database of its own in the server. */
export async function newDatabase(server: DatabaseServer): Promise<string> {
  databases += 1;
  const name = `lifeboat_${databases}`;
  await createDatabase(server, name);
  return name;
}

export function mariadbOptions(
  servers: DatabaseServer | readonly DatabaseServer[],
  database: string,
  more: Partial<MariadbOptions> = {},
): MariadbOptions {
  const all = Array.isArray(servers) ? (servers as readonly DatabaseServer[]) : [servers as DatabaseServer];
  return {
    hosts: all.map(({ address, port }) => ({ host: address, port })),
    database,
    user: 'lifeboat',
    password: () => 'secret',
    tls: { kind: 'off' },
    patienceMs: 5_000,
    clock: systemClock,
    randomness: systemRandomness,
    logger: recordingLogger(),
    ...more,
  };
}

export function openDatabase(
  servers: DatabaseServer | readonly DatabaseServer[],
  database: string,
  more: Partial<MariadbOptions> = {},
): Promise<Store> {
  return openMariadbStore(mariadbOptions(servers, database, more));
}
