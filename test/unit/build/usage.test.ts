import { describe, expect, it } from 'vitest';
import { commandLines, exampleOf } from '../../../scripts/build/commands/command-line.ts';
import { readUsage } from '../../../scripts/build/commands/usage.ts';
import { parseCommand } from '../../../src/cli/command.ts';
import { USAGE } from '../../../src/cli/usage.ts';

const accepts = (words: readonly string[]): boolean => parseCommand(words).verb !== 'misuse';
const TINY = `boat: rows

  boat row WHERE [--fast] [--with OAR]
                       goes there
  boat anchor up|down
  --log FILE   writes there

Exit codes: 0 arrived;
1 sunk.
`;

describe('the usage text', () => {
  it('is read into commands, shared options and what stands below', () => {
    expect(readUsage(TINY)).toEqual({
      program: 'boat',
      summary: 'rows',
      commands: [
        { synopsis: 'row WHERE [--fast] [--with OAR]', text: 'goes there' },
        { synopsis: 'anchor up|down', text: '' },
      ],
      shared: [{ synopsis: '--log FILE', text: 'writes there' }],
      closing: 'Exit codes: 0 arrived; 1 sunk.',
    });
  });

  it.each(['boat\n', 'boat: rows\n\n    neither a command nor the rest of one\n'])(
    'is refused when it reads %j',
    (text) => {
      expect(() => readUsage(text)).toThrow(/usage/);
    },
  );
});

describe('a command line', () => {
  it('is taken apart: words, operands, options with their values', () => {
    const [row, up, down] = commandLines(readUsage(TINY), () => false);
    expect(row).toMatchObject({
      words: ['row'],
      operands: [{ kind: 'free', name: 'where' }],
      options: [
        { name: '--fast', value: undefined, isRequired: false },
        { name: '--with', value: { kind: 'free', name: 'oar' } },
      ],
    });
    expect([up?.words, down?.words]).toEqual([
      ['anchor', 'up'],
      ['anchor', 'down'],
    ]);
  });

  it('has the shared options that the parser of the program takes with it', () => {
    const [row, up] = commandLines(readUsage(TINY), (words) => words[0] === 'row');
    expect(row?.options.at(-1)).toEqual({ name: '--log', value: { kind: 'file' }, isRequired: false });
    expect(up?.options).toEqual([]);
  });
});

describe('the commands of lifeboat', () => {
  const commands = commandLines(readUsage(USAGE), accepts);

  it.each(commands.map((command) => [command.words.join(' '), command] as const))(
    '%s is taken by the parser',
    (_, command) => {
      // A duration is what an operator writes where the usage shows one.
      const words = exampleOf(command);
      expect(parseCommand(words)).not.toMatchObject({ verb: 'misuse' });
      for (const { name, value } of command.options.filter((option) => option.name !== '--timeout')) {
        if (words.includes(name) || name === '--even-if-running') continue;
        const given = value === undefined ? [] : [value.kind === 'choice' ? (value.choices[0] ?? '') : 'example'];
        expect(parseCommand([...words, name, ...given]), name).not.toMatchObject({ verb: 'misuse' });
      }
    },
  );

  it('take the socket where the engine is asked, and only there', () => {
    const withSocket = commands.filter(({ options }) => options.some(({ name }) => name === '--socket'));
    const words = withSocket.map((command) => command.words.join(' '));
    expect(words).toEqual(expect.arrayContaining(['status', 'plan', 'wake']));
    expect(words).not.toContain('config check');
  });
});
