import { execFileSync } from 'node:child_process';

/** What is the same for every package that one run makes. */
export interface Release {
  readonly version: string;
  /** Of the packaging: what is built of one version again, changed, has a higher one. */
  readonly revision: string;
  /** Seconds since 1970. All times in a package are this one or older, so that the same sources make the same bytes. */
  readonly epoch: number;
  /** Name <address>. */
  readonly packager: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** SOURCE_DATE_EPOCH, or the time of the commit that is checked out. Throws Error when there is neither. */
export function epochOf(repository: string, { SOURCE_DATE_EPOCH: given }: Environment): number {
  const text = given ?? commitTime(repository);
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new Error(
    given === undefined
      ? 'this is no clone of a repository, so nothing says how old the sources are; set SOURCE_DATE_EPOCH (seconds since 1970)'
      : `SOURCE_DATE_EPOCH is ${given}, which is no number of seconds since 1970`,
  );
}

/** By the variables that Debian's own tools read. */
export function packagerOf({ DEBFULLNAME: name, DEBEMAIL: address }: Environment): string {
  return `${name ?? 'Lifeboat'} <${address ?? 'packages@lifeboat.invalid'}>`;
}

function commitTime(repository: string): string {
  try {
    const argv = ['-C', repository, 'log', '-1', '--format=%ct'];
    return execFileSync('git', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}
