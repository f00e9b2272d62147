import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCgroup, joining, processesOf, removeCgroup } from '../../cluster/lab/cgroup.ts';
import { runCommand, type CommandOptions, type CommandResult } from '../../cluster/lab/host-command.ts';
import { cgroupMount } from '../../cluster/lab/layout.ts';
import { waitFor } from '../../cluster/lab/wait.ts';

/** A Debian with a systemd of its own, in namespaces. It has no network but its loopback, and its disk is memory. */
export interface Machine {
  /** As root, with the environment of a fresh login. */
  run(argv: readonly string[], options?: Pick<CommandOptions, 'allowFailure' | 'timeoutMs'>): Promise<CommandResult>;
  /** The same, by /bin/sh, which stops at the first command that fails. */
  shell(script: string, options?: Pick<CommandOptions, 'allowFailure' | 'timeoutMs'>): Promise<CommandResult>;
  /** Nothing of it is left. */
  remove(): Promise<void>;
}

const BOOT_MS = 60_000;
const ENVIRONMENT = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'LC_ALL=C.UTF-8',
  'DEBIAN_FRONTEND=noninteractive',
];

/** `shared` is seen inside as /run/shared; `log` gets what its systemd says. Resolves when its boot is over. */
export async function bootMachine(options: {
  readonly name: string;
  readonly root: string;
  readonly shared: string;
  readonly log: string;
}): Promise<Machine> {
  const group = join(cgroupMount(), `lifeboat-packages.${options.name}`);
  await removeCgroup(group);
  createCgroup(group);
  const init = [join(import.meta.dirname, 'machine-init'), options.root, options.shared, options.name];
  const namespaces = ['unshare', '--pid', '--mount', '--net', '--uts', '--ipc', '--cgroup', '--fork', ...init];
  const [program = '', ...rest] = joining(group, namespaces);
  const log = openSync(options.log, 'a');
  const child = spawn(program, rest, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();

  const pid = await waitFor('systemd as the first process', () => initOf(group), { deadlineMs: BOOT_MS });
  const commands = join(group, 'commands');
  mkdirSync(commands);
  const enter = ['nsenter', '-t', String(pid), '-m', '-p', '-n', '-u', '-i', '-C', '-r', '-w', 'env', '-i'];
  const run: Machine['run'] = (argv, given = {}) =>
    runCommand(joining(commands, [...enter, ...ENVIRONMENT, ...argv]), {
      timeoutMs: 60_000,
      what: `"${argv.join(' ')}" on ${options.name}`,
      ...given,
    });
  const machine: Machine = {
    run,
    shell: (script, given) => run(['/bin/sh', '-ec', script], given),
    remove: () => removeCgroup(group),
  };
  await waitFor('the end of the boot', () => hasBooted(machine), { deadlineMs: BOOT_MS });
  return machine;
}

async function hasBooted(machine: Machine): Promise<boolean> {
  const { stdout } = await machine.run(['systemctl', 'is-system-running'], { allowFailure: true });
  return /^(running|degraded)$/.test(stdout.trim());
}

/** systemd moves itself into a group of its own soon after its start. */
function initOf(group: string): number | undefined {
  const pids = [...processesOf(group), ...processesOf(join(group, 'init.scope'))];
  return pids.find((pid) => commandOf(pid) === 'systemd');
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
