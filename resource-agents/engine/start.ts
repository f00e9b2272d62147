import { findDaemons } from '../daemon/process.ts';
import { launch } from '../daemon/launch.ts';
import { waitUntil } from '../daemon/wait.ts';
import { DAEMON } from '../installed.ts';
import { OCF, type Outcome } from '../ocf.ts';
import { askHealth } from './health.ts';
import type { Call } from './parameters.ts';
import { validate } from './validate.ts';

/** Nice value of the daemon and of the commands that it starts: a controller is busiest when a host has just died. */
const PRIORITY = -10;

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
  if (findDaemons(DAEMON).length > 0) {
    if (await waitUntil(answers, deadlineMs)) return { code: OCF.ok };
    return { code: OCF.failed, reason: 'lifeboatd runs already, and does not answer' };
  }
  const { config, log_file, state_directory } = call.parameters;
  return launch({
    ...{ name: 'lifeboatd', program: DAEMON, args: ['--config', config] },
    ...{ account: validation.account, directories: [runtime_directory, state_directory], logFile: log_file },
    ...{ priority: PRIORITY, answers, deadlineMs },
  });
}
