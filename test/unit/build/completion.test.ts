import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandLines } from '../../../scripts/build/commands/command-line.ts';
import { readUsage } from '../../../scripts/build/commands/usage.ts';
import { bashCompletion } from '../../../scripts/build/completion/bash.ts';
import { zshCompletion } from '../../../scripts/build/completion/zsh.ts';
import { parseCommand } from '../../../src/cli/command.ts';
import { USAGE } from '../../../src/cli/usage.ts';

const commands = commandLines(readUsage(USAGE), (words) => parseCommand(words).verb !== 'misuse');
const bash = bashCompletion('lifeboat', commands);

/** What bash offers when Tab is typed after these words; an empty last one: after a blank. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `${bash}\nCOMP_WORDS=(lifeboat "$@"); COMP_CWORD=$#; _lifeboat; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8', cwd: '/' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

describe('completion in bash', () => {
  it('offers the commands first, each once', () => {
    const first = offered('');
    expect(first).toEqual(expect.arrayContaining(['status', 'gate', 'config', 'help']));
    expect(new Set(first).size).toBe(first.length);
    expect(offered('st')).toEqual(['status']);
  });

  it('offers what belongs to a command of two words', () => {
    expect(offered('gate', '')).toEqual(['wait', 'check']);
    expect(offered('gate', 'wait', '--t')).toEqual(['--timeout']);
    expect(offered('gate', 'check', '--t')).toEqual([]);
  });

  it('offers the values that an option has, and files where a file is meant', () => {
    expect(offered('gate', 'wait', '--for', '')).toEqual(['guests']);
    expect(offered('config', 'check', 'et')).toContain('etc');
    expect(offered('gate', 'wait', '--host', '')).toEqual([]);
  });
});

describe('completion in zsh', () => {
  it('knows every command, and quotes what it says of it', () => {
    const zsh = zshCompletion('lifeboat', commands);
    expect(zsh).toMatch(/^#compdef lifeboat\n/);
    for (const { words } of commands) expect(zsh).toMatch(new RegExp(`^ +('?)${words.at(-1)}(:|'$|\\))`, 'm'));
    const quotes = zsh.replaceAll("'\\''", '').split("'").length - 1;
    expect(quotes % 2).toBe(0);
  });
});
