import type { PackageContents } from './contents.ts';
import { folded } from './folded.ts';
import { RPM_SCRIPTS, rpmScript } from './maintainer-scripts.ts';
import type { Release } from './release.ts';
import type { StagedFile } from './stage.ts';

/** Where RPM distributions keep what Debian keeps elsewhere. */
const MOVED: readonly (readonly [string, string])[] = [
  ['/etc/default/', '/etc/sysconfig/'],
  ['/usr/share/zsh/vendor-completions/', '/usr/share/zsh/site-functions/'],
];

export function rpmPath(path: string): string {
  const move = MOVED.find(([from]) => path.startsWith(from));
  return move === undefined ? path : path.replace(...move);
}

/**
 * The spec of one package whose files are ready at `root`. Nothing is compiled or stripped: the runtime stays the file
 * that package-lock.json fixes.
 */
export function rpmSpec(
  contents: PackageContents,
  { version, revision, epoch, packager }: Release,
  files: readonly StagedFile[],
  place: { readonly repository: string; readonly root: string },
): string {
  const { name, siblings, needs, summary, description, binding } = contents;
  const paths = files.map(({ path }) => path);
  const scripts = RPM_SCRIPTS.flatMap((script) => {
    const text = rpmScript(place.repository, name, script, paths);
    return text === undefined ? [] : ['', `%${script}`, text.trim()];
  });
  return [
    '%global debug_package %{nil}',
    '%global __os_install_post %{nil}',
    '%global _build_id_links none',
    '%global source_date_epoch_from_changelog 0',
    '%global use_source_date_epoch_as_buildtime 1',
    '%global clamp_mtime_to_source_date_epoch 1',
    '%global _buildhost reproducible',
    `Name: ${name}`,
    `Version: ${version}`,
    `Release: ${revision}`,
    `Summary: ${summary.charAt(0).toUpperCase()}${summary.slice(1)}`,
    'License: Apache-2.0',
    `Packager: ${packager}`,
    'Group: System Environment/Daemons',
    ...(binding === 'none' ? ['BuildArch: noarch'] : []),
    ...siblings.map((sibling) => `Requires: ${sibling} = %{version}-%{release}`),
    ...needs.flatMap(({ rpm }) => (rpm === undefined ? [] : [`Requires: ${rpm}`])),
    '',
    '%description',
    description.map((paragraph) => folded(paragraph, '')).join('\n\n'),
    '',
    '%install',
    `cp -a ${place.root}/. %{buildroot}/`,
    ...scripts,
    '',
    '%files',
    '%defattr(-,root,root,-)',
    ...ownFolders(paths).map((folder) => `%dir %attr(0755,root,root) ${folder}`),
    ...files.map(fileLine),
    '',
    '%changelog',
    `* ${changelogDate(epoch)} ${packager} - ${version}-${revision}`,
    `- Lifeboat ${version}`,
    '',
  ].join('\n');
}

function fileLine({ path, mode }: StagedFile): string {
  const attributes = `%attr(0${mode.toString(8)},root,root)`;
  if (path.endsWith('/LICENSE')) return `%license ${attributes} ${path}`;
  if (path.startsWith('/usr/share/doc/') || path.startsWith('/usr/share/man/')) return `%doc ${attributes} ${path}`;
  if (path.startsWith('/etc/')) return `%config(noreplace) ${attributes} ${path}`;
  return `${attributes} ${path}`;
}

/** Folders that no other package has: those named after us. */
function ownFolders(paths: readonly string[]): readonly string[] {
  const folders = paths.flatMap((path) => {
    const named = path
      .split('/')
      .findIndex((part, index) => index < path.split('/').length - 1 && /^lifeboat/.test(part));
    if (named === -1) return [];
    const parts = path.split('/').slice(0, -1);
    return parts.slice(named).map((_, index) => parts.slice(0, named + index + 1).join('/'));
  });
  return [...new Set(folders)].toSorted();
}

/** As in "Thu Nov 26 2026". */
function changelogDate(epoch: number): string {
  const [day = '', date, month, year] = new Date(epoch * 1000).toUTCString().split(' ');
  return `${day.replace(',', '')} ${month} ${date} ${year}`;
}
