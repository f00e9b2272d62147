/**
 * `npm run test:contract`: the contract suite on the emulator and on a real Nova, side by side, test by test. Exit status
 * 0 only when both passed all of them and both ran the same ones. `--only emulator|nova` runs one of them, `--record`
 * writes the real cloud's raw answers to test/contract/wire/recorded.json anew.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');

/** The name in the suites' titles, and where the suite is. */
const CLOUDS = {
  emulator: { project: 'unit', file: 'test/unit/openstack/contract.test.ts' },
  nova: { project: 'cloud', file: 'test/cloud/contract.test.ts' },
} as const;
type CloudName = keyof typeof CLOUDS;

interface Outcome {
  readonly passed: boolean;
  readonly ms: number;
}

interface Run {
  readonly tests: ReadonlyMap<string, Outcome>;
  readonly seconds: number;
  /** What failed beside the tests. */
  readonly trouble: string | undefined;
}

interface Report {
  readonly testResults: readonly {
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly duration?: number | null;
    }[];
  }[];
}

const { values: options } = parseArgs({ options: { only: { type: 'string' }, record: { type: 'boolean' } } });
const chosen = (Object.keys(CLOUDS) as CloudName[]).filter(
  (cloud) => options.only === undefined || cloud === options.only,
);
if (chosen.length === 0) {
  process.stderr.write(`--only takes ${Object.keys(CLOUDS).join(' or ')}\n`);
  process.exit(2);
}
// The real one first: with --record the emulator is held to what was just recorded.
const runs = new Map<CloudName, Run>();
for (const cloud of [...chosen].reverse()) runs.set(cloud, await runContract(cloud));
process.exitCode = print(chosen, runs) ? 0 : 1;

async function runContract(cloud: CloudName): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-contract-'));
  const report = join(folder, 'report.json');
  const { project, file } = CLOUDS[cloud];
  const began = performance.now();
  process.stdout.write(`\n=== ${cloud}\n`);
  try {
    const code = await vitest(
      ['run', file, '--project', project, '--testNamePattern', `contract: ${cloud} `],
      ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    );
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const ran = testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => !['skipped', 'pending', 'todo', 'disabled'].includes(status));
    const tests = new Map(
      ran.map((test) => [nameOf(test), { passed: test.status === 'passed', ms: test.duration ?? 0 }]),
    );
    const clean = code === 0 || [...tests.values()].some(({ passed }) => !passed);
    const said = testResults.map(({ message }) => message).join(' ');
    return { tests, seconds: seconds(began), trouble: clean ? undefined : `vitest ended with ${code}: ${said}` };
  } catch (error) {
    return { tests: new Map(), seconds: seconds(began), trouble: `no report: ${String(error)}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Without the cloud's name: `the cloud contract > services > forces a service down at once`. */
function nameOf(test: { readonly ancestorTitles: readonly string[]; readonly title: string }): string {
  return [...test.ancestorTitles.map((title) => title.replace(/^the (\w+) contract: .*$/, '$1')), test.title].join(
    ' > ',
  );
}

function seconds(began: number): number {
  return (performance.now() - began) / 1000;
}

function vitest(what: readonly string[], reporters: readonly string[]): Promise<number> {
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...what, ...reporters], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...(options.record === true ? { LIFEBOAT_WIRE_RECORD: '1' } : {}) },
    });
    child.once('error', reject);
    child.once('close', (code) => fulfil(code ?? 1));
  });
}

/** The table; answers whether everything is as it must be. */
function print(clouds: readonly CloudName[], all: ReadonlyMap<CloudName, Run>): boolean {
  const names = [...new Set(clouds.flatMap((cloud) => [...(all.get(cloud)?.tests.keys() ?? [])]))];
  const width = Math.min(110, Math.max(20, ...names.map((name) => name.length)));
  const row = (name: string, cells: readonly string[]): void => {
    process.stdout.write(`${name.slice(0, width).padEnd(width)} ${cells.map((cell) => cell.padStart(16)).join('')}\n`);
  };
  process.stdout.write('\n');
  row('', clouds);
  for (const name of names) {
    row(
      name,
      clouds.map((cloud) => {
        const outcome = all.get(cloud)?.tests.get(name);
        if (outcome === undefined) return 'NOT RUN';
        return `${outcome.passed ? 'ok' : 'FAILED'} ${Math.round(outcome.ms)} ms`;
      }),
    );
  }
  const passes = clouds.map(
    (cloud) => [...(all.get(cloud)?.tests.values() ?? [])].filter(({ passed }) => passed).length,
  );
  row(
    'passed',
    passes.map((count) => `${count} of ${names.length}`),
  );
  row(
    'took',
    clouds.map((cloud) => `${(all.get(cloud)?.seconds ?? 0).toFixed(1)} s`),
  );
  for (const cloud of clouds) {
    const trouble = all.get(cloud)?.trouble;
    if (trouble !== undefined) process.stdout.write(`${cloud}: ${trouble}\n`);
  }
  const complete = passes.every((count) => count === names.length) && names.length > 0;
  return complete && clouds.every((cloud) => all.get(cloud)?.trouble === undefined);
}
