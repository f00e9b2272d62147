import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export interface TierResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly note?: string;
  /** Each failed test by name, with the first line of why: repeated at the end, where the rest of the output is long. */
  readonly failures?: readonly string[];
}

type Counts = Omit<TierResult, 'name' | 'seconds'>;

export const TIERS = {
  static: checkStatics,
  unit: () => vitest('unit'),
  programs: () => vitest('programs'),
  safety: cutRules,
  store: runStore,
  simulation: simulate,
  processes: runProcesses,
  guests: runGuests,
  cluster: runCluster,
  cloud: runCloud,
  crash: runCrash,
  clients: runClients,
  packages: runPackages,
} as const satisfies Record<string, () => Promise<Counts>>;

export type TierName = keyof typeof TIERS;

export async function runTier(name: TierName): Promise<TierResult> {
  process.stdout.write(`\n=== ${name}\n`);
  const began = performance.now();
  const counts = await TIERS[name]();
  return { name, ...counts, seconds: (performance.now() - began) / 1000 };
}

async function checkStatics(): Promise<Counts> {
  const checks = [
    ['node_modules/typescript/bin/tsc', '--noEmit'],
    ['node_modules/eslint/bin/eslint.js', '.'],
    ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
    ['scripts/docs.ts', '--check'],
  ];
  let failed = 0;
  for (const [script = '', ...args] of checks) if ((await node(script, args)) !== 0) failed += 1;
  return { passed: checks.length - failed, failed };
}

async function cutRules(): Promise<Counts> {
  const lines: string[] = [];
  const code = await node('test/safety/run.ts', [], (line) => lines.push(line));
  const counts = /^safety: (\d+) passed, (\d+) failed$/m.exec(lines.join('\n'));
  if (counts === null) return { passed: 0, failed: 1, note: `ended with ${code} and no result` };
  return { passed: Number(counts[1]), failed: Number(counts[2]) };
}

/** Runs as any user where MariaDB is installed. */
async function runStore(): Promise<Counts> {
  if ((await node('test/store/install.ts', [])) !== 0) {
    return { passed: 0, failed: 1, note: 'the packages could not be installed' };
  }
  return vitest('store');
}

async function simulate(): Promise<Counts> {
  const lines: string[] = [];
  const code = await node('test/simulation/run.ts', [], (line) => lines.push(line));
  const counts = /^simulation: (\d+) passed, (\d+) failed$/m.exec(lines.join('\n'));
  if (counts === null) return { passed: 0, failed: 1, note: `ended with ${code} and no result` };
  return { passed: Number(counts[1]), failed: Number(counts[2]) };
}

async function runProcesses(): Promise<Counts> {
  if (process.getuid?.() !== 0) {
    return { passed: 0, failed: 0, note: 'not run: it needs root (see test/processes/README.md)' };
  }
  if ((await node('test/processes/install.ts', [])) !== 0) {
    return { passed: 0, failed: 1, note: 'the packages could not be installed, or the machine cannot carry it' };
  }
  return vitest('processes');
}

async function runCluster(): Promise<Counts> {
  if (process.getuid?.() !== 0) {
    return { passed: 0, failed: 0, note: 'not run: it needs root (see test/cluster/README.md)' };
  }
  if ((await node('scripts/build.ts', [])) !== 0) return { passed: 0, failed: 1, note: 'the build failed' };
  if ((await node('test/cluster/lab/install.ts', [])) !== 0) {
    return { passed: 0, failed: 1, note: 'the packages could not be installed' };
  }
  return vitest('cluster');
}

async function runGuests(): Promise<Counts> {
  if (process.getuid?.() !== 0) {
    return { passed: 0, failed: 0, note: 'not run: it needs root (see test/guests/README.md)' };
  }
  if ((await node('test/guests/install.ts', [])) !== 0) {
    return { passed: 0, failed: 1, note: 'the packages could not be installed' };
  }
  return vitest('guests');
}

/** The lab of the cloud installs its own packages. */
async function runCloud(): Promise<Counts> {
  if (process.getuid?.() !== 0) {
    return { passed: 0, failed: 0, note: 'not run: it needs root (see test/cloud/README.md)' };
  }
  if ((await node('scripts/build.ts', [])) !== 0) return { passed: 0, failed: 1, note: 'the build failed' };
  if ((await node('test/cluster/lab/install.ts', [])) !== 0) {
    return { passed: 0, failed: 1, note: 'the packages could not be installed' };
  }
  return vitest('cloud');
}

/** Runs as any user where the clients are installed. */
async function runClients(): Promise<Counts> {
  if ((await node('test/clients/install.ts', [])) !== 0) {
    return { passed: 0, failed: 1, note: 'the packages could not be installed' };
  }
  return vitest('clients');
}

/** The root that the packages are installed into is made at the first run, and kept. */
async function runPackages(): Promise<Counts> {
  if (process.getuid?.() !== 0) {
    return { passed: 0, failed: 0, note: 'not run: it needs root (see docs/install.md)' };
  }
  if ((await node('test/packages/install.ts', [])) !== 0) {
    return { passed: 0, failed: 1, note: 'the packages could not be installed' };
  }
  return vitest('packages');
}

/** A short campaign; the long one is `npm run test:crash`. */
async function runCrash(): Promise<Counts> {
  if (process.getuid?.() !== 0) {
    return { passed: 0, failed: 0, note: 'not run: it needs root (see test/cluster/README.md)' };
  }
  for (const script of ['scripts/build.ts', 'test/cluster/lab/install.ts', 'test/store/install.ts']) {
    if ((await node(script, [])) !== 0) return { passed: 0, failed: 1, note: `${script} failed` };
  }
  const lines: string[] = [];
  const code = await node('test/crash/run.ts', ['--kills', '24'], (line) => lines.push(line));
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(lines.join('\n'));
  if (counts === null) return { passed: 0, failed: 1, note: `ended with ${code} and no result` };
  return { passed: Number(counts[1]), failed: Number(counts[2]) };
}

async function vitest(project: string): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-test-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const code = await node('node_modules/vitest/vitest.mjs', ['run', '--project', project, ...reporters]);
    const ran = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
    const skipped = ran.numPendingTests + ran.numTodoTests;
    // A file that cannot be loaded, or an error between tests, has no test of its own to fail.
    const failed = Math.max(ran.numFailedTests, code === 0 && ran.numPassedTests > 0 ? 0 : 1) + skipped;
    return {
      passed: ran.numPassedTests,
      failed,
      ...(skipped > 0 ? { note: `${skipped} were skipped, which counts as failed` } : {}),
      failures: ran.testResults.flatMap(failuresOf),
    };
  } catch (error) {
    return { passed: 0, failed: 1, note: `vitest gave no report: ${String(error)}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly VitestFile[];
}

interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages?: readonly string[] | null;
  }[];
}

function failuresOf({ name, status, message, assertionResults }: VitestFile): readonly string[] {
  const file = relative(ROOT, name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0 && status === 'failed') return [`${file}: ${firstLine(message)}`];
  return failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}: ${firstLine(failureMessages?.[0])}`);
}

function firstLine(text: string | undefined): string {
  return (text ?? 'no reason given').split('\n', 1)[0]?.slice(0, 300) ?? '';
}

/** Runs a script of this repository with this Node; its output is shown, and given line by line when asked for. */
function node(script: string, args: readonly string[], onLine?: (line: string) => void): Promise<number> {
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, [join(ROOT, script), ...args], {
      cwd: ROOT,
      stdio: ['ignore', onLine === undefined ? 'inherit' : 'pipe', 'inherit'],
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      chunk
        .toString()
        .split('\n')
        .forEach((line) => onLine?.(line));
    });
    child.once('error', reject);
    child.once('close', (code) => fulfil(code ?? 1));
  });
}
