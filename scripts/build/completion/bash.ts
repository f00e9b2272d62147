import type { CommandLine, Value } from '../commands/command-line.ts';

/** Completion of `program` for bash, with nothing needed of the package bash-completion but that it loads the file. */
export function bashCompletion(program: string, commands: readonly CommandLine[]): string {
  const shell = `_${program.replaceAll('-', '_')}`;
  const groups = [...new Set(commands.filter(({ words }) => words.length > 1).map(({ words }) => words[0] ?? ''))];
  const first = [...new Set(commands.map(({ words }) => words[0] ?? ''))];
  return `# Completion of ${program} for bash. Made by the build from "${program} help".
${shell}() {
    local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
    local command=\${COMP_WORDS[1]-} words='' values=''
    case $command in
        ${groups.join(' | ')}) [ "$COMP_CWORD" -lt 3 ] || command="$command \${COMP_WORDS[2]}" ;;
    esac
    [ "$COMP_CWORD" -gt 1 ] || command=''
    case $command in
        '') words='${first.join(' ')}' ;;
${[...groups.map((group) => groupCase(group, commands)), ...commands.map(commandCase)].join('\n')}
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
    case $values in
        file) mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur") ;;
        directory) mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur") ;;
    esac
    [ -z "$values" ] || compopt -o filenames 2>/dev/null
}
complete -F ${shell} ${program}
`;
}

function groupCase(group: string, commands: readonly CommandLine[]): string {
  const second = commands.filter(({ words }) => words[0] === group && words.length > 1).map(({ words }) => words[1]);
  return `        '${group}') words='${second.join(' ')}' ;;`;
}

function commandCase({ words, operands, options }: CommandLine): string {
  const offered = [...options.map(({ name }) => name), ...operands.flatMap(choicesOf)].join(' ');
  const otherwise = `words='${offered}'${operands.map(filesOf).join('')} ;;`;
  const valued = options.filter(({ value }) => value !== undefined);
  if (valued.length === 0) return `        '${words.join(' ')}') ${otherwise}`;
  const cases = [
    ...valued.map(({ name, value }) => `                ${name}) ${offer(value)}`),
    `                *) ${otherwise}`,
  ];
  return `        '${words.join(' ')}')
            case $prev in
${cases.join('\n')}
            esac
            ;;`;
}

function offer(value: Value | undefined): string {
  switch (value?.kind) {
    case 'choice':
      return `words='${value.choices.join(' ')}' ;;`;
    case 'file':
    case 'directory':
      return `values=${value.kind} ;;`;
    case 'free':
    case undefined:
      return ';;';
  }
}

function choicesOf(value: Value): readonly string[] {
  return value.kind === 'choice' ? value.choices : [];
}

function filesOf({ kind }: Value): string {
  return kind === 'file' || kind === 'directory' ? ` values=${kind}` : '';
}
