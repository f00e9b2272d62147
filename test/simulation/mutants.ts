/**
 * `npm run test:mutants`: takes each safety rule out of a copy of the code, one at a time, and searches random runs until
 * one fails. A cut that no seed catches is a failure: nothing in the simulator holds that rule. Prints the rule, the cut
 * and the seed. With words, only the cuts whose rule, clause or file holds one of them; `--runs N` searches further.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runRandom } from '../../src/simulation/random/run-random.ts';
import { MUTANTS, type Mutant } from './lib/mutants.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string' } } });
const runs = Number(values.runs ?? 20_000);

function copyOfTheCode(): string {
  const copy = mkdtempSync(join(tmpdir(), 'lifeboat-mutants-'));
  for (const name of ['src', 'test/simulation', 'package.json', 'tsconfig.json']) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

interface Catch {
  readonly seed: string;
  readonly violation: string;
}

/** The first seed that fails in the copy; undefined when none does. */
function firstFailure(copy: string): Promise<Catch | undefined> {
  return new Promise((fulfil, reject) => {
    const script = join(copy, 'test/simulation/lib/first-failure.ts');
    const child = spawn(process.execPath, [script, String(runs)], { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', () => {
      const found = /^caught (\S+) (.+)$/m.exec(output);
      if (found !== null) fulfil({ seed: found[1] ?? '', violation: found[2] ?? '' });
      else if (output.includes('not caught')) fulfil(undefined);
      else reject(new Error(output.slice(0, 2_000)));
    });
  });
}

async function hunt(copy: string, mutant: Mutant): Promise<string | Catch> {
  const path = join(copy, mutant.file);
  const whole = readFileSync(path, 'utf8');
  if (whole.split(mutant.code).length !== 2) return `${mutant.file} does not hold once: ${mutant.code}`;
  writeFileSync(
    path,
    whole.replace(mutant.code, () => mutant.instead),
  );
  try {
    const found = await firstFailure(copy);
    if (found === undefined) return `no seed of ${runs} caught it`;
    const [intact] = (await runRandom(found.seed)).violations;
    return intact === undefined
      ? found
      : `seed ${found.seed} fails without the cut too: ${intact.rule}: ${intact.what}`;
  } finally {
    writeFileSync(path, whole);
  }
}

const chosen = MUTANTS.filter(
  ({ rule, without, file }) =>
    positionals.length === 0 || positionals.some((word) => `${rule} ${without} ${file}`.includes(word)),
);
const copy = copyOfTheCode();
const caught = new Set<string>();
let failed = 0;
try {
  for (const mutant of chosen) {
    const began = performance.now();
    const result = await hunt(copy, mutant);
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
    if (typeof result === 'string') {
      failed += 1;
      process.stdout.write(`NOT CAUGHT   ${seconds} s  ${mutant.rule}: ${mutant.without}\n    ${result}\n`);
    } else {
      caught.add(mutant.rule);
      process.stdout.write(
        `seed ${result.seed.padEnd(7)} ${seconds} s  ${mutant.rule}: ${mutant.without}\n    ${result.violation}\n`,
      );
    }
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.stdout.write(
  `rules caught: ${[...caught].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))).join(', ')}\n`,
);
process.stdout.write(`mutants: ${chosen.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
