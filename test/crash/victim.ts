import type { Lab } from '../cluster/lab/index.ts';

/** The controller where lifeboatd runs at this moment, and its pid on this machine. */
export interface Victim {
  readonly node: string;
  readonly pid: number;
}

/** As the build starts it: the runtime that lies beside it, on the file itself. */
function isDaemon(commandLine: string): boolean {
  const [runtime = '', ...words] = commandLine.split(' ');
  return runtime.endsWith('/node') && words.includes('/usr/sbin/lifeboatd');
}

/** Undefined while it runs nowhere. */
export function findDaemon(lab: Lab): Victim | undefined {
  for (const { name, role } of lab.nodes) {
    if (role !== 'controller') continue;
    const [pid] = lab.processes(name, isDaemon);
    if (pid !== undefined) return { node: name, pid };
  }
  return undefined;
}

/** False when it had ended by itself. */
export function kill({ pid }: Victim): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
