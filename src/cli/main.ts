/** The operator's command, `lifeboat`. */
import { writeAll } from '../edge/write-all.ts';
import { run } from './run.ts';

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
