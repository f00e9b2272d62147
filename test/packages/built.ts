import { resolve } from 'node:path';
import { buildPackages, type Format, type PackagesBuilt } from '../../scripts/package/build-packages.ts';
import { VERSION } from '../../src/version.ts';

export const REPOSITORY = resolve(import.meta.dirname, '../..');

/** The packages as `npm run package -- --quick` makes them, at a time that the test chose. */
export function built(output: string, revision: string, formats: readonly Format[]): Promise<PackagesBuilt> {
  const release = { version: VERSION, revision, epoch: 1_790_000_000, packager: 'A Packager <packager@test.invalid>' };
  return buildPackages({ repository: REPOSITORY, output, release, formats, compression: 'quick' });
}
