import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildLayout } from '../build/layout.ts';
import { ARCHITECTURES, hasRuntime, type Architecture } from './architecture.ts';
import { PACKAGES } from './contents.ts';
import { buildDeb, type Compression } from './deb.ts';
import type { Release } from './release.ts';
import { buildRpm } from './rpm.ts';

export type Format = 'deb' | 'rpm';

export interface PackagesWanted {
  readonly repository: string;
  /** Made when it is missing; what is in it stays. */
  readonly output: string;
  readonly release: Release;
  readonly formats: readonly Format[];
  readonly compression: Compression;
}

export interface PackagesBuilt {
  readonly paths: readonly string[];
  /** What could not be made here, in whole sentences with what to do. */
  readonly leftOut: readonly string[];
}

const TOOLS: Readonly<Record<Format, string>> = { deb: 'dpkg-deb', rpm: 'rpmbuild' };
const REMEDY: Readonly<Record<Format, string>> = {
  deb: 'install the package dpkg',
  rpm: 'install the package rpm (Debian, Ubuntu) or rpm-build',
};

/** Makes every package that this machine can make. Needs no network: all that goes in is in the clone and node_modules. */
export async function buildPackages(wanted: PackagesWanted): Promise<PackagesBuilt> {
  const { repository, output, release, compression } = wanted;
  const formats = wanted.formats.filter((format) => isThere(TOOLS[format]));
  const architectures = ARCHITECTURES.filter((architecture) => hasRuntime(repository, architecture));
  const paths: string[] = [];
  mkdirSync(output, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'lifeboat-package-'));
  try {
    for (const [index, architecture] of architectures.entries()) {
      const layout = join(work, architecture.node);
      await buildLayout({ repository, outDirectory: layout, architecture: architecture.node });
      // What holds no code of the machine's own is the same for all of them.
      for (const contents of PACKAGES.filter(({ binding }) => binding === 'machine' || index === 0)) {
        for (const format of formats) {
          const place = { repository, layout, output, work: join(work, 'one') };
          const build = format === 'deb' ? buildDeb : buildRpm;
          paths.push(build(contents, release, architecture, place, compression));
        }
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { paths, leftOut: [...withoutTool(wanted.formats), ...withoutRuntime(repository)] };
}

function withoutTool(formats: readonly Format[]): readonly string[] {
  return formats
    .filter((format) => !isThere(TOOLS[format]))
    .map((format) => `no ${format}: ${TOOLS[format]} is not on this machine; ${REMEDY[format]}`);
}

function withoutRuntime(repository: string): readonly string[] {
  return ARCHITECTURES.filter((architecture) => !hasRuntime(repository, architecture)).map(missingRuntime);
}

function missingRuntime({ node, rpm }: Architecture): string {
  return (
    `no lifeboat-runtime for ${rpm}: npm installs the runtime of its own machine only. Run this on such a machine, or in ` +
    `another clone: npm ci --os=linux --cpu=${node}, then copy its node_modules/node-linux-${node} into node_modules here`
  );
}

function isThere(tool: string): boolean {
  return spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined;
}
