import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { joining } from './cgroup.ts';
import { killGroup, runCommand } from './host-command.ts';
import type { CommandResult } from './host-command.ts';
import { LabError } from './lab-error.ts';
import { initPidFile, nodeCgroup, switchCgroup, switchNetns } from './layout.ts';
import type { Layout } from './layout.ts';
import { powerOf, NODE_ENVIRONMENT } from './power.ts';

export interface ExecOptions {
  /** Milliseconds until it is killed with its children. Default 30 s. */
  readonly timeoutMs?: number;
  /** What it reads on stdin; default nothing. */
  readonly input?: string;
  /** True: a status other than 0 is an answer, not an error. */
  readonly allowFailure?: boolean;
  /** Beside the node's own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A process of the lab that runs until it ends or is stopped. */
export interface LabProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves with the exit status, 128 + n when a signal ended it. */
  readonly ended: Promise<number>;
  /** Signals it and its children, default SIGTERM, and resolves with its status. */
  stop(signal?: NodeJS.Signals): Promise<number>;
}

/** Runs a command in a node. Whatever happens to the node happens to the command: it freezes and dies with it. */
export async function execInNode(
  layout: Layout,
  node: string,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<CommandResult> {
  const { env, ...rest } = options;
  return runCommand(inNode(layout, node, argv), {
    ...rest,
    env: { ...NODE_ENVIRONMENT, ...env },
    cwd: '/',
    what: `"${argv.join(' ')}" on ${node}`,
  });
}

export function spawnInNode(
  layout: Layout,
  node: string,
  argv: readonly string[],
  options: SpawnOptions = {},
): LabProcess {
  return start(inNode(layout, node, argv), { ...NODE_ENVIRONMENT, ...options.env }, '/');
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a process of this machine in the network of the lab's switch, where it has the cloud's address. */
export function spawnInSwitch(layout: Layout, argv: readonly string[], options: SpawnOptions = {}): LabProcess {
  const command = joining(switchCgroup(layout), ['nsenter', `--net=/run/netns/${switchNetns(layout)}`, '--', ...argv]);
  return start(command, { ...process.env, ...options.env }, process.cwd());
}

/** The command line that enters the node: its control group first, so that a power cut or a freeze catches it. */
export function inNode(layout: Layout, node: string, argv: readonly string[]): readonly string[] {
  if (argv.length === 0) throw new LabError('bad-argument', 'no command to run');
  const target = `${initOf(layout, node)}`;
  return joining(nodeCgroup(layout, node), ['nsenter', '-t', target, '-m', '-u', '-i', '-n', '-p', '--', ...argv]);
}

/** The host's pid of the node's PID 1. Throws LabError `node-off`. */
export function initOf(layout: Layout, node: string): number {
  const file = initPidFile(layout, node);
  if (powerOf(layout, node) === 'off' || !existsSync(file)) throw new LabError('node-off', `${node} is off`);
  return Number(readFileSync(file, 'utf8'));
}

function start(argv: readonly string[], env: NodeJS.ProcessEnv, cwd: string): LabProcess {
  const child = spawn(argv[0] ?? '', argv.slice(1), { env, cwd, detached: true, stdio: 'pipe' });
  child.stdin.on('error', () => {}); // EPIPE: it ended first, which `ended` tells
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', (cause) => reject(new LabError('command-failed', cause.message, { cause })));
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
  ended.catch(() => {}); // whoever waits for it hears of it
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    stop: (signal = 'SIGTERM') => {
      killGroup(child.pid, signal);
      return ended;
    },
  };
}
