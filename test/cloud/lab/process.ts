import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createCgroup, isPopulated, joining } from '../../cluster/lab/cgroup.ts';
import { runCommand } from '../../cluster/lab/host-command.ts';
import type { CommandOptions, CommandResult } from '../../cluster/lab/host-command.ts';
import { LabError } from '../../cluster/lab/lab-error.ts';
import { waitFor } from '../../cluster/lab/wait.ts';
import { logFile, outputFile, serviceCgroup } from './layout.ts';
import type { CloudLayout } from './layout.ts';

/** Nothing of the caller's environment: a proxy or an OS_ variable set there must not reach the cloud. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  no_proxy: '*',
  PYTHONDONTWRITEBYTECODE: '1',
  // Debian's greenlets print a warning about urllib3 at each start.
  PYTHONWARNINGS: 'ignore',
};

/** The command line that runs in the cloud's network. */
export function inNetwork(netns: string | null, argv: readonly string[]): readonly string[] {
  return netns === null ? argv : ['nsenter', `--net=/run/netns/${netns}`, '--', ...argv];
}

/** Runs one tool of the cloud to its end, in its network and its control group. */
export function runTool(
  layout: CloudLayout,
  netns: string | null,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const group = serviceCgroup(layout, 'tools');
  createCgroup(group);
  return runCommand(joining(group, inNetwork(netns, argv)), {
    // A machine that does much else at the same time is slow, not broken.
    timeoutMs: 900_000,
    what: `"${argv.slice(0, 4).join(' ')}"`,
    cwd: '/',
    ...options,
    env: { ...ENVIRONMENT, ...options.env },
  });
}

/** Starts a service that outlives this process, in a control group of its own. */
export function startService(
  layout: CloudLayout,
  netns: string | null,
  service: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  const group = serviceCgroup(layout, service);
  createCgroup(group);
  const output = openSync(outputFile(layout, service), 'a', 0o600);
  const [program = '', ...rest] = joining(group, inNetwork(netns, argv));
  const child = spawn(program, rest, {
    detached: true,
    cwd: '/',
    stdio: ['ignore', output, output],
    env: { ...ENVIRONMENT, ...env },
  });
  closeSync(output);
  child.unref();
  children.set(group, child);
}

/** What this process started; RabbitMQ's group is never empty, because its epmd stays when the broker dies. */
const children = new Map<string, ChildProcess>();

function hasEnded(group: string): boolean {
  const child = children.get(group);
  return child !== undefined ? child.exitCode !== null || child.signalCode !== null : !isPopulated(group);
}

/** Waits for `look`. Throws LabError `boot-failed` with the service's last words as soon as it has no process left. */
export async function waitForService(
  layout: CloudLayout,
  service: string,
  look: () => Promise<boolean> | boolean,
  deadlineMs = 300_000,
): Promise<void> {
  // A process that has not joined its group yet looks like one that died: it counts only from the second look on.
  let misses = 0;
  try {
    await waitFor(
      service,
      async () => {
        if (await look()) return true;
        misses = hasEnded(serviceCgroup(layout, service)) ? misses + 1 : 0;
        if (misses > 20) throw new LabError('boot-failed', `${service} does not start`);
        return false;
      },
      { deadlineMs, everyMs: 50 },
    );
  } catch (cause) {
    if (!(cause instanceof LabError)) throw cause;
    throw new LabError('boot-failed', `${cause.message}: ${lastWords(layout, service)}`, { cause });
  }
}

function lastWords(layout: CloudLayout, service: string): string {
  const files = [outputFile(layout, service), logFile(layout, service)].filter((file) => existsSync(file));
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-4));
  return lines.join(' / ').slice(-1500) || 'it said nothing';
}
