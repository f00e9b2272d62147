import { LifeboatError } from '../errors.ts';
import { objectAt, textAt } from './rows.ts';

/** 2.53 gives services their uuid, by which they are forced down and disabled. */
const NEEDED = 53;
/** From 2.95 on an evacuated instance is left stopped at its new host. */
const NEWEST = 93;

export interface Microversion {
  readonly minor: number;
  /** As the header wants it: `compute 2.93`. */
  readonly header: string;
}

/**
 * The newest that both sides speak, from the version document of the endpoint. Throws CLOUD_TOO_OLD. `newestOfOurs`: the minor
 * number of the newest that our side speaks.
 */
export function chooseMicroversion(document: unknown, what: string, newestOfOurs = NEWEST): Microversion {
  const version = objectAt(document, 'version', what);
  // Nova's old v2.0 API shows an empty text here.
  const newest = version.version === '' ? 0 : minorOf(textAt(version, 'version', what), what);
  const oldest = version.min_version === '' ? 0 : minorOf(textAt(version, 'min_version', what), what);
  if (newest < NEEDED)
    throw new LifeboatError('CLOUD_TOO_OLD', `${what}: speaks up to 2.${newest}, 2.${NEEDED} is needed`);
  if (oldest > NEWEST) {
    throw new LifeboatError('CLOUD_BAD_REQUEST', `${what}: speaks from 2.${oldest} on, which Lifeboat does not know`);
  }
  const minor = Math.min(newest, newestOfOurs);
  return { minor, header: `compute 2.${minor}` };
}

function minorOf(text: string, what: string): number {
  const minor = /^2\.(\d+)$/.exec(text)?.[1];
  if (minor === undefined)
    throw new LifeboatError('CLOUD_GARBAGE', `${what}: ${text.slice(0, 20)} is no version of Nova's`);
  return Number(minor);
}

/** Where the version document is: the endpoint without what follows its version, such as a project id. */
export function versionedRoot(endpoint: string): string {
  return /^.*?\/v2(\.\d+)?(?=\/|$)/.exec(endpoint)?.[0] ?? `${endpoint}/v2.1`;
}
