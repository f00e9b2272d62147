import { readFileSync } from 'node:fs';
import { processesOf } from '../cluster/lab/cgroup.ts';

/** CPU time of a process so far, in clock ticks (1/100 s on Linux, whatever the kernel's own timer). */
export interface CpuTicks {
  readonly own: number;
  /** Of the children that it has waited for, and theirs. */
  readonly children: number;
}

export const TICKS_PER_SECOND = 100;

/** From the text of /proc/PID/stat: the fields utime, stime, cutime and cstime. */
export function cpuTicks(stat: string): CpuTicks {
  // Counted behind the command's name, which may itself hold blanks and parentheses.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
  return { own: user + system, children: childrenUser + childrenSystem };
}

/** A line `Name:  1234 kB` of /proc/PID/status or smaps_rollup, in MB of 1024 kB. */
export function megabytes(text: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) / 1024;
}

/** Percent of one core between two readings. */
export function percentOfCore(before: number, after: number, seconds: number): number {
  return (100 * (after - before)) / TICKS_PER_SECOND / seconds;
}

/** The one process of a control group that runs this program. Throws when there is none, or more than one. */
export function onlyProcess(cgroup: string, program: string): number {
  const found = processesOf(cgroup).filter((pid) => runs(pid, program));
  const [pid] = found;
  if (pid === undefined || found.length > 1) throw new Error(`${found.length} processes of ${program} in ${cgroup}`);
  return pid;
}

function runs(pid: number, program: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 2);
    return words.some((word) => word.endsWith(`/${program}`));
  } catch {
    return false; // it has ended
  }
}
