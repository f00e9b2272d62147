import { readdirSync, readFileSync } from 'node:fs';
import { RUNTIME } from '../installed.ts';

/** A process, told apart from a later one with the same pid by when it began (clock ticks since boot). */
export interface DaemonProcess {
  /** The installed file that it runs. */
  readonly program: string;
  readonly pid: number;
  readonly beganTicks: string;
}

/** The processes of this node that run the program, by what they were started as. No pid file: it could be stale. */
export function findDaemons(program: string): readonly DaemonProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .map((pid) => daemonProcess(program, pid))
    .filter((found) => found !== undefined);
}

/** The process with this pid when it runs the program; undefined when it is gone, or a stranger. */
export function daemonProcess(program: string, pid: number): DaemonProcess | undefined {
  const command = read(`/proc/${pid}/cmdline`)?.split('\0');
  if (command?.[0] !== RUNTIME || !command.includes(program)) return undefined;
  // "pid (comm) state ppid …": comm may hold blanks and brackets, so count from the last bracket; field 22 is the start.
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  const beganTicks = fields?.[19];
  // A zombie has ended; its parent only has not looked yet.
  if (fields === undefined || beganTicks === undefined || fields[0] === 'Z') return undefined;
  return { program, pid, beganTicks };
}

export function isAlive(daemon: DaemonProcess): boolean {
  return daemonProcess(daemon.program, daemon.pid)?.beganTicks === daemon.beganTicks;
}

/** Signals it only while it is still the same process. */
export function signal(daemon: DaemonProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (!isAlive(daemon)) return;
  try {
    process.kill(daemon.pid, name);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
