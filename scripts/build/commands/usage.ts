/**
 * The usage text of a command is the one place that says what can be typed. Manual pages and shell completion are made
 * from it, so it is read strictly: a line of a form that is not known here is an error and not left out.
 */
export interface UsageEntry {
  /** As it is typed, without the program's name: `plan HOST [--json]`, `--socket PATH`, `FILE`. */
  readonly synopsis: string;
  /** Empty where the words speak for themselves. */
  readonly text: string;
}

export interface Usage {
  readonly program: string;
  readonly summary: string;
  readonly commands: readonly UsageEntry[];
  /** Options and words that several commands share. */
  readonly shared: readonly UsageEntry[];
  /** What stands below, without indentation: the exit codes. */
  readonly closing: string;
}

/** Throws Error with the line that it does not understand. */
export function readUsage(usage: string): Usage {
  const [first = '', ...rest] = usage.trimEnd().split('\n');
  const head = /^([\w-]+): (\S.*)$/.exec(first);
  if (head === null) throw new Error(`a usage begins with "program: what it is", and this with: ${first}`);
  const [, program = '', summary = ''] = head;
  const command = new RegExp(`^  ${program} (\\S.*?)(?: {2,}(\\S.*))?$`);
  const commands: UsageEntry[] = [];
  const shared: UsageEntry[] = [];
  const closing: string[] = [];
  let last: UsageEntry[] | undefined;
  for (const line of rest) {
    const [typed, option, more] = [command.exec(line), SHARED.exec(line), CONTINUED.exec(line)];
    if (line.trim() === '') last = undefined;
    else if (typed !== null) (last = commands).push({ synopsis: typed[1] ?? '', text: typed[2] ?? '' });
    else if (option !== null) (last = shared).push({ synopsis: option[1] ?? '', text: option[2] ?? '' });
    else if (more !== null && last !== undefined) last.push(continued(last.pop(), more[1] ?? ''));
    else if (/^\S/.test(line)) closing.push(line);
    else throw new Error(`the usage of ${program} has a line of no known form: ${line}`);
  }
  return { program, summary, commands, shared, closing: closing.join(' ') };
}

const SHARED = /^ {2}(--[\w-]+(?: [A-Z]+)?|[A-Z]+) {2,}(\S.*)$/;
const CONTINUED = /^ {8,}(\S.*)$/;

function continued(entry: UsageEntry | undefined, text: string): UsageEntry {
  return { synopsis: entry?.synopsis ?? '', text: [entry?.text, text].filter(Boolean).join(' ') };
}
