import { readFileSync } from 'node:fs';
import { isLifeboatError, LifeboatError, messageOf } from '../errors.ts';
import { runScenario } from '../simulation/run-scenario.ts';
import { scenarioFromText } from '../simulation/scenario/read.ts';
import { EXIT, type ExitCode, type Terminal } from './run.ts';

/** Plays a scenario and shows its log. Unwell: a safety rule did not hold, or the file is wrong. */
export async function simulate(file: string, terminal: Terminal): Promise<ExitCode> {
  try {
    const scenario = scenarioFromText(read(file), file);
    const { summary, violations } = await runScenario(scenario, (line) => {
      terminal.out(`${line}\n`);
    });
    terminal.out(`\n${summary.join('\n')}\n`);
    return violations.length === 0 ? EXIT.well : EXIT.unwell;
  } catch (error) {
    if (!isLifeboatError(error, 'CONFIG_INVALID')) throw error;
    terminal.error(`${error.message}\n`);
    return EXIT.unwell;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LifeboatError('CONFIG_INVALID', `${file}: cannot be read: ${messageOf(error)}`);
  }
}
