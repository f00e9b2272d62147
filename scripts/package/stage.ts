import { chmodSync, copyFileSync, mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ownerOf, type PackageName } from './contents.ts';

/** A file of a package, where it is installed. */
export interface StagedFile {
  readonly path: string;
  readonly mode: number;
  readonly bytes: number;
}

/**
 * Copies what belongs to the package from the layout to `root`, which stands for /. Every file is the administrator's to
 * read, and no other's to write, whatever the umask of the build was.
 */
export function stage(layout: string, name: PackageName, root: string): readonly StagedFile[] {
  const files = filesBelow(layout).filter((path) => ownerOf(path) === name);
  return [...files, ...(files.some(isCopyright) ? [] : [noticeOf(name)])].toSorted().map((path) => {
    const from = isCopyright(path) ? `${layout}/usr/share/doc/lifeboat/copyright` : `${layout}${path}`;
    const mode = (statSync(from).mode & 0o100) === 0 ? 0o644 : 0o755;
    const to = `${root}${path}`;
    makeFolder(dirname(to));
    copyFileSync(from, to);
    chmodSync(to, mode);
    return { path, mode, bytes: statSync(to).size };
  });
}

/** Files and folders below `root`, itself included, as old as `epoch`. */
export function setTimes(root: string, epoch: number): void {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    utimesSync(join(entry.parentPath, entry.name), epoch, epoch);
  }
  utimesSync(root, epoch, epoch);
}

/** With its parents, all 0755. */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o755 });
  for (let made = path; first !== undefined && made.length >= first.length; made = dirname(made))
    chmodSync(made, 0o755);
}

function filesBelow(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `/${relative(root, join(entry.parentPath, entry.name))}`);
}

function noticeOf(name: PackageName): string {
  return `/usr/share/doc/${name}/copyright`;
}

function isCopyright(path: string): boolean {
  return /^\/usr\/share\/doc\/[\w-]+\/copyright$/.test(path);
}
