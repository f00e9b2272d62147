import type { Usage, UsageEntry } from './usage.ts';

/** What may stand where a value is asked for. */
export type Value =
  | { readonly kind: 'file' | 'directory' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** Only the operator knows. */
  | { readonly kind: 'free'; readonly name: string };

export interface CommandOption {
  /** With its dashes. */
  readonly name: string;
  /** undefined: it stands alone. */
  readonly value: Value | undefined;
  readonly isRequired: boolean;
}

/** One command, taken apart. */
export interface CommandLine {
  /** What names it: `status`, or `gate`, `wait`. */
  readonly words: readonly string[];
  readonly operands: readonly Value[];
  readonly options: readonly CommandOption[];
  readonly text: string;
}

/** Says whether the program's own parser takes these words. */
export type Accepts = (words: readonly string[]) => boolean;

/** Every command with its options, also the shared ones that the program's parser takes for it. */
export function commandLines(usage: Usage, accepts: Accepts): readonly CommandLine[] {
  const shared = usage.shared.filter(({ synopsis }) => synopsis.startsWith('--'));
  return usage.commands.flatMap(takeApart).map((command) => ({
    ...command,
    options: [...command.options, ...shared.flatMap((entry) => sharedOption(entry, command, accepts))],
  }));
}

/** Words that are a right call of the command, for the program's parser. */
export function exampleOf({ words, operands, options }: CommandLine): readonly string[] {
  const required = options.filter(({ isRequired }) => isRequired);
  return [...words, ...operands.map(sampleOf), ...required.flatMap(wordsOf)];
}

function sharedOption(entry: UsageEntry, command: CommandLine, accepts: Accepts): readonly CommandOption[] {
  const [option] = takeApart(entry)[0]?.options ?? [];
  if (option === undefined || command.options.some(({ name }) => name === option.name)) return [];
  const isTaken = accepts([...exampleOf(command), ...wordsOf(option)]);
  return isTaken ? [{ ...option, isRequired: false }] : [];
}

function wordsOf({ name, value }: CommandOption): readonly string[] {
  return value === undefined ? [name] : [name, sampleOf(value)];
}

function sampleOf(value: Value): string {
  return value.kind === 'choice' ? (value.choices[0] ?? '') : 'example';
}

/** `setup pcs|crm [--apply]` is two commands. */
function takeApart({ synopsis, text }: UsageEntry): readonly CommandLine[] {
  const tokens = synopsis.split(' ');
  const named = tokens.findIndex((token) => !/^[a-z][a-z|-]*$/.test(token));
  const words = named === -1 ? tokens : tokens.slice(0, named);
  const { operands, options } = readRest(named === -1 ? [] : tokens.slice(named));
  return alternatives(words).map((path) => ({ words: path, operands, options, text }));
}

function alternatives(words: readonly string[]): readonly (readonly string[])[] {
  return words.reduce<readonly (readonly string[])[]>(
    (paths, word) => paths.flatMap((path) => word.split('|').map((one) => [...path, one])),
    [[]],
  );
}

function readRest(tokens: readonly string[]): Pick<CommandLine, 'operands' | 'options'> {
  const operands: Value[] = [];
  const options: CommandOption[] = [];
  const rest = [...tokens];
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    const bare = token.replaceAll(/[[\]]|\.\.\.$|\.\.\.(?=\])/g, '');
    if (!bare.startsWith('--')) {
      operands.push(valueOf(bare));
      continue;
    }
    // "[--json]" is closed at once; "[--host HOST]" and "--to DIR" go on with their value.
    const next = rest[0];
    const hasValue = !token.endsWith(']') && next !== undefined && !/^\[*--|^\[/.test(next);
    const value = hasValue ? valueOf((rest.shift() ?? '').replaceAll(/[[\]]/g, '')) : undefined;
    options.push({ name: bare, value, isRequired: !token.startsWith('[') });
  }
  return { operands, options };
}

function valueOf(word: string): Value {
  if (word === 'FILE' || word === 'PATH') return { kind: 'file' };
  if (word === 'DIR') return { kind: 'directory' };
  if (/^[\w.-]+(\|[\w.-]+)+$/.test(word) || /^[a-z-]+$/.test(word)) return { kind: 'choice', choices: word.split('|') };
  return { kind: 'free', name: word.toLowerCase() };
}
