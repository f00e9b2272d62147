import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCgroup, joining, processesOf, removeCgroup } from '../../cluster/lab/cgroup.ts';
import { runCommand } from '../../cluster/lab/host-command.ts';
import { cgroupMount } from '../../cluster/lab/layout.ts';
import { waitFor } from '../../cluster/lab/wait.ts';

/** A real systemd with a bus of its own, as PID 1 of namespaces; its processes end with it. */
export interface SystemdLab {
  /** Of its system bus, as this process sees it. */
  readonly busSocket: string;
  /** systemctl inside: it goes to PID 1 directly, so it works without the bus as well. */
  readonly systemctl: (...args: readonly string[]) => Promise<string>;
  /** kill -9 of every process of a unit, as soon as it has any. */
  readonly kill: (unit: string) => Promise<void>;
  /** Again and again, until systemd brings it back no more. */
  readonly killForGood: (unit: string) => Promise<void>;
  /** Of a unit, as this process sees them. */
  readonly processes: (unit: string) => readonly number[];
  readonly console: () => string;
  readonly down: () => Promise<void>;
}

const START_DEADLINE_MS = 20_000;

export async function startSystemd(): Promise<SystemdLab> {
  // Short, for a socket's path has 108 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'lbsd-'));
  const cgroup = join(cgroupMount(), `lifeboat-systemd.${process.pid}.${folder.slice(-6)}`);
  for (const name of ['run', 'tmp']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'machine-id'), `${randomUUID().replaceAll('-', '')}\n`);
  cpSync(join(import.meta.dirname, 'units'), join(folder, 'units'), { recursive: true });
  createCgroup(cgroup);

  const consoleFile = join(folder, 'console.log');
  const output = openSync(consoleFile, 'a');
  const boot = join(import.meta.dirname, 'inside', 'boot');
  const unshare = ['unshare', '-p', '-m', '-n', '-u', '-i', '-C', '--fork', '--kill-child=SIGKILL', '/bin/sh', boot];
  const [program = '', ...args] = joining(cgroup, [...unshare, folder]);
  const child = spawn(program, args, { detached: true, stdio: ['ignore', output, output] });
  child.on('error', () => {}); // told by what follows, which waits in vain
  const console = (): string => readFileSync(consoleFile, 'utf8');
  const busSocket = join(folder, 'run', 'dbus', 'system_bus_socket');

  const inside = async (argv: readonly string[]): Promise<string> => {
    const init = firstChild(child.pid);
    const enter = ['nsenter', '-t', String(init), '-m', '-p', '-n', '-u', '-i', '-C', '--', ...argv];
    return (await runCommand(enter, { allowFailure: true })).stdout;
  };
  const processes = (unit: string): readonly number[] => processesOf(join(cgroup, 'system.slice', `${unit}.service`));
  const systemctl = (...words: readonly string[]): Promise<string> => inside(['systemctl', ...words]);
  const kill = (unit: string): Promise<true> =>
    waitFor(`processes of ${unit}`, () => killAll(processes(unit)) > 0, { deadlineMs: 10_000, everyMs: 5 });
  const lab: SystemdLab = {
    busSocket,
    systemctl,
    processes,
    kill: async (unit) => {
      await kill(unit);
    },
    killForGood: async (unit) => {
      const isGone = async (): Promise<boolean> => {
        killAll(processes(unit));
        return (await systemctl('is-active', unit)).trim() === 'failed';
      };
      await waitFor(`systemd to give ${unit} up`, isGone, { deadlineMs: 15_000, everyMs: 50 });
    },
    console,
    down: async () => {
      await removeCgroup(cgroup);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await waitFor(
      'systemd to have reached its target',
      async () =>
        firstChild(child.pid) !== undefined &&
        (await inside(['systemctl', 'is-active', 'lab.target'])).trim() === 'active',
      { deadlineMs: START_DEADLINE_MS, everyMs: 50 },
    );
  } catch (error) {
    const said = console();
    await lab.down();
    throw new Error(`${String(error)}\n${said}`, { cause: error });
  }
  return lab;
}

function firstChild(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return child === undefined ? undefined : Number(child);
  } catch {
    return undefined;
  }
}

/** Answers how many there were; one that has ended meanwhile is fine. */
function killAll(pids: readonly number[]): number {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return pids.length;
}
