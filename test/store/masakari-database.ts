import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SchemaName } from '../../src/masakari/database/schema.ts';
import { createDatabase, type DatabaseServer } from './server.ts';

const SAMPLES = resolve(import.meta.dirname, '../samples/masakari-schema');

export type SampleFile = 'rows' | 'vmoves';

/** A database with the schema of that release. */
export async function createMasakari(
  server: DatabaseServer,
  database: string,
  schema: SchemaName,
  files: readonly SampleFile[] = [],
): Promise<void> {
  await createDatabase(server, database, 'masakari', MASAKARI_PASSWORD);
  for (const name of [schema, ...files]) await runSql(server, database, readFileSync(`${SAMPLES}/${name}.sql`, 'utf8'));
}

/** In SQL it would be too easy to find; in a URL it is percent-encoded. */
export const MASAKARI_PASSWORD = 'se/cr@t$1';

export async function runSql(server: DatabaseServer, database: string, text: string): Promise<void> {
  await server.admin(async (connection) => {
    await connection.query(`USE \`${database}\``);
    for (const statement of text.split(/;\n/)) if (statement.trim() !== '') await connection.query(statement);
  });
}

/** What an operator would find in masakari.conf. */
export function connectionTo({ address, port }: DatabaseServer, database: string): string {
  const password = encodeURIComponent(MASAKARI_PASSWORD);
  return `mysql+pymysql://masakari:${password}@${address}:${port}/${database}?charset=utf8`;
}
