import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { LifeboatError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';

export interface CommandEnding {
  /** The exit status; 128 + n when signal n ended it; undefined when it did not end in time. */
  readonly exitCode: number | undefined;
  /** Cut at 4 MiB. */
  readonly stdout: string;
  /** The first line on standard error, or else of the output; for messages. */
  readonly said: string;
}

/** Rejects with COMMAND_NOT_STARTED when there is no such program, or the machine cannot start one now. */
export type RunCommand = (argv: readonly string[], deadlineMs: number) => Promise<CommandEnding>;

const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const KILL_AFTER_MS = 1_000;
/** For output that is still on its way when a command has ended. */
const LAST_WORDS_MS = 500;
const MOST_OUTPUT_BYTES = 4 * 1024 * 1024;
const MOST_ERRORS_BYTES = 64 * 1024;
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 };

/** Runs programs without a shell; at the deadline SIGTERM, a second later SIGKILL, to it and all that it has started. */
export function commandRunner(clock: Clock): RunCommand {
  return (argv, deadlineMs) =>
    new Promise((resolve, reject) => {
      const child = start(argv, reject);
      if (child === undefined) return;
      const output = gather(child.stdout, MOST_OUTPUT_BYTES);
      const errors = gather(child.stderr, MOST_ERRORS_BYTES);
      let fate: 'running' | 'late' = 'running';
      let cancelTimer = (): void => {};
      const after = (delayMs: number, act: () => void): void => {
        cancelTimer();
        cancelTimer = clock.schedule(delayMs, act);
      };
      const finish = (exitCode: number | undefined): void => {
        cancelTimer();
        child.stdout.destroy();
        child.stderr.destroy();
        const stdout = output();
        resolve({ exitCode, stdout, said: firstLine(errors()) || firstLine(stdout) });
      };
      const killAll = (): void => {
        signalGroup(child.pid, 'SIGKILL');
        finish(undefined);
      };
      after(deadlineMs, () => {
        fate = 'late';
        signalGroup(child.pid, 'SIGTERM');
        after(KILL_AFTER_MS, killAll);
      });
      child.once('exit', (code, signal) => {
        if (fate === 'late') return killAll();
        // What it left behind, and what may hold its output open, may be what it was to start: that lives, and is not waited for.
        after(LAST_WORDS_MS, () => finish(statusOf(code, signal)));
      });
      child.once('close', (code, signal) => {
        if (fate === 'running') finish(statusOf(code, signal));
      });
      child.on('error', (cause) => {
        if (child.pid !== undefined) return;
        cancelTimer();
        reject(notStarted(argv, cause));
      });
    });
}

function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0);
}

function start(
  argv: readonly string[],
  reject: (error: LifeboatError) => void,
): ChildProcessByStdio<null, Readable, Readable> | undefined {
  const [program = '', ...args] = argv;
  try {
    // A group of its own, so that the deadline reaches what it has started as well.
    return spawn(program, args, {
      detached: true,
      env: { PATH: SEARCH_PATH, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (cause) {
    reject(notStarted(argv, cause));
    return undefined;
  }
}

function notStarted(argv: readonly string[], cause: unknown): LifeboatError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new LifeboatError('COMMAND_NOT_STARTED', `${argv[0] ?? ''} cannot be run: ${code ?? message}`, { cause });
}

function gather(stream: Readable, most: number): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < most) chunks.push(chunk.subarray(0, most - bytes));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString();
}

function firstLine(text: string): string {
  return (text.trim().split('\n', 1)[0] ?? '').slice(0, 200);
}

/** One that is gone is fine. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: it has ended. EPERM: it has become another user's, and ends when it likes.
  }
}
