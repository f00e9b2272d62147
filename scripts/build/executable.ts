import { build } from 'esbuild';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { packageFolders } from './licences.ts';

export interface Executable {
  /** The TypeScript file that it begins with. */
  readonly entry: string;
  /** Where it is installed, absolute. */
  readonly installAt: string;
  /** What the shell does before Node is started, on one line; "exit 0" there saves the start of Node. */
  readonly before?: string;
  /** Options of Node. */
  readonly nodeOptions?: readonly string[];
}

export interface Placement {
  readonly repository: string;
  /** The folder that is laid over / to install. */
  readonly outDirectory: string;
  /** Empty, or the folder that stands for / in a trial installation. */
  readonly prefix: string;
  /** Of the Node runtime once installed, without the prefix. */
  readonly runtime: string;
}

/**
 * One executable file: a shell line that starts the installed Node on the file itself, then the bundle. The second line
 * is read twice: for the shell it is the command `:` and then exec; for JavaScript a string and a comment. An
 * extensionless file is CommonJS to Node, so that is the bundle's format (it has no top-level await). Resolves to the
 * folders of the npm packages that are in it.
 */
export async function buildExecutable(executable: Executable, placement: Placement): Promise<readonly string[]> {
  const { repository, outDirectory, prefix, runtime } = placement;
  const result = await build({
    absWorkingDir: repository,
    entryPoints: [executable.entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    charset: 'utf8',
    legalComments: 'none',
    minifySyntax: true,
    minifyWhitespace: true,
    define: { LIFEBOAT_PREFIX: JSON.stringify(prefix) },
    logLevel: 'warning',
    metafile: true,
  });
  const [bundle] = result.outputFiles;
  if (bundle === undefined) throw new Error(`esbuild made nothing of ${executable.entry}`);
  const before = executable.before === undefined ? '' : `${executable.before}; `;
  const node = [`${prefix}${runtime}`, ...(executable.nodeOptions ?? [])].join(' ');
  const head = `#!/bin/sh\n":" //; ${before}exec ${node} "$0" "$@"\n`;
  const path = `${outDirectory}${executable.installAt}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, head + bundle.text);
  chmodSync(path, 0o755);
  return packageFolders(Object.keys(result.metafile.inputs));
}
