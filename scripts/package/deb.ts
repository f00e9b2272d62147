import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Architecture } from './architecture.ts';
import type { PackageContents } from './contents.ts';
import { debArchitecture, debChangelog, debControl, debVersion } from './deb-control.ts';
import { DEB_SCRIPTS, debScript } from './maintainer-scripts.ts';
import type { Release } from './release.ts';
import { makeFolder, setTimes, stage } from './stage.ts';

export interface BuildPlace {
  readonly repository: string;
  /** What scripts/build laid out. */
  readonly layout: string;
  /** A folder for this package alone; it is removed afterwards. */
  readonly work: string;
  /** Where the package is put. */
  readonly output: string;
}

/** How the contents are compressed. `small` is what every dpkg and rpm understands; `quick` is for trying. */
export type Compression = 'small' | 'quick';

/** As options of dpkg-deb. Level 6 of xz makes the runtime a sixth smaller than level 1, in four times the time. */
const COMPRESSION: Readonly<Record<Compression, readonly string[]>> = {
  small: ['-Zxz', '-z1'],
  quick: ['-Zzstd', '-z3'],
};

/** Makes one Debian package with dpkg-deb and returns its path. */
export function buildDeb(
  contents: PackageContents,
  release: Release,
  architecture: Architecture,
  place: BuildPlace,
  compression: Compression,
): string {
  const { name } = contents;
  const root = `${place.work}/root`;
  makeFolder(root);
  const staged = stage(place.layout, name, root);
  // Debian has the text of the licence in a place of its own, which the copyright file names.
  const files = staged.filter(({ path }) => !path.endsWith('/LICENSE'));
  for (const { path } of staged) if (path.endsWith('/LICENSE')) rmSync(`${root}${path}`);
  const write = (path: string, content: string | Buffer, mode = 0o644): void => {
    makeFolder(dirname(`${root}${path}`));
    writeFileSync(`${root}${path}`, content);
    chmodSync(`${root}${path}`, mode);
  };

  const added: readonly (readonly [string, string | Buffer])[] = [
    [`/usr/share/doc/${name}/changelog.Debian.gz`, gzipSync(debChangelog(release), { level: 9 })],
    ...overridesOf(place.repository, name),
  ];
  for (const [path, content] of added) write(path, content);

  const paths = [...files.map(({ path }) => path), ...added.map(([path]) => path)].toSorted();
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  write('/DEBIAN/control', debControl(contents, release, architecture, bytes));
  write(
    '/DEBIAN/md5sums',
    paths
      .filter((path) => !path.startsWith('/etc/'))
      .map((path) => sumLine(root, path))
      .join(''),
  );
  const conffiles = paths.filter((path) => path.startsWith('/etc/'));
  if (conffiles.length > 0) write('/DEBIAN/conffiles', conffiles.map((path) => `${path}\n`).join(''));
  for (const script of DEB_SCRIPTS) {
    const text = debScript(place.repository, name, script, paths);
    if (text !== undefined) write(`/DEBIAN/${script}`, text, 0o755);
  }

  setTimes(root, release.epoch);
  const deb = `${place.output}/${name}_${debVersion(release)}_${debArchitecture(contents, architecture)}.deb`;
  execFileSync('dpkg-deb', ['--root-owner-group', ...COMPRESSION[compression], '--build', root, deb], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(release.epoch) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(place.work, { recursive: true });
  return deb;
}

function overridesOf(repository: string, name: string): readonly (readonly [string, Buffer])[] {
  const path = `${repository}/packaging/deb/${name}.lintian-overrides`;
  return existsSync(path) ? [[`/usr/share/lintian/overrides/${name}`, readFileSync(path)]] : [];
}

function sumLine(root: string, path: string): string {
  const sum = createHash('md5')
    .update(readFileSync(`${root}${path}`))
    .digest('hex');
  return `${sum}  ${path.slice(1)}\n`;
}
