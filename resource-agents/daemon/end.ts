import { OCF, type Outcome } from '../ocf.ts';
import { findDaemons, isAlive, signal } from './process.ts';
import { waitUntil } from './wait.ts';

/** For the kill and the look after it. */
const KILL_RESERVE_MS = 4_000;
export const DEATH_WAIT_MS = 3_000;

/** Ends what runs the program: politely, then not. Crash-only: a kill loses nothing. Undefined when nothing is left. */
export async function endDaemons(program: string, name: string, timeoutMs: number): Promise<Outcome | undefined> {
  const daemons = findDaemons(program);
  for (const daemon of daemons) signal(daemon, 'SIGTERM');
  const gone = (): boolean => !daemons.some(isAlive);
  if (await waitUntil(gone, Math.max(500, timeoutMs - KILL_RESERVE_MS))) return undefined;
  for (const daemon of daemons) signal(daemon, 'SIGKILL');
  if (await waitUntil(gone, DEATH_WAIT_MS)) return undefined;
  const pids = daemons.filter(isAlive).map(({ pid }) => pid);
  return { code: OCF.failed, reason: `${name} (pid ${pids.join(', ')}) does not end, not even when killed` };
}
