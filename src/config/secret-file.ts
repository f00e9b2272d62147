import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { LifeboatError } from '../errors.ts';

const SIZE_LIMIT = 4_096;

/** Without the end of its last line. `name`: the key that names the file. Throws CONFIG_INVALID, with nothing of the secret in it. */
export function readSecretFile(file: string, name: string, what: 'password' | 'key'): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new LifeboatError('CONFIG_INVALID', `${name} ${file} cannot be read (${codeOf(error)})`);
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size > SIZE_LIMIT) {
      throw new LifeboatError('CONFIG_INVALID', `${name} ${file} is no file with a ${what} in it`);
    }
    if ((status.mode & 0o007) !== 0) {
      throw new LifeboatError('CONFIG_INVALID', `everybody has rights on ${file}; correct it: chmod o= ${file}`);
    }
    const secret = readFileSync(descriptor, 'utf8').replace(/\r?\n$/, '');
    if (secret === '') throw new LifeboatError('CONFIG_INVALID', `${name} ${file} is empty`);
    return secret;
  } finally {
    closeSync(descriptor);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
