import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './lab-error.ts';

/** Every name a lab takes on its host, from the lab's own name. Two labs with different names share nothing. */
export interface Layout {
  readonly name: string;
  /** The state folder: node disks, logs, the BMC's socket. Removed by `down`. */
  readonly dir: string;
  /** The cgroup v2 folder under which every process of the lab lives. */
  readonly cgroup: string;
}

export const DEFAULT_ROOT = '/run/lifeboat-lab';

/** The control group in which the virtual BMC runs, and the one of processes in the switch's network. */
export const BMC_GROUP = '.bmc';
export const SWITCH_GROUP = '.switch';

// Dots separate the parts of a network namespace's name, so a lab's name must not hold one: `a` and `a.b` would overlap.
const LAB_NAME = /^[a-z][a-z0-9-]{0,30}$/;
// sun_path holds 108 bytes; the BMC's socket must fit below the folder.
const LONGEST_DIR = 80;
const HIDDEN_IN_NODES = ['/usr/', '/etc/', '/var/lib/', '/var/log/', '/dev/', '/proc/', '/sys/'];

export function layoutOf(name: string, dir: string = join(DEFAULT_ROOT, name)): Layout {
  if (!LAB_NAME.test(name)) {
    throw new LabError('bad-argument', `a lab's name is a letter, then up to 30 of a-z, 0-9 and "-"; got "${name}"`);
  }
  if (!/^\/[\w./@+-]+$/.test(dir) || dir.length > LONGEST_DIR) {
    throw new LabError(
      'bad-argument',
      `a lab's folder is a plain absolute path up to ${LONGEST_DIR} bytes; got "${dir}"`,
    );
  }
  if (HIDDEN_IN_NODES.some((folder) => `${dir}/`.startsWith(folder))) {
    throw new LabError('bad-argument', `a lab's folder cannot lie in ${dir}: a node has its own view of that place`);
  }
  return { name, dir, cgroup: join(cgroupMount(), `lifeboat-lab.${name}`) };
}

/** Where cgroup v2 is mounted: /sys/fs/cgroup, or `unified` below it where v1 is there as well. */
export function cgroupMount(mounts: string = readFileSync('/proc/mounts', 'utf8')): string {
  const line = mounts.split('\n').find((mount) => mount.split(' ')[2] === 'cgroup2');
  return line?.split(' ')[1] ?? '/sys/fs/cgroup';
}

export const netnsPrefix = (layout: Layout): string => `lifeboat-lab.${layout.name}.`;
export const switchNetns = (layout: Layout): string => `${netnsPrefix(layout)}switch`;
export const nodeNetns = (layout: Layout, node: string): string => `${netnsPrefix(layout)}node.${node}`;
export const nodeCgroup = (layout: Layout, node: string): string => join(layout.cgroup, node);
export const bmcCgroup = (layout: Layout): string => join(layout.cgroup, BMC_GROUP);
export const switchCgroup = (layout: Layout): string => join(layout.cgroup, SWITCH_GROUP);

export const planFile = (layout: Layout): string => join(layout.dir, 'lab.json');
/** A folder of its own, because nodes see it: a socket that is made anew stays visible through a bound folder. */
export const bmcFolder = (layout: Layout): string => join(layout.dir, 'bmc');
export const bmcSocket = (layout: Layout): string => join(bmcFolder(layout), 'bmc.sock');
export const powerLogFile = (layout: Layout): string => join(layout.dir, 'power.jsonl');
export const bmcOutput = (layout: Layout): string => join(layout.dir, 'bmc.out');
export const nodeFolder = (layout: Layout, node: string): string => join(layout.dir, 'nodes', node);
export const nodeDisk = (layout: Layout, node: string): string => join(nodeFolder(layout, node), 'disk');
export const initPidFile = (layout: Layout, node: string): string => join(nodeFolder(layout, node), 'init.pid');
export const consoleFile = (layout: Layout, node: string): string => join(nodeFolder(layout, node), 'console.log');
/** Exists while the node's cable is on the far side of a partition; a reboot does not mend a cable. */
export const cutMark = (layout: Layout, node: string): string => join(nodeFolder(layout, node), 'cut');
