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

  it('is an order to the engine, with its targets and its reason', () => {
    const reason = undefined;
    expect(parseCommand(['pause', '--reason', 'a new switch'])).toEqual({
      verb: 'pause',
      targets: [],
      reason: 'a new switch',
      socket,
    });
    expect(parseCommand(['resume'])).toEqual({ verb: 'resume', targets: [], reason, socket });
    expect(parseCommand(['proceed'])).toEqual({ verb: 'proceed', targets: [], reason, socket });
    expect(parseCommand(['proceed', 'cmp1', 'cmp2'])).toMatchObject({ targets: ['cmp1', 'cmp2'] });
    for (const verb of ['retry', 'cancel', 'acknowledge']) {
      expect(parseCommand([verb, 'cmp1', '--socket', '/x'])).toEqual({ verb, targets: ['cmp1'], reason, socket: '/x' });
    }
  });

  it('is refused with a reason when it makes no sense', () => {
    const cases: Readonly<Record<string, string>> = {
      stauts: 'there is no command stauts',
      'status now': 'what is now?',
      config: 'config goes with check, show, example or reference',
      'config check a b': 'what is b?',
      'config example a': 'what is a?',
      pause: 'pause goes with --reason, for whoever finds Lifeboat paused',
      'pause cmp1 --reason x': 'what is cmp1?',
      'resume now': 'what is now?',
      retry: 'retry goes with a host, a recovery or an instance',
      'cancel cmp1 cmp2': 'what is cmp2?',
      'retry cmp1 --json': '--json goes with status and plan only',
      'status --reason x': '--reason goes with pause, proceed, retry, cancel and acknowledge only',
      'wake --json': '--json goes with status and plan only',
      'version --socket /x': '--socket goes with what asks the engine only',
      'status --jsn': "Unknown option '--jsn'",
    };
    for (const [words, reason] of Object.entries(cases)) {
      expect(parseCommand(words.split(' ')), words).toEqual({ verb: 'misuse', reason });
    }
  });
});
