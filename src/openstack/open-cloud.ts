import type { Clock, Logger, Randomness } from '../ports.ts';
import { novaCloud } from './nova.ts';
import type { NovaCloud } from './nova.ts';
import { readCredentials, type CredentialSource } from './read-credentials.ts';
import type { ReadText } from './settings.ts';
import type { Timings } from './timings.ts';

export interface CloudConfig {
  readonly source: CredentialSource;
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
  const { source, readText, ...rest } = config;
  return novaCloud({ ...rest, credentials: await readCredentials(source, readText) });
}
