import { askControl } from '../control/client.ts';
import { VERSION } from '../version.ts';
import { isLifeboatError, messageOf } from '../errors.ts';
import { describePlan, isTroubled } from './plan.ts';
import type { Order } from '../control/protocol.ts';
import { parseCommand, type Command, type OrderCommand } from './command.ts';
import { describeStatus } from './status.ts';
import { USAGE } from './usage.ts';

/** The world of one run. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly nowMs: number;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

export const EXIT = { well: 0, unwell: 1, misuse: 2, unreachable: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const PATIENCE_MS = 10_000;
/** Nova and Placement are asked for it. */
const PLAN_PATIENCE_MS = 60_000;

/** Does what was typed and resolves to the exit code. */
export async function run(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    return await perform(parseCommand(words), terminal);
  } catch (error) {
    const hint = isLifeboatError(error) ? `\n${error.hint}` : '';
    terminal.error(`lifeboat: ${messageOf(error)}${hint}\n`);
    return isLifeboatError(error, 'DAEMON_UNREACHABLE') ? EXIT.unreachable : EXIT.unwell;
  }
}

async function perform(command: Command, terminal: Terminal): Promise<ExitCode> {
  switch (command.verb) {
    case 'status': {
      const status = await askControl(command.socket, { op: 'status' }, { timeoutMs: PATIENCE_MS });
      const json = `${JSON.stringify(status, undefined, 2)}\n`;
      terminal.out(command.form === 'json' ? json : describeStatus(status, terminal.nowMs));
      return status.held > 0 || status.failed > 0 || status.paused !== undefined ? EXIT.unwell : EXIT.well;
    }
    case 'pause':
    case 'resume':
    case 'proceed':
    case 'retry':
    case 'cancel':
    case 'acknowledge':
      return await give(command, terminal);
    case 'wake':
      await askControl(command.socket, { op: 'wake', alert: {} }, { timeoutMs: PATIENCE_MS });
      return EXIT.well;
    case 'plan':
      return await plan(command, terminal);
    case 'gate wait':
    case 'gate check':
      // Loaded here, for the same reason as the configuration.
      return await (await import('./gate.ts')).gate(command, terminal);
    case 'import masakari':
      return await (await import('./masakari.ts')).moveIn(command, terminal, userOf(terminal));
    case 'export masakari':
      return await (await import('./masakari.ts')).moveOut(command, terminal);
    case 'simulate':
      return await (await import('./simulate.ts')).simulate(command.file, terminal);
    case 'config check':
    case 'config show':
      return await showConfig(command.verb, command.file, terminal);
    case 'config example':
      terminal.out((await import('../config/example.ts')).configExample());
      return EXIT.well;
    case 'config reference':
      terminal.out((await import('../config/reference.ts')).configReference());
      return EXIT.well;
    case 'version':
      terminal.out(`lifeboat ${VERSION}\n`);
      return EXIT.well;
    case 'help':
      terminal.out(USAGE);
      return EXIT.well;
    case 'misuse':
      terminal.error(`lifeboat: ${command.reason}\n\n${USAGE}`);
      return EXIT.misuse;
  }
}

async function plan(command: Extract<Command, { verb: 'plan' }>, terminal: Terminal): Promise<ExitCode> {
  const { form, host, socket } = command;
  const answer = await askControl(socket, { op: 'plan', host }, { timeoutMs: PLAN_PATIENCE_MS });
  if (answer.outcome === 'refused') {
    terminal.error(`lifeboat: ${answer.reason}\n${answer.remedy}\n`);
    return EXIT.unwell;
  }
  terminal.out(form === 'json' ? `${JSON.stringify(answer, undefined, 2)}\n` : describePlan(answer));
  return isTroubled(answer) ? EXIT.unwell : EXIT.well;
}

/** Some orders are told to Nova before they are answered. */
const ORDER_PATIENCE_MS = 120_000;

async function give(command: OrderCommand, terminal: Terminal): Promise<ExitCode> {
  const { outcome, lines } = await askControl(command.socket, orderOf(command, userOf(terminal)), {
    timeoutMs: ORDER_PATIENCE_MS,
  });
  if (outcome === 'done') terminal.out(`${lines.join('\n')}\n`);
  else terminal.error(`lifeboat: refused: ${lines.join('\n')}\n`);
  return outcome === 'done' ? EXIT.well : EXIT.unwell;
}

function orderOf({ verb, targets, reason }: OrderCommand, by: string): Order {
  const why = reason === undefined ? {} : { reason };
  switch (verb) {
    case 'pause':
      return { op: verb, by, reason: reason ?? '' };
    case 'resume':
      return { op: verb, by };
    case 'proceed':
      return { op: verb, hosts: targets, by, ...why };
    case 'retry':
    case 'cancel':
    case 'acknowledge':
      return { op: verb, target: targets[0] ?? '', by, ...why };
  }
}

/** The human behind sudo. It is for those who read the log later, and no proof of anything. */
function userOf({ environment }: Terminal): string {
  return environment.SUDO_USER ?? environment.USER ?? environment.LOGNAME ?? 'somebody';
}

async function showConfig(
  verb: 'config check' | 'config show',
  file: string | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  // Loaded here: status and wake need neither the schema nor YAML.
  const { configPath, loadConfig } = await import('../config/load.ts');
  const path = file ?? configPath(terminal.environment);
  try {
    const config = loadConfig(path);
    const patternsAsText = (_key: string, value: unknown): unknown => (value instanceof RegExp ? value.source : value);
    const shown = `${JSON.stringify(config, patternsAsText, 2)}\n`;
    terminal.out(verb === 'config show' ? shown : `${path} is good\n`);
    return EXIT.well;
  } catch (error) {
    if (!isLifeboatError(error, 'CONFIG_INVALID')) throw error;
    // One mistake a line and nothing else, so that an editor can jump to them.
    terminal.error(`${error.message}\n`);
    return EXIT.unwell;
  }
}
