import { rmSync } from 'node:fs';
import { watchWakeFile } from '../control/wake-file.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../ports.ts';

export interface WakeFilePorts {
  /** What the alert agent writes into; see wake-file.ts. */
  readonly wakeFilePath: string;
  readonly logger: Logger;
}

/**
 * Undefined when it cannot be made or watched (no inotify watch left, somebody else's file in its place): an alert then
 * comes over the socket, and the poll is there. What lies in its place is removed first: the alert agent prefers the
 * file, and one that nobody watches would swallow every alert.
 */
export function openWakeFile(
  { wakeFilePath, logger }: WakeFilePorts,
  onWake: () => void,
): ReturnType<typeof watchWakeFile> | undefined {
  try {
    return watchWakeFile(wakeFilePath, onWake);
  } catch {
    // Tried once more on a new file.
  }
  try {
    rmSync(wakeFilePath, { force: true });
    return watchWakeFile(wakeFilePath, onWake);
  } catch (error) {
    removeIfPossible(wakeFilePath);
    logger.warn({ path: wakeFilePath }, `no wake file, alerts come over the socket: ${messageOf(error)}`);
    return undefined;
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A directory, or not ours; the alert agent writes to neither.
  }
}
