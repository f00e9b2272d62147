import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { LifeboatError } from '../errors.ts';

/**
 * The rules of a policy file: YAML, or JSON, which is YAML too. The stamp changes with the file. Throws CONFIG_INVALID, or what
 * the file system says.
 */
export function readPolicyFile(path: string): {
  readonly stamp: string;
  readonly rules: Readonly<Record<string, unknown>>;
} {
  const { ino, mode, mtimeMs, size } = statSync(path);
  // Who may write it decides who may do what.
  if ((mode & 0o002) !== 0) throw new LifeboatError('CONFIG_INVALID', `${path}: everybody may write it`);
  const rules = (parse(readFileSync(path, 'utf8'), { prettyErrors: false }) as unknown) ?? {};
  if (typeof rules !== 'object' || Array.isArray(rules)) {
    throw new LifeboatError('CONFIG_INVALID', `${path}: is no map of rules`);
  }
  return { stamp: `${ino} ${mtimeMs} ${size}`, rules: rules as Readonly<Record<string, unknown>> };
}
