import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../src/errors.ts';
import { runCommand } from '../../cluster/lab/host-command.ts';
import { cacheFolder } from '../../cluster/lab/packages.ts';
import { unavailable } from '../../cluster/lab/requirements.ts';

const SUITE = 'bookworm';
/** What debootstrap brings; it knows no packages that stand for others, so the rest comes with the root's own apt. */
const BASE = ['systemd-sysv', 'dbus', 'ca-certificates'];
/** What a controller has before Lifeboat comes: a cluster, its shell, and what an operator expects of a system. */
const CONTROLLER = [
  'bash-completion',
  'corosync',
  'iproute2',
  'logrotate',
  'man-db',
  'pacemaker',
  'pacemaker-cli-utils',
  'pcs',
  'procps',
  'zsh',
];
const DEADLINE_MS = 10 * 60_000;

/**
 * A clean Debian 12 with a cluster of one node, made with debootstrap from this machine's own apt sources when it is not
 * in the cache. Nobody writes into it: a machine of the test lays its own disk over it. Throws LifeboatError
 * LAB_UNAVAILABLE with apt's own words.
 */
export async function debianRoot(cache: string = cacheFolder()): Promise<string> {
  const contents = createHash('sha256')
    .update([SUITE, ...BASE, ...CONTROLLER].join(' '))
    .digest('hex')
    .slice(0, 12);
  const root = join(cache, `debian-${SUITE}-${contents}`);
  if (existsSync(root)) return root;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'debootstrap-'));
  try {
    await make(join(work, 'root'));
    moveUnlessThere(join(work, 'root'), root);
  } catch (cause) {
    throw unavailable(`a root of Debian ${SUITE} could not be made: ${messageOf(cause)}`, cause);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return root;
}

async function make(root: string): Promise<void> {
  const sources = await aptSources();
  const [first] = sources;
  if (first === undefined) throw new Error(`apt has no source of Debian ${SUITE} on this machine`);
  const options = { timeoutMs: DEADLINE_MS, env: { ...process.env, LC_ALL: 'C.UTF-8' } };
  const debootstrap = ['debootstrap', '--variant=minbase', `--include=${BASE.join(',')}`, SUITE, root, first.site];
  await runCommand(debootstrap, { ...options, what: 'debootstrap' });
  const lines = sources.map(({ site, suite }) => `deb ${site} ${suite} main\n`);
  writeFileSync(join(root, 'etc/apt/sources.list'), lines.join(''));
  copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  const policy = join(root, 'usr/sbin/policy-rc.d');
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  // debootstrap leaves out the manual pages of no package, and neither does this.
  const install = `mount --make-rprivate / && mount -t proc proc "$0/proc" && exec chroot "$0" /bin/sh -ec '
    apt-get -q update
    DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends ${CONTROLLER.join(' ')}
    apt-get clean'`;
  await runCommand(['unshare', '--mount', 'sh', '-c', install, root], { ...options, what: 'apt-get in the new root' });
  rmSync(policy);
  for (const list of readdirSync(join(root, 'var/lib/apt/lists'))) {
    rmSync(join(root, 'var/lib/apt/lists', list), { recursive: true });
  }
}

interface AptSource {
  readonly site: string;
  /** With -security or -updates, where this machine has them. */
  readonly suite: string;
}

/** The main suite first. */
async function aptSources(): Promise<readonly AptSource[]> {
  const { stdout } = await runCommand(['apt-get', 'indextargets', '--format', '$(SITE) $(RELEASE) $(COMPONENT)']);
  const sources = new Map<string, AptSource>();
  for (const line of stdout.split('\n')) {
    const [site = '', suite = '', component] = line.split(' ');
    if (component === 'main' && suite.replace(/-(security|updates)$/, '') === SUITE)
      sources.set(suite, { site, suite });
  }
  return [...sources.values()].toSorted((a, b) => a.suite.length - b.suite.length);
}

/** Another run may have made it meanwhile. */
function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
