import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { CLUSTER_ACCOUNT, giveTo } from './accounts.ts';
import { nodeDisk, nodeFolder } from './layout.ts';
import type { Layout } from './layout.ts';
import { isFor } from './options.ts';
import type { LabNode, NodeFile } from './options.ts';

const INSIDE = join(import.meta.dirname, 'inside');
const OWN_TOOLS = ['fence_lab', 'lab-nova-compute'];

/**
 * Makes the top layer over /usr and returns all layers, the top one first. In a merged folder overlayfs shows the
 * owner and mode of the topmost, so the top layer repeats every folder of the others as root's with 0755: a checkout
 * that only root may enter must not lock the cluster's own user out of /usr.
 */
export function createUsrLayers(layout: Layout, folders: readonly string[]): readonly string[] {
  const top = join(layout.dir, 'layers', 'usr');
  createFolder(join(top, 'sbin'));
  for (const tool of OWN_TOOLS) {
    copyFileSync(join(INSIDE, tool), join(top, 'sbin', tool));
    chmodSync(join(top, 'sbin', tool), 0o755);
  }
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) createFolder(join(top, relative(folder, join(entry.parentPath, entry.name))));
    }
  }
  return [top, ...folders];
}

/** The configuration that all nodes share, and the places where a node's own disk is mounted. */
export function createSharedLayers(
  layout: Layout,
  content: { readonly corosyncConf: string; readonly hosts: string; readonly authkey: Buffer },
): void {
  const etc = join(layout.dir, 'layers', 'etc');
  createFolder(join(etc, 'lifeboat'));
  write(join(etc, 'hosts'), content.hosts, 0o644);
  write(join(etc, 'corosync', 'corosync.conf'), content.corosyncConf, 0o644);
  const authkey = join(etc, 'pacemaker', 'authkey');
  write(authkey, content.authkey, 0o640);
  giveTo(authkey, 'root:haclient');
  for (const mountPoint of ['pacemaker', 'corosync', 'lifeboat', 'lifeboat-monitor']) {
    createFolder(join(layout.dir, 'layers', 'var-lib', mountPoint));
  }
}

/** A node's disk as an installation leaves it, with the first CIB on a controller's. */
export function createNodeDisk(layout: Layout, node: LabNode, cib: string, files: readonly NodeFile[]): void {
  const disk = nodeDisk(layout, node.name);
  for (const folder of [
    'corosync',
    'lifeboat',
    'lifeboat-monitor',
    'etc-lifeboat',
    'log/corosync',
    'log/crmsh',
    'log/pcsd',
  ]) {
    createFolder(join(disk, folder));
  }
  createFolder(join(disk, 'pacemaker'));
  for (const folder of [
    'pacemaker/cib',
    'pacemaker/pengine',
    'pacemaker/cores',
    'pacemaker/blackbox',
    'log/pacemaker',
  ]) {
    createFolder(join(disk, folder), 0o750);
    giveTo(join(disk, folder), CLUSTER_ACCOUNT);
  }
  if (node.role === 'controller') {
    const file = join(disk, 'pacemaker', 'cib', 'cib.xml');
    write(file, cib, 0o600);
    giveTo(file, CLUSTER_ACCOUNT);
  }
  createFolder(join(nodeFolder(layout, node.name), 'run'));
  createFolder(join(nodeFolder(layout, node.name), 'etc'));
  for (const file of files) if (isFor(file, node)) placeFile(layout, node, file);
}

function placeFile(layout: Layout, node: LabNode, file: NodeFile): void {
  const path = file.path.startsWith('/etc/lifeboat/')
    ? join(nodeDisk(layout, node.name), 'etc-lifeboat', relative('/etc/lifeboat', file.path))
    : join(nodeFolder(layout, node.name), 'etc', relative('/etc', file.path));
  write(path, file.content, file.mode ?? 0o644);
  if (file.owner !== undefined) giveTo(path, file.owner);
}

function write(path: string, content: string | Buffer, mode: number): void {
  createFolder(dirname(path));
  writeFileSync(path, content, { mode: 0o600 });
  chmodSync(path, mode);
}

/** With every missing parent; the umask of whoever starts the lab must not decide what a node may read. */
function createFolder(path: string, mode = 0o755): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) chmodSync(folder, 0o755);
  chmodSync(path, mode);
}
