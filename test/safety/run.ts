/**
 * Takes each safety rule out of a copy of the code, one at a time, and runs the test that must notice (cuts.ts). A cut
 * that no test notices is a failure: the rule stands in the code and nothing holds it there. With words, only the cuts
 * are made whose rule, clause or file holds one of them: node test/safety/run.ts gate S9
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CUTS, type Cut } from './cuts.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COPIED = ['src', 'test', 'resource-agents', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

function copyOfTheCode(): string {
  const copy = mkdtempSync(join(tmpdir(), 'lifeboat-safety-'));
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Whether the one test passes in the copy; an error when there is no such test. */
function passes(copy: string, cut: Cut): Promise<boolean> {
  const pattern = cut.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const report = join(copy, 'report.json');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const args = [
    vitest,
    'run',
    '--project',
    'unit',
    '--reporter=json',
    `--outputFile=${report}`,
    cut.test,
    '-t',
    pattern,
  ];
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, args, { cwd: copy, stdio: 'ignore' });
    child.once('error', reject);
    child.once('close', () => {
      const ran = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number };
      if (ran.numPassedTests + ran.numFailedTests === 0) {
        reject(new Error(`${cut.test} has no test named "${cut.name}"`));
        return;
      }
      fulfil(ran.numFailedTests === 0);
    });
  });
}

async function noticed(copy: string, cut: Cut): Promise<string | undefined> {
  const path = join(copy, cut.file);
  const whole = readFileSync(path, 'utf8');
  if (whole.split(cut.code).length !== 2) return `${cut.file} does not hold once: ${cut.code}`;
  writeFileSync(
    path,
    whole.replace(cut.code, () => cut.instead),
  );
  try {
    return (await passes(copy, cut)) ? `no test noticed it; expected: ${cut.name}` : undefined;
  } finally {
    writeFileSync(path, whole);
  }
}

const words = process.argv.slice(2);
const cuts = CUTS.filter(
  ({ rule, without, file }) => words.length === 0 || words.some((word) => `${rule} ${without} ${file}`.includes(word)),
);
const copy = copyOfTheCode();
let failed = 0;
try {
  for (const cut of cuts) {
    const problem = await noticed(copy, cut);
    if (problem !== undefined) failed += 1;
    process.stdout.write(
      `${problem === undefined ? 'red, as it must be' : 'NOT NOTICED'}  ${cut.rule}: ${cut.without}\n`,
    );
    if (problem !== undefined) process.stdout.write(`    ${problem}\n`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.stdout.write(`safety: ${cuts.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
