import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/cli/command.ts';

const socket = '/run/lifeboat/lifeboatd.sock';

describe('what is typed', () => {
  it('is understood', () => {
    expect(parseCommand(['status'])).toEqual({ verb: 'status', form: 'table', socket });
    expect(parseCommand(['status', '--json', '--socket', '/x'])).toEqual({
      verb: 'status',
      form: 'json',
      socket: '/x',
    });
    expect(parseCommand(['wake'])).toEqual({ verb: 'wake', socket });
    expect(parseCommand(['config', 'check'])).toEqual({ verb: 'config check', file: undefined });
    expect(parseCommand(['config', 'show', 'a.yaml'])).toEqual({ verb: 'config show', file: 'a.yaml' });
    expect(parseCommand(['config', 'reference'])).toEqual({ verb: 'config reference' });
    expect(parseCommand([])).toEqual({ verb: 'help' });
    expect(parseCommand(['status', '-h'])).toEqual({ verb: 'help' });
  });

  it('is refused with a reason when it makes no sense', () => {
    const cases: Readonly<Record<string, string>> = {
      stauts: 'there is no command stauts',
      'status now': 'what is now?',
      config: 'config goes with check, show, example or reference',
      'config check a b': 'what is b?',
      'config example a': 'what is a?',
      'wake --json': '--json goes with status and plan only',
      'version --socket /x': '--socket goes with status, plan and wake only',
      'status --jsn': "Unknown option '--jsn'",
    };
    for (const [words, reason] of Object.entries(cases)) {
      expect(parseCommand(words.split(' ')), words).toEqual({ verb: 'misuse', reason });
    }
  });
});
