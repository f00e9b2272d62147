import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { constants, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LifeboatError, messageOf } from '../../errors.ts';

/** A file that only grows, but for being replaced as a whole. */
export interface JournalFile {
  /** All of it; empty when there is none. */
  read(): string;
  /** On disk when it returns. Throws SPOOL_UNUSABLE: then nothing of it is there, or it is cut off before the next one. */
  append(text: string): void;
  /** All of the old, or all of the new. Throws SPOOL_UNUSABLE. */
  replace(text: string): void;
  close(): void;
}

/** In a folder that is made when it is missing. Throws SPOOL_UNUSABLE. */
export function openJournalFile(path: string): JournalFile {
  const within = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new LifeboatError('SPOOL_UNUSABLE', `the spool ${path} cannot be used: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
  const file = within(() => new OnDisk(path));
  return {
    read: () => within(() => file.read()),
    append: (text) => within(() => file.append(text)),
    replace: (text) => within(() => file.replace(text)),
    close: () => file.close(),
  };
}

class OnDisk {
  readonly #path: string;
  #descriptor: number;
  /** Bytes that were written whole. What stands behind them is torn. */
  #length: number;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // What a replacement had begun when its process was killed.
    rmSync(`${path}.new`, { force: true });
    this.#descriptor = open(path);
    syncFolder(path);
    this.#length = readFileSync(path).lastIndexOf(10) + 1;
  }

  /** What has no line end was never acknowledged. */
  read(): string {
    return readFileSync(this.#path).subarray(0, this.#length).toString('utf8');
  }

  append(text: string): void {
    const bytes = Buffer.from(text);
    // Also after a failure to sync: nobody knows what of it is on disk.
    ftruncateSync(this.#descriptor, this.#length);
    writeWhole(this.#descriptor, bytes);
    fdatasyncSync(this.#descriptor);
    this.#length += bytes.length;
  }

  replace(text: string): void {
    const bytes = Buffer.from(text);
    const next = `${this.#path}.new`;
    rmSync(next, { force: true });
    const descriptor = open(next);
    try {
      writeWhole(descriptor, bytes);
      fsyncSync(descriptor);
      renameSync(next, this.#path);
    } catch (error) {
      closeSync(descriptor);
      rmSync(next, { force: true });
      throw error;
    }
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#length = bytes.length;
    syncFolder(this.#path);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function open(path: string): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
  return openSync(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_RDWR, 0o600);
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}

/** Else a power cut may take the name, and with it all that the file holds. */
function syncFolder(path: string): void {
  const descriptor = openSync(dirname(path), constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
