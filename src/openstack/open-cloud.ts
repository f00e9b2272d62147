import { readFile } from 'node:fs/promises';
import { LifeboatError } from '../errors.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import { readCloudsFile } from './clouds-yaml.ts';
import type { CloudsFileChoice } from './clouds-yaml.ts';
import { readEnvironment } from './environment.ts';
import { novaCloud } from './nova.ts';
import type { NovaCloud } from './nova.ts';
import type { ReadText } from './settings.ts';
import type { Timings } from './timings.ts';

export interface CloudConfig {
  readonly source:
    | ({ readonly kind: 'clouds-file' } & CloudsFileChoice)
    | { readonly kind: 'environment'; readonly variables: Readonly<Record<string, string | undefined>> };
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly timings?: Partial<Timings>;
  /** Asked just before each request leaves that changes something in Nova; what it throws is what the call throws. */
  readonly beforeChange?: () => void;
  /** Undefined for a file that does not exist; the real file system when left out. */
  readonly readText?: ReadText;
}

/** A cloud from its configuration. Reads files, sends nothing yet. Throws CONFIG_INVALID. */
export async function openCloud(config: CloudConfig): Promise<NovaCloud> {
  const { source, readText = readTextFile, ...rest } = config;
  const credentials =
    source.kind === 'environment'
      ? await readEnvironment(source.variables, readText)
      : await readCloudsFile(source, readText);
  return novaCloud({ ...rest, credentials });
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
