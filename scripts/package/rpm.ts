import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Architecture } from './architecture.ts';
import type { PackageContents } from './contents.ts';
import type { BuildPlace, Compression } from './deb.ts';
import type { Release } from './release.ts';
import { rpmPath, rpmSpec } from './rpm-spec.ts';
import { makeFolder, setTimes, stage } from './stage.ts';

/** As rpm's own macro for the payload. */
const COMPRESSION: Readonly<Record<Compression, string>> = { small: 'w1.xzdio', quick: 'w3.zstdio' };

/** Makes one RPM with rpmbuild, which needs no machine of that architecture, and returns its path. */
export function buildRpm(
  contents: PackageContents,
  release: Release,
  architecture: Architecture,
  place: BuildPlace,
  compression: Compression,
): string {
  const root = `${place.work}/root`;
  makeFolder(root);
  const files = stage(place.layout, contents.name, root).map((file) => {
    const path = rpmPath(file.path);
    if (path !== file.path) {
      makeFolder(dirname(`${root}${path}`));
      renameSync(`${root}${file.path}`, `${root}${path}`);
    }
    return { ...file, path };
  });
  setTimes(root, release.epoch);

  const top = `${place.work}/rpmbuild`;
  mkdirSync(top);
  const spec = `${place.work}/${contents.name}.spec`;
  writeFileSync(spec, rpmSpec(contents, release, files, { repository: place.repository, root }));
  const target = contents.binding === 'machine' ? architecture.rpm : 'noarch';
  const define = (name: string, value: string): readonly string[] => ['--define', `${name} ${value}`];
  execFileSync(
    'rpmbuild',
    [
      '-bb',
      '--quiet',
      '--target',
      `${target}-linux`,
      ...define('_topdir', top),
      ...define('_binary_payload', COMPRESSION[compression]),
      ...define('_smp_mflags', '-j1'),
      spec,
    ],
    { env: { ...process.env, SOURCE_DATE_EPOCH: String(release.epoch) }, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const built = readdirSync(`${top}/RPMS`, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.rpm'));
  if (built === undefined) throw new Error(`rpmbuild made nothing of ${spec}`);
  const rpm = `${place.output}/${built.split('/').at(-1)}`;
  copyFileSync(`${top}/RPMS/${built}`, rpm);
  rmSync(place.work, { recursive: true });
  return rpm;
}
