import { parse } from 'yaml';
import { LifeboatError, messageOf } from '../../errors.ts';

/** An entry of masakari-processmonitor's process_list.yaml. Commands are split at blanks, as the original does: no quotes. */
export interface ListedProcess {
  /** As it is reported: the last part of a path. */
  readonly name: string;
  /** What a line of `ps -ef` has in it while the process runs. */
  readonly pattern: string;
  readonly start: CommandSteps;
  readonly restart: CommandSteps;
}

/** What is run one after another; each must exit with 0. */
export type CommandSteps = readonly (readonly string[])[];

const FIELDS = new Set([
  'id',
  'process_name',
  'start_command',
  'pre_start_command',
  'post_start_command',
  'restart_command',
  'pre_restart_command',
  'post_restart_command',
  'run_as_root',
]);

/**
 * What process_list.yaml says. `user`: a command that is to run as root is run with sudo by any other user.
 * Throws PROCESS_LIST_INVALID that names the file and the entry.
 */
export function readProcessList(text: string, file: string, user: 'root' | 'other'): readonly ListedProcess[] {
  let list: unknown;
  try {
    list = parse(text, { maxAliasCount: 20 });
  } catch (cause) {
    throw new LifeboatError('PROCESS_LIST_INVALID', `${file} is not YAML: ${messageOf(cause)}`, { cause });
  }
  // The original's sample is all comments but for its entries: an empty one is an empty list.
  if (list === null) return [];
  if (!Array.isArray(list)) throw invalid(file, 'it is not a list of processes');
  const found = list.map((entry: unknown, index) => listedProcess(entry, `${file}, entry ${index + 1}`, user));
  const twice = found.find(({ name }, index) => found.findIndex((each) => each.name === name) < index);
  if (twice !== undefined) throw invalid(file, `${twice.name} is there twice`);
  return found;
}

function listedProcess(entry: unknown, where: string, user: 'root' | 'other'): ListedProcess {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw invalid(where, 'it is not a map');
  const fields = entry as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find((key) => !FIELDS.has(key));
  if (unknown !== undefined) throw invalid(where, `${unknown} is no field of it; there are ${[...FIELDS].join(', ')}`);
  const pattern = textIn(fields, 'process_name', where);
  const name = pattern.split('/').at(-1)?.trim() ?? '';
  if (pattern.trim() === '' || name === '') throw invalid(where, 'process_name is missing or empty');
  const asRoot = fields['run_as_root'] ?? false;
  if (typeof asRoot !== 'boolean') throw invalid(where, 'run_as_root must be true or false');
  const prefix = asRoot && user === 'other' ? ['sudo', '-n', '--'] : [];
  const steps = (what: 'start' | 'restart'): CommandSteps =>
    [`pre_${what}_command`, `${what}_command`, `post_${what}_command`]
      .map((field) => textIn(fields, field, where).split(/\s+/).filter(Boolean))
      .filter((argv) => argv.length > 0)
      .map((argv) => [...prefix, ...argv]);
  return { name, pattern, start: steps('start'), restart: steps('restart') };
}

/** Missing and empty are the same to the original. */
function textIn(fields: Readonly<Record<string, unknown>>, field: string, where: string): string {
  const value = fields[field] ?? '';
  if (typeof value !== 'string') throw invalid(where, `${field} must be text`);
  return value;
}

function invalid(where: string, what: string): LifeboatError {
  return new LifeboatError('PROCESS_LIST_INVALID', `${where}: ${what}`);
}
