import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.ts';
import { runCommand } from '../../cluster/lab/host-command.ts';
import type { CommandOptions, CommandResult } from '../../cluster/lab/host-command.ts';

/** A compute host: a libvirtd with its guests in namespaces of their own. All of it ends with the first process in there. */
export interface ComputeHost {
  /** Where its libvirt listens, as /run/libvirt on a host. */
  readonly sockets: string;
  /** A folder that the host sees under the same name. */
  readonly shared: string;
  /** For clients outside: `qemu:///system?socket=…`. */
  readonly uri: string;
  startLibvirt(): Promise<void>;
  /** kill -9, as when it crashes. Its guests go on. */
  killLibvirt(): Promise<void>;
  /** As a libvirtd that hangs, until `resumeLibvirt`. */
  freezeLibvirt(): void;
  resumeLibvirt(): void;
  /** `virsh`, of which only the words after its own options are given. */
  virsh(words: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Makes a guest known, as Nova does before it starts one. */
  define(xml: string): Promise<void>;
  /** The QEMU of a guest, by its pid outside. Throws where there is none. */
  qemuOf(guest: string): number;
  remove(): Promise<void>;
}

const PLACES = [
  ['run', '/run'],
  ['lib', '/var/lib/libvirt'],
  ['log', '/var/log/libvirt'],
  ['cache', '/var/cache/libvirt'],
  ['etc', '/etc/libvirt'],
  ['passwd', '/etc/passwd'],
  ['group', '/etc/group'],
] as const;

/**
 * The first process of the host: lays folders of its own over those of the machine's libvirt, and then reaps. QEMU makes
 * itself a child of it, and libvirt tells the end of a guest only when its process is gone; many a container's first
 * process reaps seconds later (measured 1.8 s, and 0.2 s with this one).
 */
const FIRST_PROCESS = `
set -e
for place in ${PLACES.map(([name, path]) => `"$0/${name}":${path}`).join(' ')}; do
  [ -e "\${place#*:}" ] || mkdir -p "\${place#*:}"
  mount --bind "\${place%%:*}" "\${place#*:}"
done
mount -t proc proc /proc
ip link set lo up
hostname compute-1
echo ready
trap : CHLD
while :; do sleep 86400 & wait || :; done
`;

const QEMU_CONF = `user = "root"
group = "root"
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
remember_owner = 0
`;

const LIBVIRTD_CONF = `listen_tls = 0
listen_tcp = 0
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_group = "root"
unix_sock_ro_perms = "0777"
host_uuid = "00000001-1111-2222-3333-444455556666"
log_outputs = "2:file:/var/log/libvirt/libvirtd.log"
`;

export async function startComputeHost(): Promise<ComputeHost> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-guests-'));
  for (const [name, path] of PLACES) if (!path.startsWith('/etc')) mkdirSync(join(folder, name));
  // libvirt wants to know the user that Debian's units would have made, also where it is told to use another.
  writeFileSync(
    join(folder, 'passwd'),
    `${readFileSync('/etc/passwd', 'utf8')}libvirt-qemu:x:64055:64055::/nonexistent:/bin/false\n`,
  );
  writeFileSync(join(folder, 'group'), `${readFileSync('/etc/group', 'utf8')}libvirt-qemu:x:64055:\n`);
  mkdirSync(join(folder, 'etc'));
  if (existsSync('/etc/libvirt')) cpSync('/etc/libvirt', join(folder, 'etc'), { recursive: true });
  rmSync(join(folder, 'etc/qemu/networks/autostart'), { recursive: true, force: true });
  writeFileSync(join(folder, 'etc/qemu.conf'), QEMU_CONF);
  writeFileSync(join(folder, 'etc/libvirtd.conf'), LIBVIRTD_CONF);
  const words = ['--mount', '--net', '--uts', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  const outer = spawn('unshare', [...words, 'bash', '-c', FIRST_PROCESS, folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  outer.stderr.on('data', (chunk: Buffer) => (complaint += String(chunk)));
  await Promise.race([
    once(outer.stdout, 'data'),
    once(outer, 'exit').then(([code]) =>
      Promise.reject(new Error(`the host did not start (${String(code)}): ${complaint}`)),
    ),
  ]);
  const first = childOf(outer);
  const sockets = join(folder, 'run/libvirt');
  const uri = `qemu:///system?socket=${join(sockets, 'libvirt-sock')}`;
  const inside = ['nsenter', '--target', String(first), '--mount', '--net', '--uts', '--pid'];
  let libvirtd: ChildProcess | undefined;

  const host: ComputeHost = {
    sockets,
    shared: folder,
    uri,
    async startLibvirt() {
      const [enter = '', ...rest] = inside;
      libvirtd = spawn(enter, [...rest, 'libvirtd'], { stdio: 'ignore' });
      await eventually(
        'libvirtd answers',
        async () => (await host.virsh(['list'], { allowFailure: true })).code === 0,
        {
          withinMs: 30_000,
          everyMs: 50,
        },
      );
    },
    async killLibvirt() {
      if (libvirtd === undefined) return;
      const gone = once(libvirtd, 'exit');
      process.kill(childOf(libvirtd), 'SIGKILL');
      await gone;
    },
    freezeLibvirt: () => process.kill(childOf(libvirtd), 'SIGSTOP'),
    resumeLibvirt() {
      process.kill(childOf(libvirtd), 'SIGCONT');
      // It stands still with its child, and would never reap it.
      libvirtd?.kill('SIGCONT');
    },
    virsh: (each, options) => runCommand(['virsh', '-q', '-c', uri, ...each], options),
    async define(xml) {
      const file = join(folder, 'domain.xml');
      writeFileSync(file, xml);
      await host.virsh(['define', file]);
    },
    qemuOf: (guest) => processWith(first, `guest=${guest},`),
    async remove() {
      if (outer.exitCode === null && outer.signalCode === null) {
        const gone = once(outer, 'exit');
        libvirtd?.kill('SIGCONT');
        process.kill(first, 'SIGKILL');
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await host.startLibvirt();
  } catch (error) {
    await host.remove();
    throw error;
  }
  return host;
}

/** `unshare` and `nsenter` fork before they become what they were asked to run. */
function childOf(parent: ChildProcess | undefined): number {
  const pid = String(parent?.pid ?? 'none');
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  if (child === undefined || child === '') throw new Error(`process ${pid} has no child`);
  return Number(child);
}

function processWith(first: number, word: string): number {
  const namespace = readlinkSync(`/proc/${first}/ns/pid`);
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word)) continue;
      if (readlinkSync(`/proc/${pid}/ns/pid`) === namespace) return Number(pid);
    } catch {
      // it has ended meanwhile
    }
  }
  throw new Error(`no process with ${word} runs on the host`);
}
