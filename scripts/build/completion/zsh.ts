import type { CommandLine, CommandOption, Value } from '../commands/command-line.ts';

/** Completion of `program` for zsh. */
export function zshCompletion(program: string, commands: readonly CommandLine[]): string {
  const first = [...new Set(commands.map(({ words }) => words[0] ?? ''))];
  const groups = first.filter((word) => commands.some(({ words }) => words[0] === word && words.length > 1));
  const single = commands.filter(({ words }) => words.length === 1);
  return `#compdef ${program}
# Made by the build from "${program} help".

if (( CURRENT == 2 )); then
  local -a commands=(
${first.map((word) => `    ${quoted(describe(word, single))}`).join('\n')}
  )
  _describe command commands
  return
fi

case $words[2] in
${[...groups.map((group) => groupCase(group, commands)), ...single.map((command) => singleCase(command))].join('\n')}
esac
`;
}

function describe(word: string, commands: readonly CommandLine[]): string {
  const text = commands.find(({ words }) => words.at(-1) === word)?.text ?? '';
  return text === '' ? word : `${word}:${firstClause(text)}`;
}

function groupCase(group: string, commands: readonly CommandLine[]): string {
  const members = commands.filter(({ words }) => words[0] === group && words.length > 1);
  return `  ${group})
    if (( CURRENT == 3 )); then
      local -a commands=(
${members.map(({ words }) => `        ${quoted(describe(words.at(-1) ?? '', members))}`).join('\n')}
      )
      _describe command commands
      return
    fi
    case $words[3] in
${members.map((command) => `      ${command.words[1]}) ${argumentsOf(command)} ;;`).join('\n')}
    esac
    ;;`;
}

function singleCase(command: CommandLine): string {
  return `  ${command.words[0]}) ${argumentsOf(command)} ;;`;
}

/** _arguments takes the first word for the command, so the words before the last one of its name go. */
function argumentsOf({ words, operands, options }: CommandLine): string {
  const specs = [...options.map(optionSpec), ...operands.map((value) => `*:${nameOf(value)}:${actionOf(value)}`)];
  if (specs.length === 0) return ':';
  return `shift ${words.length} words; (( CURRENT -= ${words.length} )); _arguments ${specs.map(quoted).join(' ')}`;
}

function optionSpec({ name, value }: CommandOption): string {
  return value === undefined ? name : `${name}:${nameOf(value)}:${actionOf(value)}`;
}

function nameOf(value: Value): string {
  switch (value.kind) {
    case 'free':
      return value.name;
    case 'choice':
      return 'one of';
    case 'file':
    case 'directory':
      return value.kind;
  }
}

function actionOf(value: Value): string {
  switch (value.kind) {
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'choice':
      return `(${value.choices.join(' ')})`;
    case 'free':
      return ' ';
  }
}

/** What follows a colon is shown beside the word, in one line. */
function firstClause(text: string): string {
  return (text.split(/[;:]/)[0] ?? '').trim();
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
