import { LifeboatError } from '../../errors.ts';

/** By section, by option; an option that is given more than once has all its values, the last one last. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/**
 * The syntax of oslo.config: `[section]`, `option = value` or `option : value`, values that go on in lines that begin with
 * a blank, comments that take a whole line. Quotes around a value are not part of it. Throws MASAKARI_CONF_INVALID with
 * file and line, and nothing of a value in it: it may be a password.
 */
export function parseIni(text: string, name: string): Ini {
  const sections = new Map<string, Map<string, string[]>>();
  let section = 'DEFAULT';
  let open: string[] | undefined;
  for (const [index, written] of text.split('\n').entries()) {
    const line = written.trimEnd();
    const refuse = (problem: string): never => {
      throw new LifeboatError('MASAKARI_CONF_INVALID', `${name}:${index + 1}: ${problem}`);
    };
    if (line === '' || /^[#;]/.test(line)) {
      open = undefined;
    } else if (/^[ \t]/.test(line)) {
      if (open === undefined)
        refuse('a line that begins with a blank goes on with the value before it, and there is none');
      else open.push(`${open.pop() ?? ''}\n${line.trimStart()}`);
    } else if (line.startsWith('[')) {
      const [, found] = /^\[([^\]]+)\]$/.exec(line) ?? [];
      section = found ?? refuse('a section is written [NAME]');
      open = undefined;
    } else {
      const [, key = '', value = ''] =
        /^([^:=]*)[:=](.*)$/.exec(line) ?? refuse('neither OPTION = VALUE nor [SECTION]');
      const option = key.trim().replaceAll('-', '_');
      if (option === '') refuse('there is no option before the sign');
      const options = sections.get(section) ?? new Map<string, string[]>();
      sections.set(section, options);
      open = options.get(option) ?? [];
      options.set(option, open);
      open.push(unquoted(value.trim()));
    }
  }
  return sections;
}

function unquoted(value: string): string {
  return /^(["']).*\1$/.test(value) && value.length > 1 ? value.slice(1, -1) : value;
}
