import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Tells this process from every other one, also of another boot of the machine or in another container on it: the node,
 * then pid, start (clock ticks since boot), pid namespace and boot id. Words with blanks between them.
 */
export function processIdentity(node: string): string {
  return [node, ...machineOf(process.pid), process.pid, startOf(process.pid)].join(' ');
}

/**
 * Whether the process of this identity has certainly ended: it ran on this node, before its last boot, or in our own pid
 * namespace where nothing with its pid and start is there. False when that cannot be said.
 */
export function hasEnded(identity: string, node: string): boolean {
  const [itsNode, itsBoot, itsNamespace, itsPid, itsStart] = identity.split(' ');
  const [boot, namespace] = machineOf(process.pid);
  if (itsNode !== node || itsBoot === undefined || boot === '') return false;
  if (itsBoot !== boot) return true;
  if (itsNamespace === undefined || itsNamespace !== namespace || itsPid === undefined) return false;
  if (!isThere(Number(itsPid))) return true;
  const start = startOf(Number(itsPid));
  return start === 'zombie' || (start !== 'unknown' && start !== Number(itsStart));
}

function machineOf(pid: number): readonly [boot: string, namespace: string] {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return [boot, readlinkSync(`/proc/${pid}/ns/pid`).replaceAll(/\D/g, '')];
  } catch {
    return ['', ''];
  }
}

/** By signal 0 and not by /proc, which may hide the processes of other users. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** In clock ticks since boot. */
function startOf(pid: number): number | 'zombie' | 'unknown' {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? 'zombie' : Number(fields[19]);
  } catch {
    return 'unknown';
  }
}
