import { linkSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { LifeboatError } from '../errors.ts';

/**
 * Makes sure that `path` is free to be bound: nothing is there, or it was the socket of a daemon that died, which is
 * removed. Never takes the socket of a living one, also when another daemon claims at the same moment: what is removed
 * is first renamed, which only one of them can do, then asked again whether somebody listens behind it.
 */
export async function claimSocket(path: string, pid: number): Promise<void> {
  const kind = whatIsAt(path);
  if (kind === 'nothing') return;
  if (kind === 'other') throw new LifeboatError('SOCKET_TAKEN', `${path} is not a socket; it is left alone`);
  if (await isLiving(path)) throw taken(path);

  const aside = `${path}.stale.${pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  const wasLiving = await isLiving(aside);
  if (wasLiving) linkSync(aside, path);
  rmSync(aside, { force: true });
  if (wasLiving) throw taken(path);
}

function whatIsAt(path: string): 'nothing' | 'socket' | 'other' {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return 'nothing';
  return status.isSocket() ? 'socket' : 'other';
}

/** Anything but "refused" counts as living: a full backlog or a missing right says that somebody is there. */
function isLiving(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error) => {
      resolve(!isErrno(error, 'ECONNREFUSED') && !isErrno(error, 'ENOENT'));
    });
  });
}

function taken(path: string): LifeboatError {
  return new LifeboatError('SOCKET_TAKEN', `another process serves ${path}; only one runs on a node`);
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
