import type { Architecture } from './architecture.ts';
import type { PackageContents } from './contents.ts';
import { folded } from './folded.ts';
import type { Release } from './release.ts';

/** What the pinned Node is linked to, in the versions that its symbols ask for. */
const RUNTIME_NEEDS = ['libc6 (>= 2.28)', 'libgcc-s1 (>= 3.4)', 'libstdc++6 (>= 7)'];
const RECOMMENDED: Readonly<Record<string, string>> = { lifeboat: 'logrotate, pcs | crmsh' };

export function debVersion({ version, revision }: Release): string {
  return `${version}-${revision}`;
}

export function debArchitecture({ binding }: PackageContents, architecture: Architecture): string {
  return binding === 'machine' ? architecture.deb : 'all';
}

/** The file control of a binary package. */
export function debControl(
  contents: PackageContents,
  release: Release,
  architecture: Architecture,
  bytes: number,
): string {
  const { name, siblings, needs, binding, summary, description } = contents;
  const depends = [
    ...siblings.map((sibling) => `${sibling} (= ${debVersion(release)})`),
    ...needs.map(({ deb }) => deb).filter((need) => need !== undefined),
    ...(binding === 'machine' ? RUNTIME_NEEDS : []),
  ];
  const recommends = RECOMMENDED[name];
  return [
    `Package: ${name}`,
    'Source: lifeboat',
    `Version: ${debVersion(release)}`,
    `Architecture: ${debArchitecture(contents, architecture)}`,
    `Maintainer: ${release.packager}`,
    `Installed-Size: ${Math.ceil(bytes / 1024)}`,
    `Depends: ${depends.join(', ')}`,
    ...(recommends === undefined ? [] : [`Recommends: ${recommends}`]),
    'Section: admin',
    'Priority: optional',
    `Description: ${summary}`,
    ...description
      .map((paragraph) => folded(paragraph, ' '))
      .join('\n .\n')
      .split('\n'),
    '',
  ].join('\n');
}

/** For /usr/share/doc/PACKAGE/changelog.Debian.gz. */
export function debChangelog({ version, epoch, packager, ...rest }: Release): string {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  const head = `lifeboat (${debVersion({ version, epoch, packager, ...rest })}) unstable; urgency=medium`;
  return `${head}\n\n  * Lifeboat ${version}.\n\n -- ${packager}  ${date}\n`;
}
