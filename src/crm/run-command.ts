import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { LifeboatError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { errorOfExitCode } from './exit-code.ts';

export interface CommandOptions {
  readonly clock: Clock;
  /** After this SIGTERM, and 1 s later SIGKILL. */
  readonly timeoutMs: number;
  /** Where commands are looked for, colon-separated. */
  readonly searchPath?: string;
  /** More than this on stdout is garbage, not an answer. Default 64 MiB: some 60,000 nodes of crm_mon. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal | undefined;
  /** Exit codes besides 0 that are an answer. */
  readonly accept?: readonly number[];
}

export interface CommandAnswer {
  readonly exitCode: number;
  readonly stdout: string;
}

const SEARCH_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const MAX_STDERR_BYTES = 64 * 1024;
const KILL_AFTER_MS = 1000;

/**
 * Runs one of Pacemaker's commands, without a shell. The environment is not the caller's: inside an agent the variable
 * OCF_RESKEY_CRM_meta_on_node makes attrd_updater 2.1.5 answer for the local node only, and CIB_file would make crm_mon
 * read a file. TZ makes it write times in UTC.
 *
 * @throws LifeboatError CRM_NOT_INSTALLED, CRM_NO_PERMISSION, CRM_NO_CLUSTER, CRM_TIMED_OUT, CRM_GARBAGE (too much
 * output), CRM_FAILED; the signal's reason when aborted
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandAnswer> {
  options.signal?.throwIfAborted();
  const ending = await endOf(start(command, args, options), options);
  switch (ending.kind) {
    case 'not-started':
      throw startError(command, ending.error);
    case 'aborted':
      throw options.signal?.reason instanceof Error ? options.signal.reason : new Error(`${command} was aborted`);
    case 'timed-out':
      throw new LifeboatError('CRM_TIMED_OUT', `${command} gave no answer within ${options.timeoutMs} ms`);
    case 'too-much':
      throw new LifeboatError('CRM_GARBAGE', `${command} wrote more than ${maxOutput(options)} bytes`);
    case 'exited':
      return answerOf(command, ending, options.accept ?? []);
  }
}

function start(command: string, args: readonly string[], { searchPath }: CommandOptions): Child {
  try {
    return spawn(command, args, {
      env: { PATH: searchPath ?? SEARCH_PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (cause) {
    // an argument with a NUL inside, or more of them than the kernel takes
    throw startError(command, cause as NodeJS.ErrnoException);
  }
}

type Ending =
  | { readonly kind: 'not-started'; readonly error: NodeJS.ErrnoException }
  | { readonly kind: 'aborted' | 'timed-out' | 'too-much' }
  | {
      readonly kind: 'exited';
      readonly exitCode: number | null;
      readonly killedBy: string | null;
      readonly stdout: string;
      readonly stderr: string;
    };

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Never waits longer than the timeout and the second until SIGKILL, even for a process that cannot be killed. */
function endOf(child: Child, options: CommandOptions): Promise<Ending> {
  const { clock, timeoutMs, signal } = options;
  return new Promise((resolve) => {
    let stopped: 'aborted' | 'timed-out' | 'too-much' | undefined;
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let stdoutBytes = 0;
    let stderrBytes = 0;
    let cancelKill = (): void => {};

    const stop = (reason: 'aborted' | 'timed-out' | 'too-much'): void => {
      if (stopped !== undefined) return;
      stopped = reason;
      child.kill('SIGTERM');
      cancelKill = clock.schedule(KILL_AFTER_MS, () => {
        child.kill('SIGKILL');
        finish({ kind: reason });
      });
    };
    const onAbort = (): void => stop('aborted');
    const cancelTimeout = clock.schedule(timeoutMs, () => stop('timed-out'));
    signal?.addEventListener('abort', onAbort, { once: true });

    const finish = (ending: Ending): void => {
      cancelTimeout();
      cancelKill();
      signal?.removeEventListener('abort', onAbort);
      // a grandchild may hold the pipes open: nobody waits for it
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(ending);
    };

    child.stdout.on('data', (chunk: Buffer) => {
      stdoutBytes += chunk.length;
      if (stdoutBytes > maxOutput(options)) stop('too-much');
      else stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderrBytes += chunk.length;
      if (stderrBytes <= MAX_STDERR_BYTES) stderr.push(chunk);
    });
    child.on('error', (error) => {
      if (child.pid === undefined) finish({ kind: 'not-started', error });
    });
    child.on('exit', () => {
      if (stopped !== undefined) finish({ kind: stopped });
    });
    child.on('close', (exitCode, killedBy) => {
      const written = { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
      finish(stopped === undefined ? { kind: 'exited', exitCode, killedBy, ...written } : { kind: stopped });
    });
  });
}

function maxOutput({ maxOutputBytes }: CommandOptions): number {
  return maxOutputBytes ?? MAX_OUTPUT_BYTES;
}

function startError(command: string, error: NodeJS.ErrnoException): LifeboatError {
  switch (error.code) {
    case 'ENOENT':
      return new LifeboatError('CRM_NOT_INSTALLED', `${command} is not installed`, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new LifeboatError('CRM_NO_PERMISSION', `${command} may not be run by this user`, { cause: error });
    default:
      return new LifeboatError('CRM_FAILED', `${command} did not start: ${error.code ?? error.message}`, {
        cause: error,
      });
  }
}

function answerOf(
  command: string,
  { exitCode, killedBy, stdout, stderr }: Extract<Ending, { kind: 'exited' }>,
  accept: readonly number[],
): CommandAnswer {
  if (exitCode === null) throw new LifeboatError('CRM_FAILED', `${command} was killed by ${killedBy ?? 'a signal'}`);
  if (exitCode === 0 || accept.includes(exitCode)) return { exitCode, stdout };
  const said = whatItSaid(stdout, stderr);
  throw new LifeboatError(
    errorOfExitCode(exitCode, said),
    `${command} failed: ${said === '' ? 'without a word' : said} (exit code ${exitCode})`,
  );
}

/**
 * The first line only, cut: cibadmin puts the whole CIB on stderr when it refuses one. Commands that were asked for XML
 * put their errors there, on stdout; this is for a message, so a pattern will do.
 */
function whatItSaid(stdout: string, stderr: string): string {
  const onStderr = stderr.split('\n').find((line) => line.trim() !== '');
  const said = onStderr ?? /<error>([^<]*)<\/error>/.exec(stdout)?.[1] ?? '';
  return said.trim().split('\n', 1)[0]?.slice(0, 200) ?? '';
}
