/**
 * npm run package: makes Debian packages, and RPMs where rpmbuild is, in packages/. Without network.
 *
 *   npm run package -- [--format deb|rpm] [--revision N] [--output DIR] [--quick]
 *
 * --revision N  of the packaging, default 1: the same version packaged again, changed, has a higher one
 * --quick       larger packages in less time, for trying; they need dpkg 1.21.18 or rpm 4.14
 *
 * Environment: SOURCE_DATE_EPOCH (default: the time of the commit), DEBFULLNAME and DEBEMAIL (who packages).
 */
import { statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { VERSION } from '../src/version.ts';
import { buildPackages, type Format } from './package/build-packages.ts';
import { epochOf, packagerOf } from './package/release.ts';

const repository = resolve(import.meta.dirname, '..');
const USAGE = 'usage: npm run package -- [--format deb|rpm] [--revision N] [--output DIR] [--quick]\n';

interface Wanted {
  readonly formats: readonly Format[];
  readonly revision: string;
  readonly output: string;
  readonly compression: 'small' | 'quick';
}

/** Throws Error for what cannot be meant. */
function wantedBy(words: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...words],
    options: {
      format: { type: 'string' },
      revision: { type: 'string', default: '1' },
      output: { type: 'string', default: `${repository}/packages` },
      quick: { type: 'boolean', default: false },
    },
  });
  const { format, revision } = values;
  if (format !== undefined && format !== 'deb' && format !== 'rpm') throw new Error('--format goes with deb or rpm');
  if (!/^[1-9]\d{0,5}$/.test(revision)) throw new Error('--revision goes with a number from 1 on');
  return {
    formats: format === undefined ? ['deb', 'rpm'] : [format],
    revision,
    output: resolve(values.output),
    compression: values.quick ? 'quick' : 'small',
  };
}

function wanted(): Wanted {
  try {
    return wantedBy(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

const { revision, ...rest } = wanted();
try {
  const { paths, leftOut } = await buildPackages({
    repository,
    ...rest,
    release: {
      version: VERSION,
      revision,
      epoch: epochOf(repository, process.env),
      packager: packagerOf(process.env),
    },
  });
  for (const path of paths) {
    console.log(`${relative(process.cwd(), path)}  ${(statSync(path).size / 1e6).toFixed(1)} MB`);
  }
  for (const sentence of leftOut) console.log(sentence);
  if (paths.length === 0) process.exitCode = 1;
} catch (error) {
  console.error(`no packages: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
