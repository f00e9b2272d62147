import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, type Stats } from 'node:fs';
import type { Account } from './account.ts';

/**
 * - missing: the agent makes it.
 * - own: it belongs to the daemon's account, or to root with nothing in it yet. The agent sees to its owner and mode.
 * - usable: somebody else's, and the account may write there. It is left as it is.
 * - refused: somebody else's, or everybody's, or no directory.
 *
 * A mistyped parameter names a directory of the system, and this agent is root: taking over /var/log or /tmp would
 * break the node.
 */
export type DirectoryState = 'missing' | 'own' | 'usable' | 'refused';

export function lookAt(path: string, account: Account): DirectoryState {
  const status = statusOf(path);
  if (status === 'missing') return 'missing';
  if (status === 'unreachable' || !status.isDirectory()) return 'refused';
  // Anybody could put a socket or a store there before the daemon does.
  if ((status.mode & 0o002) !== 0) return 'refused';
  // A daemon that runs as root owns nearly everything: that says nothing then.
  if (status.uid === account.uid && account.uid !== 0) return 'own';
  if (status.uid === 0 && isEmpty(path)) return 'own';
  return mayWrite(path, account) ? 'usable' : 'refused';
}

/** Makes a missing one, and sees to the owner and mode of the account's own. All others stay as they are. */
export function makeOwn(path: string, account: Account): void {
  const state = lookAt(path, account);
  if (state === 'missing') mkdirSync(path, { recursive: true });
  else if (state !== 'own') return;
  chownSync(path, account.uid, account.gid);
  chmodSync(path, 0o750);
}

function statusOf(path: string): Stats | 'missing' | 'unreachable' {
  try {
    return statSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreachable';
  }
}

/** A new file system has this folder from the beginning. */
function isEmpty(path: string): boolean {
  try {
    return readdirSync(path).every((name) => name === 'lost+found');
  } catch {
    return false;
  }
}

/** Asked as the account itself: groups, access lists and read-only file systems have their say. */
function mayWrite(path: string, account: Account): boolean {
  const question = ['-c', '[ -w "$1" ] && [ -x "$1" ]', 'sh', path];
  return spawnSync('/bin/sh', question, { ...account, cwd: '/', stdio: 'ignore', timeout: 5_000 }).status === 0;
}
