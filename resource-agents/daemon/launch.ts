import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { closeSync, constants, existsSync, fchownSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { OCF, type Outcome } from '../ocf.ts';
import type { Account } from './account.ts';
import { makeOwn } from './directories.ts';
import { daemonEnvironment } from './environment.ts';
import { waitUntil } from './wait.ts';

export interface LaunchOptions {
  /** For messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly account: Account;
  /** The account's own: made when they are missing. */
  readonly directories: readonly string[];
  readonly logFile: string;
  /** A nice value; undefined: as everybody's. */
  readonly priority?: number;
  readonly answers: () => Promise<boolean>;
  readonly deadlineMs: number;
}

function prefer(pid: number | undefined, priority: number): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, priority);
  } catch {
    // Not allowed in some containers; it runs all the same.
  }
}

/** Starts it apart from the agent, and waits until it answers, or has ended, or the time is over: then it is killed. */
export async function launch(options: LaunchOptions): Promise<Outcome> {
  const { account, answers, args, deadlineMs, directories, logFile, name, priority, program } = options;
  for (const directory of directories) makeOwn(directory, account);
  // Often /var/log, which is everybody's: root opens the file, so the account needs no right there.
  if (!existsSync(dirname(logFile))) makeOwn(dirname(logFile), account);
  const log = openLog(logFile, account);
  const logBegan = fstatSync(log).size;
  const child = spawn(program, args, {
    ...account,
    cwd: '/',
    detached: true,
    env: daemonEnvironment(process.env),
    stdio: ['ignore', log, log],
  });
  if (priority !== undefined) prefer(child.pid, priority);
  let ended: string | undefined;
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, signalName) => (ended = `ended with ${signalName ?? `code ${code}`}`));

  const settled = await waitUntil(async () => ended !== undefined || (await answers()), deadlineMs);
  const last = lastLogLine(log, logBegan);
  closeSync(log);
  if (settled && ended === undefined) {
    child.unref();
    return { code: OCF.ok };
  }
  if (ended !== undefined) return { code: OCF.failed, reason: `${name} ${ended}: ${last}` };
  child.kill('SIGKILL');
  return { code: OCF.failed, reason: `${name} did not answer within ${deadlineMs} ms: ${last}` };
}

/** Never through a link: the directory may belong to the daemon's user, and this process is root. */
function openLog(path: string, { uid, gid }: Account): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
  const descriptor = openSync(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_RDWR, 0o640);
  fchownSync(descriptor, uid, gid);
  return descriptor;
}

/** What the daemon said last, since it was started: the sentence of its last line. */
function lastLogLine(log: number, from: number): string {
  const size = fstatSync(log).size;
  const buffer = Buffer.alloc(Math.min(8_192, Math.max(0, size - from)));
  const length = readSync(log, buffer, 0, buffer.length, size - buffer.length);
  const line = buffer.toString('utf8', 0, length).trimEnd().split('\n').at(-1) ?? '';
  if (line === '') return 'it logged nothing';
  try {
    const { message } = JSON.parse(line) as { message?: unknown };
    return typeof message === 'string' ? message : line;
  } catch {
    return line;
  }
}
