import { closeSync, fstatSync, openSync, readFileSync, constants } from 'node:fs';
import { LifeboatError, messageOf } from '../errors.ts';

const SIZE_LIMIT = 1_048_576;

/** UTF-8 text that not everybody may write. Throws CONFIG_INVALID. */
export function readConfigFile(path: string): string {
  let descriptor: number;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new LifeboatError('CONFIG_INVALID', `${path} cannot be read: ${reasonOf(error)}`);
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new LifeboatError('CONFIG_INVALID', `${path} is not a file`);
    if (status.size > SIZE_LIMIT) throw new LifeboatError('CONFIG_INVALID', `${path} is larger than 1 MiB`);
    if ((status.mode & 0o002) !== 0) {
      throw new LifeboatError('CONFIG_INVALID', `${path} may be written by everybody; correct it: chmod o-w ${path}`);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(descriptor));
  } catch (error) {
    if (error instanceof TypeError) throw new LifeboatError('CONFIG_INVALID', `${path} is not UTF-8 text`);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'this user has no right to read it';
  return messageOf(error);
}
