import { launch } from '../daemon/launch.ts';
import { findDaemons } from '../daemon/process.ts';
import { waitUntil } from '../daemon/wait.ts';
import { MONITOR } from '../installed.ts';
import { OCF, type Outcome } from '../ocf.ts';
import { askStatus } from './ask.ts';
import type { MonitorCall } from './parameters.ts';
import { validate } from './validate.ts';

/** What the agent keeps of the action's timeout to end its own way, with a reason. */
const RESERVE_MS = 2_000;

/** Starts the monitor and waits until it answers. Starting what runs is a success, whoever has started it. */
export async function start(call: MonitorCall): Promise<Outcome> {
  const { config, log_file, runtime_directory, state_directory } = call.parameters;
  const answers = async (): Promise<boolean> => (await askStatus(runtime_directory, 1_000)).outcome === 'well';
  if (await answers()) return { code: OCF.ok };
  const validation = validate(call);
  if (validation.outcome === 'invalid') return validation.failure;
  const deadlineMs = Math.max(1_000, call.timeoutMs - RESERVE_MS);
  if (findDaemons(MONITOR).length > 0) {
    if (await waitUntil(answers, deadlineMs)) return { code: OCF.ok };
    return { code: OCF.failed, reason: 'lifeboat-monitor runs already, and does not answer' };
  }
  return launch({
    ...{ name: 'lifeboat-monitor', program: MONITOR, args: ['run', '--config', config] },
    ...{ account: validation.account, directories: [runtime_directory, state_directory], logFile: log_file },
    ...{ answers, deadlineMs },
  });
}
