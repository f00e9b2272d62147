import { LifeboatError, messageOf } from '../../errors.ts';
import type { Observation } from './observation.ts';
import type { RunCommand } from './run-command.ts';
import type { ProcessSource } from './source.ts';

/** A process that only a command can say something about, in a container mostly. */
export interface HealthCommand {
  /** As it is reported. */
  readonly name: string;
  /** The program and its arguments, without a shell. It exits with 0 when the process is well. */
  readonly command: readonly string[];
  readonly everyMs: number;
  /** A command that takes longer says that the process is not well. */
  readonly deadlineMs: number;
  /** So often in turn it must say so. */
  readonly threshold: number;
  /** What restarts it, if anything does. */
  readonly restartCommand?: readonly string[] | undefined;
}

const RESTART_DEADLINE_MS = 120_000;

/**
 * One health command. One that cannot be started says nothing about the process: a mistake in the configuration, or a host without
 * memory, is told as blindness and not as a failure.
 */
export class HealthSource implements ProcessSource {
  readonly names: readonly string[];
  readonly everyMs: number;
  /** The threshold is what settles it. */
  readonly settleMs = 0;
  readonly #command: HealthCommand;
  readonly #run: RunCommand;
  #bad = 0;

  constructor(command: HealthCommand, run: RunCommand) {
    this.#command = command;
    this.#run = run;
    this.names = [command.name];
    this.everyMs = command.everyMs;
  }

  readonly look = async (): Promise<ReadonlyMap<string, Observation>> => {
    return new Map([[this.#command.name, await this.#observe()]]);
  };

  readonly canRestart = (): boolean => this.#command.restartCommand !== undefined;

  readonly restart = async (): Promise<void> => {
    const { restartCommand = [] } = this.#command;
    await runOrThrow(this.#run, restartCommand, RESTART_DEADLINE_MS);
  };

  readonly onWake = (): void => {};

  readonly stop = (): void => {};

  async #observe(): Promise<Observation> {
    const { command, deadlineMs, threshold } = this.#command;
    let words: string;
    try {
      const { exitCode, said } = await this.#run(command, deadlineMs);
      if (exitCode === 0) {
        this.#bad = 0;
        return { kind: 'runs' };
      }
      const how = exitCode === undefined ? `did not end within ${deadlineMs} ms` : `ended with ${exitCode}`;
      words = `its health command ${how}${said === '' ? '' : `: ${said}`}`;
    } catch (error) {
      return { kind: 'unknown', sentence: messageOf(error) };
    }
    this.#bad = Math.min(threshold, this.#bad + 1);
    if (this.#bad >= threshold) return { kind: 'failed', sentence: words };
    return { kind: 'between', sentence: `${words} (${this.#bad} of ${threshold} times)` };
  }
}

/** Throws COMMAND_FAILED, COMMAND_NOT_STARTED. */
export async function runOrThrow(run: RunCommand, argv: readonly string[], deadlineMs: number): Promise<void> {
  const { exitCode, said } = await run(argv, deadlineMs);
  if (exitCode === 0) return;
  const how = exitCode === undefined ? `did not end within ${deadlineMs} ms` : `ended with ${exitCode}`;
  throw new LifeboatError('COMMAND_FAILED', `"${argv.join(' ')}" ${how}${said === '' ? '' : `: ${said}`}`);
}
