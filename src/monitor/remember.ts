import { closeSync, constants, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What a watch keeps over a restart of the monitor. */
export interface Memory {
  /** Undefined when nothing was ever written. */
  readonly read: () => string | undefined;
  /** All of the new, or the old stays. Throws what the file system says. */
  readonly write: (text: string) => void;
}

/** In a file that is replaced as a whole. Its folder must exist. */
export function fileMemory(path: string): Memory {
  return {
    read() {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write(text) {
      const next = `${path}.new`;
      rmSync(next, { force: true });
      const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
      const descriptor = openSync(next, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
      try {
        writeFileSync(descriptor, text);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(next, path);
    },
  };
}
