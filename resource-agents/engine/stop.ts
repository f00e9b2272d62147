import { DEATH_WAIT_MS, endDaemons } from '../daemon/end.ts';
import { daemonProcess } from '../daemon/process.ts';
import { waitUntil } from '../daemon/wait.ts';
import { DAEMON } from '../installed.ts';
import { OCF, type Outcome } from '../ocf.ts';
import { askHealth, type HealthAnswer } from './health.ts';
import type { Call } from './parameters.ts';

/**
 * Ends the daemon. A stop that fails gets this node fenced, so it fails only when something that we must not or cannot end
 * still serves the socket.
 */
export async function stop(call: Call): Promise<Outcome> {
  return (await endDaemons(DAEMON, 'lifeboatd', call.timeoutMs)) ?? (await stranger(call));
}

/** Whoever still answers was not started as lifeboatd of this installation: it is not ours to kill. */
async function stranger(call: Call): Promise<Outcome> {
  const ask = (): Promise<HealthAnswer> => askHealth(call.parameters.runtime_directory, 500);
  let answer = await ask();
  // A process counts as ended when its first thread has, and the others hold the socket for a moment more (seen).
  if (answer.outcome !== 'healthy') {
    await waitUntil(async () => (answer = await ask()).outcome === 'absent', DEATH_WAIT_MS);
  }
  if (answer.outcome === 'absent') return { code: OCF.ok };
  const pid = answer.outcome === 'healthy' ? answer.health.pid : undefined;
  if (pid !== undefined && daemonProcess(DAEMON, pid) !== undefined)
    return { code: OCF.failed, reason: 'lifeboatd came back' };
  return {
    code: OCF.failed,
    reason: `process ${pid ?? '(unknown)'} serves the control socket and is not the installed lifeboatd; end it yourself`,
  };
}
