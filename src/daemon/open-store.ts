import { join } from 'node:path';
import type { Config, DatabaseConfig } from '../config/config.ts';
import { databasePassword, readAuthorities } from '../config/database-secrets.ts';
import { openMariadbStore, type MariadbOptions } from '../engine/store/mariadb-store.ts';
import { openSqliteStore } from '../engine/store/sqlite-store.ts';
import { readMariadbStore, readSqliteStore, type StoreReading } from '../engine/store/store-reading.ts';
import type { Store } from '../engine/store/store.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';

export interface OpenStorePorts {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  /** Where the password of the database may stand. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What the store holds, for who only looks; undefined: it holds nothing of ours yet. Throws STORE_UNUSABLE. */
export function readStore(config: Config, ports: OpenStorePorts): Promise<StoreReading | undefined> {
  const { database } = config.store;
  if (database === undefined) return readSqliteStore(embeddedPath(config));
  return readMariadbStore(mariadbOptions(database, config, ports));
}

export function embeddedPath({ stateDirectory }: Pick<Config, 'stateDirectory'>): string {
  return join(stateDirectory, 'lifeboat.db');
}

/** The embedded one fails here when its file cannot be used; a database is waited for by the engine. */
export function openStore(config: Config, ports: OpenStorePorts): Promise<Store> {
  const { database } = config.store;
  if (database === undefined) return openSqliteStore(embeddedPath(config), ports.logger);
  return openMariadbStore(mariadbOptions(database, config, ports));
}

function mariadbOptions(
  database: DatabaseConfig,
  { store: { leaseDurationMs } }: Config,
  { clock, environment, logger, randomness }: OpenStorePorts,
): MariadbOptions {
  return {
    hosts: database.hosts.map((host) => ({ host, port: database.port })),
    database: database.name,
    user: database.user,
    password: () => databasePassword(database.passwordFile, environment),
    tls:
      database.tls === 'verified'
        ? { kind: 'verified', ca: database.caFile === undefined ? undefined : readAuthorities(database.caFile) }
        : { kind: database.tls },
    patienceMs: leaseDurationMs / 3,
    clock,
    randomness,
    logger,
  };
}
