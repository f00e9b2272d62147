import { OCF, type Outcome } from '../ocf.ts';
import { daemonProcess, findDaemons, isAlive, signal } from './daemon-process.ts';
import { askHealth, type HealthAnswer } from './health.ts';
import type { Call } from './parameters.ts';
import { waitUntil } from './wait.ts';

/** For the kill and the look after it. */
const KILL_RESERVE_MS = 4_000;
const DEATH_WAIT_MS = 3_000;

/**
 * Ends the daemon: politely, then not. A stop that fails gets this node fenced, so it fails only when something that we
 * must not or cannot end still serves the socket. The daemon is crash-only: a kill loses nothing.
 */
export async function stop(call: Call): Promise<Outcome> {
  const daemons = findDaemons();
  for (const daemon of daemons) signal(daemon, 'SIGTERM');
  const gone = (): boolean => !daemons.some(isAlive);
  if (!(await waitUntil(gone, Math.max(500, call.timeoutMs - KILL_RESERVE_MS)))) {
    for (const daemon of daemons) signal(daemon, 'SIGKILL');
    if (!(await waitUntil(gone, DEATH_WAIT_MS))) {
      const pids = daemons.filter(isAlive).map(({ pid }) => pid);
      return { code: OCF.failed, reason: `lifeboatd (pid ${pids.join(', ')}) does not end, not even when killed` };
    }
  }
  return stranger(call);
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
  if (pid !== undefined && daemonProcess(pid) !== undefined) return { code: OCF.failed, reason: 'lifeboatd came back' };
  return {
    code: OCF.failed,
    reason: `process ${pid ?? '(unknown)'} serves the control socket and is not the installed lifeboatd; end it yourself`,
  };
}
