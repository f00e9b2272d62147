import { spawn } from 'node:child_process';
import { LabError } from './lab-error.ts';

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status; 128 + n when signal n ended it. */
  readonly code: number;
}

export interface CommandOptions {
  readonly input?: string;
  /** Milliseconds until the command and all its children are killed. Default 30 s. */
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** How an error names the command; default its own words. */
  readonly what?: string;
  /** True: a status other than 0 is an answer, not an error. */
  readonly allowFailure?: boolean;
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Runs one command to its end. Throws LabError `command-failed` or `timed-out`; both quote what it said. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program, ...rest] = argv;
  if (program === undefined) return Promise.reject(new LabError('bad-argument', 'an empty command'));
  const timeoutMs = options.timeoutMs ?? 30_000;
  const what = options.what ?? `"${argv.join(' ')}"`;
  return new Promise((resolve, reject) => {
    // A group of its own: nsenter forks into the pid namespace, and only the group reaches the fork as well.
    const child = spawn(program, rest, { env: options.env, cwd: options.cwd, detached: true, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      killGroup(child.pid, 'SIGKILL');
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => {}); // EPIPE: it ended without reading its input, which its status tells
    child.stdin.end(options.input ?? '');
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(new LabError('command-failed', `${program} cannot be run: ${cause.message}`, { cause }));
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const result = {
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        code: status ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0),
      };
      if (expired) {
        reject(new LabError('timed-out', `${what} did not end within ${timeoutMs} ms: ${lastWords(result)}`));
        return;
      }
      if (result.code !== 0 && options.allowFailure !== true) {
        reject(new LabError('command-failed', `${what} ended with ${result.code}: ${lastWords(result)}`));
        return;
      }
      resolve(result);
    });
  });
}

/** Signals a process that leads its group, and the group. A group that is gone is fine. */
export function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function lastWords(result: CommandResult): string {
  const words = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-5).join(' / ');
  return words === '' ? 'it said nothing' : words;
}
