import { parseArgs } from 'node:util';
import { monitorSocketPath } from '../../config/paths.ts';

/** What was typed, understood. */
export type MonitorCommand =
  | { readonly verb: 'run'; readonly file: string | undefined }
  | { readonly verb: 'status'; readonly form: 'table' | 'json'; readonly socket: string }
  | { readonly verb: 'retry' | 'forget'; readonly socket: string }
  | { readonly verb: 'make-key'; readonly host: string | undefined; readonly file: string | undefined }
  | { readonly verb: 'config check' | 'config show'; readonly file: string | undefined }
  | { readonly verb: 'config example' | 'config reference' | 'version' | 'help' }
  | { readonly verb: 'misuse'; readonly reason: string };

const OPTIONS = {
  config: { type: 'string' },
  host: { type: 'string' },
  json: { type: 'boolean' },
  socket: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Option = Exclude<keyof typeof OPTIONS, 'help'>;

/** Which options each command takes, and how many words after it. */
const COMMANDS: Readonly<Record<string, { readonly options: readonly Option[]; readonly words: number }>> = {
  run: { options: ['config'], words: 0 },
  status: { options: ['json', 'socket'], words: 0 },
  retry: { options: ['socket'], words: 0 },
  forget: { options: ['socket'], words: 0 },
  'make-key': { options: ['config', 'host'], words: 0 },
  'config check': { options: [], words: 1 },
  'config show': { options: [], words: 1 },
  'config example': { options: [], words: 0 },
  'config reference': { options: [], words: 0 },
  version: { options: [], words: 0 },
  help: { options: [], words: 0 },
};

const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** `words` without the program's name. */
export function parseMonitorCommand(words: readonly string[]): MonitorCommand {
  if (words[0] === '--version') return { verb: 'version' };
  try {
    const { positionals, values } = parseArgs({ args: [...words], allowPositionals: true, options: OPTIONS });
    if (values.help === true || words.length === 0) return { verb: 'help' };
    const [first = '', second = ''] = positionals;
    const verb = first === 'config' ? `config ${second}` : first;
    const more = positionals.slice(first === 'config' ? 2 : 1);
    const known = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
    if (known === undefined) {
      return misuse(
        first === 'config' ? 'config goes with check, show, example or reference' : `there is no command ${first}`,
      );
    }
    if (more.length > known.words) return misuse(`what is ${more[known.words]}?`);
    const wrong = (Object.keys(values) as Option[]).find((option) => !known.options.includes(option));
    if (wrong !== undefined) return misuse(`--${wrong} does not go with ${verb}`);
    if (values.host !== undefined && !HOST_NAME.test(values.host)) return misuse(`${values.host} is no name of a host`);
    return commandOf(verb, more[0], values);
  } catch (error) {
    return misuse(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

interface Values {
  readonly config?: string | undefined;
  readonly host?: string | undefined;
  readonly json?: boolean | undefined;
  readonly socket?: string | undefined;
}

function commandOf(verb: string, word: string | undefined, values: Values): MonitorCommand {
  const socket = values.socket ?? monitorSocketPath();
  switch (verb) {
    case 'run':
      return { verb, file: values.config };
    case 'status':
      return { verb, form: values.json === true ? 'json' : 'table', socket };
    case 'retry':
    case 'forget':
      return { verb, socket };
    case 'make-key':
      return { verb, host: values.host, file: values.config };
    case 'config check':
    case 'config show':
      return { verb, file: word };
    case 'config example':
    case 'config reference':
    case 'version':
    case 'help':
      return { verb };
    default:
      return misuse(`there is no command ${verb}`);
  }
}

function misuse(reason: string): MonitorCommand {
  return { verb: 'misuse', reason };
}
