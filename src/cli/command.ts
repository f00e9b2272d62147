import { parseArgs } from 'node:util';
import { socketPath } from '../config/paths.ts';

/** What was typed, understood. */
export type Command =
  | { readonly verb: 'status'; readonly form: 'table' | 'json'; readonly socket: string }
  | { readonly verb: 'wake'; readonly socket: string }
  | { readonly verb: 'config check' | 'config show'; readonly file: string | undefined }
  | { readonly verb: 'config example' | 'config reference' | 'version' | 'help' }
  | { readonly verb: 'misuse'; readonly reason: string };

/** `words` without the program's name. */
export function parseCommand(words: readonly string[]): Command {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, socket: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true || words.length === 0) return { verb: 'help' };
    const command = fromPositionals(
      positionals,
      values.socket ?? socketPath(),
      values.json === true ? 'json' : 'table',
    );
    if (values.json === true && command.verb !== 'status') return misuse('--json goes with status only');
    if (values.socket !== undefined && !('socket' in command)) return misuse('--socket goes with status and wake only');
    return command;
  } catch (error) {
    return misuse(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

function fromPositionals(positionals: readonly string[], socket: string, form: 'table' | 'json'): Command {
  const [first, second, third] = positionals;
  const takes = first !== 'config' ? 1 : second === 'check' || second === 'show' ? 3 : 2;
  if (positionals.length > takes) return misuse(`what is ${positionals[takes]}?`);
  switch (first) {
    case 'status':
      return { verb: 'status', form, socket };
    case 'wake':
      return { verb: 'wake', socket };
    case 'version':
    case 'help':
      return { verb: first };
    case 'config':
      return configCommand(second, third);
    default:
      return misuse(`there is no command ${first}`);
  }
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
