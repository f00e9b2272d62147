import { readFileSync } from 'node:fs';
import { LifeboatError } from '../errors.ts';
import { readSecretFile } from './secret-file.ts';

const VARIABLE = 'LIFEBOAT_DATABASE_PASSWORD';

/** From the file, or else from the environment. Throws CONFIG_INVALID, with nothing of the password in it. */
export function databasePassword(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (file !== undefined) return readSecretFile(file, 'store.password_file', 'password');
  const password = environment[VARIABLE];
  if (password !== undefined && password !== '') return password;
  throw new LifeboatError(
    'CONFIG_INVALID',
    `the password of the database is nowhere: neither store.password_file nor ${VARIABLE} is set`,
  );
}

/** PEM. Throws CONFIG_INVALID. */
export function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LifeboatError('CONFIG_INVALID', `store.tls_ca_file ${file} cannot be read (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
