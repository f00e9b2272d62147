import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isLifeboatError, LifeboatError } from '../../errors.ts';
import { parseIni, type Ini } from './ini.ts';

/** `group.option`, as oslo.config names it. */
export interface GivenOption {
  readonly name: string;
  readonly value: string;
}

/** The configuration of Masakari as its files give it; what they leave out is not there. */
export class Conf {
  /** In the order in which they were read. */
  readonly files: readonly string[];
  readonly #values: ReadonlyMap<string, string>;

  constructor(files: readonly { readonly path: string; readonly ini: Ini }[]) {
    this.files = files.map(({ path }) => path);
    const values = new Map<string, string>();
    for (const { ini } of files)
      for (const [group, options] of ini)
        for (const [option, given] of options) values.set(`${group}.${option}`, given.at(-1) ?? '');
    this.#values = values;
  }

  /** Every option that a file gives, references to others not replaced yet. */
  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** Undefined: no file gives it. Throws MASAKARI_CONF_INVALID when it refers to what no file gives. */
  get(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === undefined ? undefined : this.#replaced(value, name, []);
  }

  /** `$$` is a dollar; `$option`, `${option}` and `${group.option}` are the values of others. */
  #replaced(value: string, name: string, above: readonly string[]): string {
    if (above.includes(name)) throw new LifeboatError('MASAKARI_CONF_INVALID', `${name} refers to itself`);
    const group = name.slice(0, name.indexOf('.'));
    return value.replaceAll(/\\\$|\$\$|\$(?:\{([^}]*)\}|([A-Za-z_]\w*))/g, (found, braced?: string, plain?: string) => {
      const wanted = braced ?? plain;
      if (wanted === undefined) return '$';
      const candidates = wanted.includes('.') ? [wanted] : [`${group}.${wanted}`, `DEFAULT.${wanted}`];
      const other = candidates.find((candidate) => this.#values.has(candidate));
      if (other === undefined) {
        throw new LifeboatError(
          'MASAKARI_CONF_INVALID',
          `${name} refers to ${found}, which no file gives; a dollar that means itself is written $$`,
        );
      }
      return this.#replaced(this.#values.get(other) ?? '', other, [...above, name]);
    });
  }
}

/**
 * Reads the files as Masakari does: in their order, then the `*.conf` of the folders by name; a later value wins. Beside
 * each file the folder `FILE.d` is read too, if it is there. Throws MASAKARI_CONF_INVALID.
 */
export function readConf(files: readonly string[], folders: readonly string[]): Conf {
  const beside = files.map((file) => `${file}.d`).filter(isFolder);
  const paths = [...files, ...[...beside, ...folders].flatMap(filesOf)];
  return new Conf(paths.map((path) => ({ path, ini: parseIni(read(path), path) })));
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.conf'))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function read(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): LifeboatError {
  if (isLifeboatError(error)) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'this user has no right to read it',
    EISDIR: 'it is a folder; name it with --config-dir',
    ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
  };
  const reason = reasons[code ?? ''] ?? code ?? 'unknown';
  return new LifeboatError('MASAKARI_CONF_INVALID', `${path} cannot be read: ${reason}`);
}
