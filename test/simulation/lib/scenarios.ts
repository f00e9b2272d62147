import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from '../../../src/errors.ts';
import { runScenario } from '../../../src/simulation/run-scenario.ts';
import { scenarioFromText } from '../../../src/simulation/scenario/read.ts';

const HERE = resolve(import.meta.dirname, '..');

export interface ScenarioReport {
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
}

/** `words`: only those whose path holds them. A scenario passes when its log is byte for byte what is expected. */
export async function checkScenarios(
  words: string | undefined,
  mode: 'compare' | 'record',
  out: (line: string) => void,
): Promise<ScenarioReport> {
  const began = performance.now();
  let [passed, failed] = [0, 0];
  const folders = globSync('*/*/scenario.yaml', { cwd: HERE })
    .map((path) => dirname(path))
    .filter((folder) => words === undefined || folder.includes(words))
    .sort();
  for (const folder of folders) {
    const problem = await check(folder, mode);
    if (problem === undefined) passed += 1;
    else {
      failed += 1;
      out(`scenario ${folder}: ${problem}`);
    }
  }
  return { passed, failed, seconds: (performance.now() - began) / 1000 };
}

async function check(folder: string, mode: 'compare' | 'record'): Promise<string | undefined> {
  const path = join(HERE, folder);
  if (!existsSync(join(path, 'README.md'))) return 'has no README.md';
  try {
    const actual = await play(join(path, 'scenario.yaml'));
    const expectedPath = join(path, 'expected.log');
    if (mode === 'record') writeFileSync(expectedPath, actual);
    const expected = existsSync(expectedPath) ? readFileSync(expectedPath, 'utf8') : '';
    return actual === expected ? undefined : firstDifference(expected, actual);
  } catch (error) {
    return messageOf(error);
  }
}

/** The log of a scenario as it stands in expected.log. */
export async function play(path: string): Promise<string> {
  const scenario = scenarioFromText(readFileSync(path, 'utf8'), 'scenario.yaml');
  const lines: string[] = [];
  const { summary } = await runScenario(scenario, (line) => lines.push(line));
  return `${[...lines, '', ...summary].join('\n')}\n`;
}

function firstDifference(expected: string, actual: string): string {
  const [wanted, got] = [expected.split('\n'), actual.split('\n')];
  const at = got.findIndex((line, index) => line !== wanted[index]);
  const line = at === -1 ? got.length : at;
  return `line ${line + 1} of its log is\n    ${got[line] ?? 'missing'}\n  and should be\n    ${wanted[line] ?? 'missing'}`;
}
