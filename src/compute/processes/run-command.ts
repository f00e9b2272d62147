import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { LifeboatError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';

export interface CommandEnding {
  /** The exit status; 128 + n when signal n ended it; undefined at the deadline. */
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
      let cancelKill = (): void => {};
      const finish = (exitCode: number | undefined): void => {
        cancelDeadline();
        cancelKill();
        // Something that it left behind may hold these open: nobody waits for that.
        child.stdout.destroy();
        child.stderr.destroy();
        const stdout = output();
        resolve({ exitCode, stdout, said: firstLine(errors()) || firstLine(stdout) });
      };
      const cancelDeadline = clock.schedule(deadlineMs, () => {
        signalGroup(child.pid, 'SIGTERM');
        cancelKill = clock.schedule(KILL_AFTER_MS, () => {
          signalGroup(child.pid, 'SIGKILL');
          finish(undefined);
        });
        child.once('exit', () => finish(undefined));
      });
      child.on('error', (cause) => {
        if (child.pid !== undefined) return;
        cancelDeadline();
        reject(notStarted(argv, cause));
      });
      child.once('close', (code, signal) => finish(code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0)));
    });
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
