import { parseArgs } from 'node:util';
import { parseDuration } from '../config/duration.ts';
import { socketPath } from '../config/paths.ts';
import { parseExport, parseImport, type ExportCommand, type ImportCommand } from './masakari-command.ts';

export interface GateCommand {
  readonly verb: 'gate wait' | 'gate check';
  /** undefined: what the configuration says. */
  readonly host: string | undefined;
  readonly purpose: 'nova-compute' | 'guests';
  readonly timeoutMs: number | undefined;
  readonly file: string | undefined;
}

export type { ExportCommand, ImportCommand } from './masakari-command.ts';

/** What an operator wants done; who it is, is asked elsewhere. */
export interface OrderCommand {
  readonly verb: 'pause' | 'resume' | 'proceed' | 'retry' | 'cancel' | 'acknowledge';
  /** Of `proceed` any number of hosts, of `pause` and `resume` none, else one. */
  readonly targets: readonly string[];
  readonly reason: string | undefined;
  readonly socket: string;
}

/** What was typed, understood. */
export type Command =
  | GateCommand
  | ImportCommand
  | ExportCommand
  | { readonly verb: 'status'; readonly form: 'table' | 'json'; readonly socket: string }
  | { readonly verb: 'wake'; readonly socket: string }
  | { readonly verb: 'plan'; readonly host: string; readonly form: 'table' | 'json'; readonly socket: string }
  | OrderCommand
  | { readonly verb: 'simulate'; readonly file: string }
  | { readonly verb: 'config check' | 'config show'; readonly file: string | undefined }
  | { readonly verb: 'config example' | 'config reference' | 'version' | 'help' }
  | { readonly verb: 'misuse'; readonly reason: string };

/** `words` without the program's name. */
export function parseCommand(words: readonly string[]): Command {
  if (words[0] === 'gate') return parseGate(words.slice(1));
  if (words[0] === 'import') return parseImport(words.slice(1));
  if (words[0] === 'export') return parseExport(words.slice(1));
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        reason: { type: 'string' },
        socket: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true || words.length === 0) return { verb: 'help' };
    const socket = values.socket ?? socketPath();
    const command = isOrder(positionals[0])
      ? orderCommand(positionals[0], positionals.slice(1), values.reason, socket)
      : fromPositionals(positionals, socket, values.json === true ? 'json' : 'table');
    if (values.json === true && command.verb !== 'misuse' && !('form' in command)) {
      return misuse('--json goes with status and plan only');
    }
    if (values.socket !== undefined && command.verb !== 'misuse' && !('socket' in command)) {
      return misuse('--socket goes with what asks the engine only');
    }
    if (values.reason !== undefined && command.verb !== 'misuse' && !('reason' in command)) {
      return misuse('--reason goes with pause, proceed, retry, cancel and acknowledge only');
    }
    return command;
  } catch (error) {
    return misuse(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

/** Its options are its own: the other commands do not take them. */
function parseGate(words: readonly string[]): Command {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        host: { type: 'string' },
        for: { type: 'string' },
        timeout: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return { verb: 'help' };
    const [act, ...more] = positionals;
    if (act !== 'wait' && act !== 'check') return misuse('gate goes with wait or check');
    if (more.length > 0) return misuse(`what is ${more[0]}?`);
    const purpose = values.for ?? 'nova-compute';
    if (purpose !== 'nova-compute' && purpose !== 'guests') return misuse('--for goes with nova-compute or guests');
    if (values.host !== undefined && !HOST_NAME.test(values.host)) return misuse(`${values.host} is no name of a host`);
    const timeoutMs = values.timeout === undefined ? undefined : parseDuration(values.timeout);
    if (values.timeout !== undefined && timeoutMs === undefined) return misuse('--timeout goes with 90s, 5m or 0s');
    if (timeoutMs !== undefined && act === 'check') return misuse('--timeout goes with gate wait only');
    return { verb: `gate ${act}`, host: values.host, purpose, timeoutMs, file: values.config };
  } catch (error) {
    return misuse(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

function fromPositionals(positionals: readonly string[], socket: string, form: 'table' | 'json'): Command {
  const [first, second, third] = positionals;
  const takes = takenBy(first, second);
  if (positionals.length > takes) return misuse(`what is ${positionals[takes]}?`);
  switch (first) {
    case 'status':
      return { verb: 'status', form, socket };
    case 'wake':
      return { verb: 'wake', socket };
    case 'plan':
      return second === undefined
        ? misuse('plan goes with the name of a host')
        : { verb: 'plan', host: second, form, socket };
    case 'version':
    case 'help':
      return { verb: first };
    case 'simulate':
      return second === undefined ? misuse('simulate goes with a file') : { verb: 'simulate', file: second };
    case 'config':
      return configCommand(second, third);
    default:
      return misuse(`there is no command ${first}`);
  }
}

function isOrder(word: string | undefined): word is OrderCommand['verb'] {
  return ['pause', 'resume', 'proceed', 'retry', 'cancel', 'acknowledge'].includes(word ?? '');
}

function orderCommand(
  verb: OrderCommand['verb'],
  targets: readonly string[],
  reason: string | undefined,
  socket: string,
): Command {
  const most = verb === 'proceed' ? Number.POSITIVE_INFINITY : verb === 'pause' || verb === 'resume' ? 0 : 1;
  if (targets.length > most) return misuse(`what is ${targets[most]}?`);
  if (most === 1 && targets.length === 0) return misuse(`${verb} goes with a host, a recovery or an instance`);
  if (verb === 'pause' && !reason) return misuse('pause goes with --reason, for whoever finds Lifeboat paused');
  return { verb, targets, reason, socket };
}

/** How many words belong to the command, itself included. */
function takenBy(first: string | undefined, second: string | undefined): number {
  if (first === 'simulate' || first === 'plan') return 2;
  if (first !== 'config') return 1;
  return second === 'check' || second === 'show' ? 3 : 2;
}

function configCommand(act: string | undefined, file: string | undefined): Command {
  switch (act) {
    case 'check':
    case 'show':
      return { verb: `config ${act}`, file };
    case 'example':
    case 'reference':
      return { verb: `config ${act}` };
    default:
      return misuse('config goes with check, show, example or reference');
  }
}

function misuse(reason: string): Command {
  return { verb: 'misuse', reason };
}
