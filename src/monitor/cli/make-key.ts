import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { LifeboatError } from '../../errors.ts';

/** What it begins with tells the API that it is none of Keystone's tokens (src/api/auth/host-keys.ts). */
const PREFIX = 'lbk_';

/**
 * Writes a new key into a new file that only its owner may read, and answers the line for api.host_keys_file of the
 * controllers. The key itself is shown nowhere. Throws CONFIG_INVALID when the file is there already, or cannot be written.
 */
export function makeKey(path: string, host: string): string {
  const key = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  try {
    const descriptor = openSync(path, 'wx', 0o600);
    try {
      writeSync(descriptor, `${key}\n`);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const told =
      code === 'EEXIST' ? 'is there already; move it away first' : `cannot be written (${code ?? 'unknown'})`;
    throw new LifeboatError('CONFIG_INVALID', `${path} ${told}`);
  }
  return `${host} sha256:${createHash('sha256').update(key).digest('hex')}`;
}
