import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './wait.ts';

/**
 * A node is a cgroup v2: `cgroup.kill` is the power cut (it also ends frozen processes, which v1's freezer keeps alive
 * until the thaw), `cgroup.freeze` the hung kernel. Only core files are used, so no controller need be enabled.
 */
export function createCgroup(path: string): void {
  mkdirSync(path, { recursive: true });
}

export function processesOf(path: string): readonly number[] {
  return (readIfThere(join(path, 'cgroup.procs')) ?? '').split('\n').filter(Boolean).map(Number);
}

export function isPopulated(path: string): boolean {
  return readIfThere(join(path, 'cgroup.events'))?.includes('populated 1') ?? false;
}

export function isFrozen(path: string): boolean {
  return readIfThere(join(path, 'cgroup.freeze'))?.trim() === '1';
}

export function setFrozen(path: string, state: 'frozen' | 'running'): void {
  if (existsSync(path)) writeFileSync(join(path, 'cgroup.freeze'), state === 'frozen' ? '1' : '0');
}

/** Kills every process below `path` and returns when none is left. */
export async function killCgroup(path: string): Promise<void> {
  if (!existsSync(path)) return;
  writeFileSync(join(path, 'cgroup.kill'), '1');
  await waitFor(`the end of all processes in ${path}`, () => !isPopulated(path), { deadlineMs: 20_000, everyMs: 2 });
}

/** Kills what runs below `path` and removes it with all groups below it. */
export async function removeCgroup(path: string): Promise<void> {
  if (!existsSync(path)) return;
  await killCgroup(path);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeCgroup(join(path, entry.name));
  }
  rmdirSync(path);
}

/** The command that joins the group and then becomes `argv`, so the group holds it from its first instruction. */
export function joining(path: string, argv: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', path, ...argv];
}

/** Names as in /proc/PID/comm, which the kernel cuts to 15 characters. */
export function processesNamed(path: string, matches: (comm: string) => boolean): readonly number[] {
  return processesOf(path).filter((pid) => matches(readIfThere(`/proc/${pid}/comm`)?.trim() ?? ''));
}

/** Command lines with their words parted by spaces. */
export function processesRunning(path: string, matches: (commandLine: string) => boolean): readonly number[] {
  return processesOf(path).filter((pid) =>
    matches((readIfThere(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim()),
  );
}

/** Kills the processes below `path` whose /proc/PID/comm matches; one that ends by itself meanwhile is fine. */
export function killNamed(path: string, matches: (comm: string) => boolean): void {
  for (const pid of processesNamed(path, matches)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENODEV: the group was removed between open and read. ESRCH: so was the process.
    if (code === 'ENOENT' || code === 'ENODEV' || code === 'ESRCH') return undefined;
    throw error;
  }
}
