import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

it('three thousand requests with something wrong in them bring no 5xx, no crash, and no growth', async () => {
  // A few of the hundred thousand of `npm run fuzz`; a failed run ends with 1, and says which request it was.
  const words = ['test/fuzz/run.ts', '--requests', '3000', '--seed', 'short'];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: ROOT, timeout: 110_000 }).catch(
    ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => ({ stdout: stdout + stderr }),
  );
  expect(stdout).toMatch(/^3000 passed, 0 failed$/m);
});
