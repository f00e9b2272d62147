import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../../../src/cli/run.ts';

it('the example of the page on simulating gives the log that the page shows', async () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/simulate.md'), 'utf8');
  const story = /^```yaml\n(.*?)^```/ms.exec(page)?.[1] ?? '';
  const shown = page.split('\n').filter((line) => /^ +\d+\.\d{3} /.test(line));
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-simulate-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'rack.yaml'), story);
  let log = '';
  const out = (text: string): void => void (log += text);
  const code = await run(['simulate', join(folder, 'rack.yaml')], { environment: {}, nowMs: 0, out, error: out });
  expect(code).toBe(0);
  expect(shown.length).toBeGreaterThan(3);
  expect(log.split('\n')).toEqual(expect.arrayContaining(shown));
});
