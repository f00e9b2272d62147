import { installMissing, unpackedPackage } from '../../cluster/lab/packages.ts';
import { runCommand } from '../../cluster/lab/host-command.ts';
import { unavailable } from '../../cluster/lab/requirements.ts';

/** The programs without Debian's units, so nothing is started. */
const PACKAGES = [
  'busybox-static',
  'cpio',
  'iproute2',
  'kmod',
  'libvirt-clients',
  'libvirt-daemon',
  'libvirt-daemon-driver-qemu',
  'qemu-system-x86',
  'python3-masakari-monitors',
  'qemu-utils',
  'util-linux',
];

/** What the guests are made of, unpacked and not installed: a kernel would want to boot this machine. */
export interface GuestPackages {
  readonly kernel: string;
  readonly agent: string;
}

/** Throws LifeboatError LAB_UNAVAILABLE with apt's own words when something cannot be had. */
export async function ensureGuestPackages(): Promise<GuestPackages> {
  await installMissing(PACKAGES, 'libvirt and QEMU');
  const kernel = await newestKernel();
  return {
    kernel: await unpackedPackage(kernel, await candidate(kernel)),
    agent: await unpackedPackage('qemu-guest-agent', await candidate('qemu-guest-agent')),
  };
}

/** The package of the kernel for clouds, small and quick to boot: the name carries a version and is found by its meta package. */
async function newestKernel(): Promise<string> {
  const { stdout } = await runCommand(['apt-cache', 'depends', 'linux-image-cloud-amd64']);
  const name = /Depends: (linux-image-[\w.+-]+-cloud-amd64)\s*$/m.exec(stdout)?.[1];
  if (name === undefined) throw unavailable('apt knows no linux-image-cloud-amd64: run apt-get update');
  return name;
}

async function candidate(name: string): Promise<string> {
  const { stdout } = await runCommand(['apt-cache', 'policy', name]);
  const version = /Candidate: (\S+)/.exec(stdout)?.[1];
  if (version === undefined || version === '(none)')
    throw unavailable(`apt has no package ${name}: run apt-get update`);
  return version;
}
