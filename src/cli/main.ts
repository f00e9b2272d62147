/** The operator's command, `lifeboat`. */
import { writeSync } from 'node:fs';
import { run } from './run.ts';

/** All of it, also into a pipe that is full; a reader that has gone (`lifeboat status | head -1`) is no failure. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
    }
  }
}

void run(process.argv.slice(2), {
  environment: process.env,
  nowMs: Date.now(),
  out: (text) => {
    writeAll(1, text);
  },
  error: (text) => {
    writeAll(2, text);
  },
}).then((code) => {
  process.exitCode = code;
});
