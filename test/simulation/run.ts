/**
 * `npm run test:simulation`: every scenario of this folder against its expected.log, then random runs.
 *
 * | option | what |
 * |---|---|
 * | `--runs N` | so many random runs (else as many as CI takes) |
 * | `--from N` | the first seed, 1 without it |
 * | `--seed N` | one random run, with its log |
 * | `--scenario TOPIC/NAME` | scenarios whose path holds these words only, and no random runs |
 * | `--record` | write expected.log anew; read the difference before you keep it |
 * | `--nightly` | random runs without end, from a seed that the clock gives |
 * | `--workers N` | threads, 2 without it |
 *
 * Ends with the line `simulation: N passed, N failed`.
 */
import { parseArgs } from 'node:util';
import { runRandom } from '../../src/simulation/random/run-random.ts';
import { manyRandomRuns, type RandomReport } from './lib/many-runs.ts';
import { checkScenarios } from './lib/scenarios.ts';

const SHORT_RUNS = 1_500;
const NIGHTLY_BATCH = 10_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    from: { type: 'string' },
    seed: { type: 'string' },
    scenario: { type: 'string' },
    record: { type: 'boolean' },
    nightly: { type: 'boolean' },
    workers: { type: 'string' },
  },
});

// A reader that has gone (| head) is no failure.
process.stdout.on('error', () => process.exit(0));
const out = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

if (values.seed !== undefined) {
  process.exitCode = await replay(values.seed);
} else {
  const scenarios = await checkScenarios(values.scenario, values.record === true ? 'record' : 'compare', out);
  out(`scenarios: ${scenarios.passed} passed, ${scenarios.failed} failed, ${scenarios.seconds.toFixed(1)} s`);
  const random = values.scenario === undefined ? await randomRuns() : { passed: 0, failed: 0 };
  const failed = scenarios.failed + random.failed;
  out(`simulation: ${scenarios.passed + random.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && scenarios.passed > 0 ? 0 : 1;
}

async function replay(seed: string): Promise<number> {
  const { steps, violations, virtualMs } = await runRandom(seed, out);
  out(`seed ${seed}: ${(virtualMs / 1000).toFixed(0)} s of virtual time in ${steps} steps`);
  for (const { atMs, rule, what } of violations) out(`${rule} was violated at ${(atMs / 1000).toFixed(3)} s: ${what}`);
  return violations.length === 0 ? 0 : 1;
}

async function randomRuns(): Promise<RandomReport> {
  const workers = Number(values.workers ?? 2);
  if (values.nightly !== true) {
    return manyRandomRuns(Number(values.from ?? 1), Number(values.runs ?? SHORT_RUNS), workers, out);
  }
  for (let from = Number(values.from ?? Date.now()); ; from += NIGHTLY_BATCH) {
    const report = await manyRandomRuns(from, NIGHTLY_BATCH, workers, out);
    if (report.failed > 0) return report;
  }
}
