import { LifeboatError, messageOf } from '../../errors.ts';
import type { Logger } from '../../ports.ts';
import { runOrThrow } from './health-source.ts';
import type { Observation } from './observation.ts';
import type { CommandSteps, ListedProcess } from './process-list.ts';
import type { RunCommand } from './run-command.ts';
import type { ProcessSource } from './source.ts';

export interface TableSourceOptions {
  readonly run: RunCommand;
  readonly logger: Logger;
  readonly processes: readonly ListedProcess[];
  readonly everyMs: number;
  readonly settleMs: number;
}

const PS_DEADLINE_MS = 10_000;
const STEP_DEADLINE_MS = 120_000;

/**
 * The table of processes, as masakari-processmonitor looks at it: a process runs when `ps -ef` has its name in a line. Otherwise
 * than there, one that has ended and was not yet reaped does not count, and its own lines of `ps` do not either.
 */
export class TableSource implements ProcessSource {
  readonly names: readonly string[];
  readonly everyMs: number;
  readonly settleMs: number;
  readonly #options: TableSourceOptions;
  #phase: 'first look' | 'watching' = 'first look';

  constructor(options: TableSourceOptions) {
    this.#options = options;
    this.names = options.processes.map(({ name }) => name);
    this.everyMs = options.everyMs;
    this.settleMs = options.settleMs;
  }

  readonly look = async (): Promise<ReadonlyMap<string, Observation>> => {
    const seen = await this.#observe();
    if (this.#phase === 'watching') return seen;
    if ([...seen.values()].some(({ kind }) => kind === 'unknown')) return seen;
    this.#phase = 'watching';
    const missing = this.#options.processes.filter(({ name }) => seen.get(name)?.kind === 'failed');
    for (const process of missing) await this.#start(process);
    return missing.length > 0 ? this.#observe() : seen;
  };

  readonly canRestart = (name: string): boolean => (this.#named(name)?.restart.length ?? 0) > 0;

  readonly restart = async (name: string): Promise<void> => this.#runAll(this.#named(name)?.restart ?? []);

  readonly onWake = (): void => {};

  readonly stop = (): void => {};

  #named(name: string): ListedProcess | undefined {
    return this.#options.processes.find((each) => each.name === name);
  }

  async #observe(): Promise<ReadonlyMap<string, Observation>> {
    const { processes, run } = this.#options;
    try {
      const { exitCode, said, stdout } = await run(['ps', '-ef'], PS_DEADLINE_MS);
      if (exitCode !== 0) throw new LifeboatError('COMMAND_FAILED', `"ps -ef" gave no answer: ${said}`);
      const lines = stdout.split('\n').filter((line) => !line.endsWith('<defunct>') && !/\sps -ef$/.test(line));
      return new Map(processes.map(({ name, pattern }) => [name, observationOf(pattern, lines)]));
    } catch (error) {
      const said: Observation = { kind: 'unknown', sentence: messageOf(error) };
      return new Map(processes.map(({ name }) => [name, said]));
    }
  }

  /** As the original does when it starts; a process that runs is left alone. */
  async #start({ name, start }: ListedProcess): Promise<void> {
    if (start.length === 0) return;
    const { logger } = this.#options;
    logger.info({ process: name }, `${name} does not run: it is being started, as process_list.yaml says`);
    await this.#runAll(start).catch((error: unknown) => {
      logger.warn({ process: name, error: messageOf(error) }, `${name} was not started: ${messageOf(error)}`);
    });
  }

  async #runAll(steps: CommandSteps): Promise<void> {
    for (const argv of steps) await runOrThrow(this.#options.run, argv, STEP_DEADLINE_MS);
  }
}

function observationOf(pattern: string, lines: readonly string[]): Observation {
  if (lines.some((line) => line.includes(pattern))) return { kind: 'runs' };
  return { kind: 'failed', sentence: `no process has "${pattern}" in its line of ps -ef` };
}
