import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { databasePassword, readAuthorities } from '../config/database-secrets.ts';
import { openMariadbStore } from '../engine/store/mariadb-store.ts';
import { openSqliteStore } from '../engine/store/sqlite-store.ts';
import type { Store } from '../engine/store/store.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';

export interface OpenStorePorts {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  /** Where the password of the database may stand. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The embedded one fails here when its file cannot be used; a database is waited for by the engine. */
export function openStore(
  { stateDirectory, store: { database, leaseDurationMs } }: Config,
  { clock, environment, logger, randomness }: OpenStorePorts,
): Promise<Store> {
  if (database === undefined) return openSqliteStore(join(stateDirectory, 'lifeboat.db'), logger);
  return openMariadbStore({
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
  });
}
