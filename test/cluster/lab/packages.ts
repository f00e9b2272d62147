import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './host-command.ts';
import { messageOf } from '../../../src/errors.ts';
import { checkMachine, isInPath, unavailable } from './requirements.ts';

const PACKAGES = [
  'corosync',
  'crmsh',
  'iproute2',
  'iputils-ping',
  'libxml2-utils',
  'mount',
  'pacemaker',
  'pacemaker-cli-utils',
  'pcs',
  'procps',
  'python3',
  'resource-agents',
  'util-linux',
];
const POLICY_FILE = '/usr/sbin/policy-rc.d';
const OWN_POLICY =
  '#!/bin/sh\n# Put here by the Lifeboat cluster lab while it installs packages: nothing is started.\nexit 101\n';
const APT_DEADLINE_MS = 10 * 60_000;
const QUERY = ['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status} ${Version} ${Architecture}\\n'];

/** Where pacemaker-remote is unpacked: a folder to lay over /usr in the nodes. */
export interface LabPackages {
  readonly remoteUsr: string;
}

export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['LIFEBOAT_LAB_CACHE'] ?? '/var/cache/lifeboat-lab';
}

/**
 * Makes sure that all the lab needs is there; asks dpkg and does nothing more when it is. Installs without starting any
 * service. Throws LifeboatError LAB_UNAVAILABLE with apt's own words when something cannot be had.
 */
export async function ensurePackages(cache: string = cacheFolder()): Promise<LabPackages> {
  const installed = await installMissing(PACKAGES, 'Pacemaker');
  checkMachine();
  const version = installed.get('pacemaker') ?? '';
  return { remoteUsr: join(await unpackedRemote(cache, version), 'usr') };
}

/**
 * Installs those of the packages that are missing, without starting any service, and returns name → version of all.
 * `what` names the whole in an error. Throws LifeboatError LAB_UNAVAILABLE.
 */
export async function installMissing(packages: readonly string[], what: string): Promise<ReadonlyMap<string, string>> {
  if (process.platform === 'linux' && !(isInPath('apt-get') && isInPath('dpkg-query'))) {
    throw unavailable(`the lab installs ${what} with apt-get; this is not Debian or a relative of it`);
  }
  const installed = await installedPackages(packages);
  const missing = packages.filter((name) => !installed.has(name));
  if (missing.length === 0) return installed;
  if (process.getuid?.() !== 0) throw unavailable(`root must install ${missing.join(', ')}`);
  await withoutServices(() => withLists(() => aptGet(['install', '-y', '--no-install-recommends', ...missing])));
  return installedPackages(packages);
}

/** Debian's pacemaker-remote conflicts with pacemaker, so it is unpacked beside it, in the version of the other. */
function unpackedRemote(cache: string, version: string): Promise<string> {
  return unpackedPackage('pacemaker-remote', version, cache);
}

/**
 * The folder in the cache with the files of a package that must not be installed here; fetched when it is not there yet.
 * Throws LifeboatError LAB_UNAVAILABLE.
 */
export async function unpackedPackage(name: string, version: string, cache: string = cacheFolder()): Promise<string> {
  const folder = join(cache, `${name}_${version.replaceAll(/[^\w.+~-]/g, '_')}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'download-'));
  try {
    await withLists(() => aptGet(['download', `${name}=${version}`], work));
    const deb = readdirSync(work).find((file) => file.endsWith('.deb'));
    if (deb === undefined) throw unavailable(`apt-get download brought no package ${name} ${version}`);
    await runCommand(['dpkg-deb', '-x', join(work, deb), join(work, 'unpacked')]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'unpacked'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** Those of the packages that are installed: name → version. */
async function installedPackages(packages: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await runCommand([...QUERY, ...packages], { allowFailure: true });
  const lines = stdout.split('\n').map((line) => line.split(' '));
  return new Map(
    lines.flatMap(([name = '', status, version = '']) => (status === 'installed' ? [[name, version]] : [])),
  );
}

/** Fetches the package lists only when the act fails without them: they are old, or were never fetched. */
async function withLists(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch {
    await aptGet(['update']);
    await act();
  }
}

async function aptGet(argv: readonly string[], cwd = '/'): Promise<void> {
  try {
    await runCommand(['apt-get', '-q', ...argv], {
      cwd,
      timeoutMs: APT_DEADLINE_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8', RUNLEVEL: '1' },
    });
  } catch (cause) {
    throw unavailable(`apt-get failed: ${messageOf(cause)}`, cause);
  }
}

/** invoke-rc.d asks this file before it starts a service. An administrator's own is left as it is. */
async function withoutServices(act: () => Promise<void>): Promise<void> {
  const isOurs = !existsSync(POLICY_FILE) || readFileSync(POLICY_FILE, 'utf8') === OWN_POLICY;
  if (isOurs) writeFileSync(POLICY_FILE, OWN_POLICY, { mode: 0o755 });
  try {
    await act();
  } finally {
    if (isOurs) rmSync(POLICY_FILE, { force: true });
  }
}
