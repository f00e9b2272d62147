import { readFileSync } from 'node:fs';
import type { Connection } from 'mysql2/promise';
import { connect } from '../../engine/store/mariadb-connection.ts';
import { LifeboatError, messageOf } from '../../errors.ts';
import type { DatabaseUrl } from '../conf/database-url.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Masakari's database, of which nothing is changed: the server itself refuses every write of this session. */
export interface MasakariDatabase {
  /** Throws MASAKARI_DATABASE_UNUSABLE. */
  rows(statement: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): void;
}

/** A pause of the server that is longer than this is an end. */
const PATIENCE_MS = 60_000;

/** All that is read is of one moment. Throws MASAKARI_DATABASE_UNUSABLE, never with the password. */
export async function openMasakari(url: DatabaseUrl): Promise<MasakariDatabase> {
  const where = `Masakari's database ${url.database} on ${url.host}:${url.port}`;
  const failed = (what: string, cause: unknown): LifeboatError =>
    new LifeboatError('MASAKARI_DATABASE_UNUSABLE', `${where} ${what}: ${messageOf(cause)}`);
  const tls = url.caFile === undefined ? ({ kind: 'off' } as const) : authorities(url.caFile);
  const { createConnection } = await import('mysql2/promise');
  const endpoint = { ...url, password: () => url.password, tls, patienceMs: PATIENCE_MS };
  let connection: Connection | undefined;
  try {
    connection = await connect((options) => createConnection(options), endpoint);
    await connection.query('set session transaction isolation level repeatable read');
    await connection.query('start transaction with consistent snapshot, read only');
  } catch (error) {
    connection?.destroy();
    throw failed('cannot be opened', error);
  }
  const open = connection;
  return {
    async rows(sql, values = []) {
      try {
        const [rows] = await open.query({ sql, values: [...values], timeout: PATIENCE_MS });
        return rows as Row[];
      } catch (error) {
        throw failed('cannot be read', error);
      }
    },
    close: () => {
      open.destroy();
    },
  };
}

function authorities(path: string): { readonly kind: 'verified'; readonly ca: string } {
  try {
    return { kind: 'verified', ca: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new LifeboatError(
      'MASAKARI_CONF_INVALID',
      `ssl_ca ${path} of [database] connection cannot be read (${code})`,
    );
  }
}
