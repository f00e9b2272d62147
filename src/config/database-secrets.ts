import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { LifeboatError } from '../errors.ts';

const VARIABLE = 'LIFEBOAT_DATABASE_PASSWORD';
const SIZE_LIMIT = 4_096;

/** From the file, or else from the environment. Throws CONFIG_INVALID, with nothing of the password in it. */
export function databasePassword(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (file !== undefined) return fromFile(file);
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

function fromFile(file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new LifeboatError('CONFIG_INVALID', `store.password_file ${file} cannot be read (${codeOf(error)})`);
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size > SIZE_LIMIT) {
      throw new LifeboatError('CONFIG_INVALID', `store.password_file ${file} is no file with a password in it`);
    }
    if ((status.mode & 0o007) !== 0) {
      throw new LifeboatError('CONFIG_INVALID', `everybody has rights on ${file}; correct it: chmod o= ${file}`);
    }
    const password = readFileSync(descriptor, 'utf8').replace(/\r?\n$/, '');
    if (password === '') throw new LifeboatError('CONFIG_INVALID', `store.password_file ${file} is empty`);
    return password;
  } finally {
    closeSync(descriptor);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
