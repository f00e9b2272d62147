import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { closeSync, constants, existsSync, fchownSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { DAEMON } from '../installed.ts';
import { OCF, type Outcome } from '../ocf.ts';
import type { Account } from './account.ts';
import { daemonEnvironment } from './daemon-environment.ts';
import { findDaemons } from './daemon-process.ts';
import { makeOwn } from './directories.ts';
import { askHealth } from './health.ts';
import type { Call } from './parameters.ts';
import { validate } from './validate.ts';
import { waitUntil } from './wait.ts';

/** What the agent keeps of the action's timeout to end its own way, with a reason. */
const RESERVE_MS = 2_000;

/**
 * Starts the daemon and waits until it answers; that it is still `starting` is fine, because only a look at the cluster
 * and at Nova is missing then. Starting what runs is a success.
 */
export async function start(call: Call): Promise<Outcome> {
  const { runtime_directory } = call.parameters;
  const answers = async (): Promise<boolean> => (await askHealth(runtime_directory, 1_000)).outcome === 'healthy';
  if (await answers()) return { code: OCF.ok };

  const validation = validate(call);
  if (validation.outcome === 'invalid') return validation.failure;
  const deadlineMs = Math.max(1_000, call.timeoutMs - RESERVE_MS);
  // One is on its way, or hangs: a second one would only be refused the socket.
  if (findDaemons().length > 0) {
    if (await waitUntil(answers, deadlineMs)) return { code: OCF.ok };
    return { code: OCF.failed, reason: 'lifeboatd runs already, and does not answer' };
  }
  return launch(call, validation.account, answers, deadlineMs);
}

/** Nice value of the daemon and of the commands that it starts: a controller is busiest when a host has just died. */
const PRIORITY = -10;

function prefer(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, PRIORITY);
  } catch {
    // Not allowed in some containers; it runs all the same.
  }
}

async function launch(
  call: Call,
  account: Account,
  answers: () => Promise<boolean>,
  deadlineMs: number,
): Promise<Outcome> {
  const { config, log_file, runtime_directory, state_directory } = call.parameters;
  for (const directory of [runtime_directory, state_directory]) makeOwn(directory, account);
  // Often /var/log, which is everybody's: root opens the file, so the account needs no right there.
  if (!existsSync(dirname(log_file))) makeOwn(dirname(log_file), account);
  const log = openLog(log_file, account);
  const logBegan = fstatSync(log).size;
  const child = spawn(DAEMON, ['--config', config], {
    ...account,
    cwd: '/',
    detached: true,
    env: daemonEnvironment(process.env),
    stdio: ['ignore', log, log],
  });
  prefer(child.pid);
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
  if (ended !== undefined) return { code: OCF.failed, reason: `lifeboatd ${ended}: ${last}` };
  child.kill('SIGKILL');
  return { code: OCF.failed, reason: `lifeboatd did not answer within ${deadlineMs} ms: ${last}` };
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
