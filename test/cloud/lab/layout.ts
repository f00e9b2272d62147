import { join } from 'node:path';
import { cgroupMount } from '../../cluster/lab/layout.ts';
import { LabError } from '../../cluster/lab/lab-error.ts';

/** Every name a cloud takes on its machine, from its own name. Two with different names share nothing but the seed. */
export interface CloudLayout {
  readonly name: string;
  /** Databases, configuration, logs. Removed by `down`. */
  readonly dir: string;
  /** The cgroup v2 folder below which every process of the cloud lives. */
  readonly cgroup: string;
}

export const DEFAULT_ROOT = '/var/tmp/lifeboat-cloud';
const CLOUD_NAME = /^[a-z][a-z0-9-]{0,30}$/;
const HOST_NAME = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;

export function cloudLayout(name: string): CloudLayout {
  if (!CLOUD_NAME.test(name)) {
    throw new LabError('bad-argument', `a cloud's name is a letter, then up to 30 of a-z, 0-9 and "-"; got "${name}"`);
  }
  return { name, dir: join(DEFAULT_ROOT, name), cgroup: join(cgroupMount(), `lifeboat-cloud.${name}`) };
}

/** A host's name becomes a folder, a control group and a row: only what is safe in all of them. */
export function checkHostName(host: string): string {
  if (HOST_NAME.test(host)) return host;
  throw new LabError('bad-argument', `"${host}" is no name of a host: up to 63 of a-z, 0-9, "-" and "."`);
}

export const PYTHON_FOLDER = join(import.meta.dirname, 'python');
/** Debian's own: `python3` may be another one that has no OpenStack. */
export const PYTHON = '/usr/bin/python3';

export const planFile = (layout: CloudLayout): string => join(layout.dir, 'cloud.json');
export const secretsFile = (layout: CloudLayout): string => join(layout.dir, 'data', 'secrets.json');
/** What the seed is made of: databases, Keystone's keys, the image, the secrets. */
export const dataFolder = (layout: CloudLayout): string => join(layout.dir, 'data');
export const etcFile = (layout: CloudLayout, file: string): string => join(layout.dir, 'etc', file);
export const logFile = (layout: CloudLayout, service: string): string => join(layout.dir, 'log', `${service}.log`);
/** What a service says on stdout and stderr: little, unless it does not start. */
export const outputFile = (layout: CloudLayout, service: string): string => join(layout.dir, 'log', `${service}.out`);
export const databaseSocket = (layout: CloudLayout): string => join(layout.dir, 'run', 'mariadb.sock');
export const farmFifo = (layout: CloudLayout): string => join(layout.dir, 'run', 'farm');
export const readyFile = (layout: CloudLayout, service: string): string => join(layout.dir, 'run', `${service}.ready`);
export const overlayFolder = (layout: CloudLayout): string => join(layout.dir, 'overlay');
export const computesFolder = (layout: CloudLayout): string => join(layout.dir, 'computes');
export const computeFolder = (layout: CloudLayout, host: string): string => join(computesFolder(layout), host);
export const spawnDelayFile = (layout: CloudLayout, host: string): string =>
  join(computeFolder(layout, host), 'spawn-delay-ms');
/** Exists if somebody else starts that host's nova-compute. */
export const elsewhereMark = (layout: CloudLayout, host: string): string =>
  join(computeFolder(layout, host), 'elsewhere');
export const openrcFile = (layout: CloudLayout): string => join(layout.dir, 'openrc');
export const cloudsFile = (layout: CloudLayout): string => join(layout.dir, 'clouds.yaml');

export const serviceCgroup = (layout: CloudLayout, service: string): string => join(layout.cgroup, service);
export const computeService = (host: string): string => `nova-compute-${host}`;
