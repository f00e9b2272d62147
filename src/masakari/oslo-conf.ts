import { LifeboatError } from '../errors.ts';

/** Section → option → its values, in the order in which they stand; a later one wins. Names are lower case. */
export type OsloConf = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/**
 * Reads a file of oslo.config: sections, `key = value` or `key: value`, comments, and lines that begin with a blank go on with
 * the value before. Throws CONFIG_INVALID with the file and the line; never with a value, for it may be a secret.
 */
export function parseOsloConf(text: string, name: string): OsloConf {
  const sections = new Map<string, Map<string, string[]>>();
  let section = 'DEFAULT';
  let last: string[] | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const place = `${name}:${index + 1}`;
    if (/^\s*$/.test(line)) {
      last = undefined;
      continue;
    }
    if (/^\s*[#;]/.test(line)) continue;
    const header = /^\[([^\]]+)\]\s*$/.exec(line);
    if (header !== null) {
      section = header[1] ?? 'DEFAULT';
      last = undefined;
      continue;
    }
    if (/^\s/.test(line)) {
      if (last === undefined)
        throw new LifeboatError('CONFIG_INVALID', `${place}: goes on with a value that is not there`);
      last[last.length - 1] = `${last.at(-1) ?? ''}\n${line.trim()}`;
      continue;
    }
    const option = /^([^=:\s]+)\s*[=:]\s*(.*)$/.exec(line);
    if (option === null) throw new LifeboatError('CONFIG_INVALID', `${place}: is neither a section nor an option`);
    const options = sections.get(section.toLowerCase()) ?? new Map<string, string[]>();
    sections.set(section.toLowerCase(), options);
    const key = (option[1] ?? '').toLowerCase();
    last = options.get(key) ?? [];
    last.push((option[2] ?? '').trim());
    options.set(key, last);
  }
  return sections;
}

/** The value that counts; undefined when the file does not say. */
export function optionOf(conf: OsloConf, section: string, option: string): string | undefined {
  return conf.get(section.toLowerCase())?.get(option.toLowerCase())?.at(-1);
}
