import { readFile } from 'node:fs/promises';
import { LifeboatError } from '../errors.ts';
import { readCloudsFile } from './clouds-yaml.ts';
import type { CloudsFileChoice } from './clouds-yaml.ts';
import type { Credentials } from './credentials.ts';
import { readEnvironment } from './environment.ts';
import type { ReadText } from './settings.ts';

/** Where credentials are. */
export type CredentialSource =
  | ({ readonly kind: 'clouds-file' } & CloudsFileChoice)
  | { readonly kind: 'environment'; readonly variables: Readonly<Record<string, string | undefined>> };

/** `readText`: undefined for a file that does not exist. Throws CONFIG_INVALID. */
export function readCredentials(source: CredentialSource, readText: ReadText = readTextFile): Promise<Credentials> {
  return source.kind === 'environment' ? readEnvironment(source.variables, readText) : readCloudsFile(source, readText);
}

async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LifeboatError('CONFIG_INVALID', `${path}: cannot be read (${code})`);
  }
}
