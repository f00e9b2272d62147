import { readFileSync, statSync } from 'node:fs';
import { LifeboatError } from '../errors.ts';

/** The text of a file of keys; the stamp changes with it. Throws CONFIG_INVALID, or what the file system says. */
export function readHostKeysFile(path: string): { readonly stamp: string; readonly text: string } {
  const { ino, mode, mtimeMs, size } = statSync(path);
  // Who may write it decides who may report.
  if ((mode & 0o002) !== 0) throw new LifeboatError('CONFIG_INVALID', `${path}: everybody may write it`);
  return { stamp: `${ino} ${mtimeMs} ${size}`, text: readFileSync(path, 'utf8') };
}
