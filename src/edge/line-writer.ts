import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/**
 * Writes each line at once, and drops what the file does not take (no space left, a reader that went away): the log may
 * never end the daemon, nor keep it waiting. Every later line tries anew. pino's own destination keeps such a line,
 * emits an error for it, and writes and waits for it again when the process ends (seen with standard output on
 * /dev/full: the daemon hung for ever).
 */
export function lineWriter(fd: number): DestinationStream {
  // A line was cut in its middle: the next one begins on a line of its own.
  let torn = false;
  return {
    write(line) {
      const bytes = Buffer.from(torn ? `\n${line}` : line);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(fd, bytes, written);
        torn = false;
      } catch {
        torn ||= written > 0;
      }
    },
  };
}
