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

describe('moving in and out', () => {
  const importing = ['import', 'masakari', '--conf', '/etc/masakari/masakari.conf'];

  it('is understood', () => {
    expect(parseCommand(importing)).toEqual({
      verb: 'import masakari',
      files: ['/etc/masakari/masakari.conf'],
      folders: [],
      config: undefined,
      mode: 'dry-run',
      form: 'table',
      socket,
    });
    expect(parseCommand(['import', 'masakari', '--socket', '/s'])).toMatchObject({
      files: ['/etc/masakari/masakari.conf'],
      socket: '/s',
    });
    expect(parseCommand([...importing, '--conf', '/x', '--config-dir', '/d', '--json'])).toMatchObject({
      files: ['/etc/masakari/masakari.conf', '/x'],
      folders: ['/d'],
      form: 'json',
    });
    expect(parseCommand([...importing, '--apply'])).toMatchObject({ mode: 'apply' });
    expect(parseCommand([...importing, '--apply', '--even-if-running'])).toMatchObject({
      mode: 'apply-though-running',
    });
    expect(parseCommand(['export', 'masakari', '--to', '/d'])).toEqual({
      verb: 'export masakari',
      to: '/d',
      schema: '2025.2',
      config: undefined,
    });
    expect(parseCommand(['export', 'masakari', '--to', '/d', '--schema', 'zed'])).toMatchObject({ schema: 'zed' });
    expect(parseCommand(['import', '-h'])).toEqual({ verb: 'help' });
  });

  it.each([
    [['import'], 'import goes with masakari'],
    [[...importing, 'more'], 'what is more?'],
    [[...importing, '--even-if-running'], 'goes with --apply only'],
    [['import', 'masakari', '--conf'], "Option '--conf <value>' argument missing"],
    [['export', 'masakari'], '--to and a folder'],
    [['export', 'pacemaker', '--to', '/d'], 'export goes with masakari'],
    [['export', 'masakari', '--to', '/d', '--schema', 'liberty'], '--schema goes with zed, 2023.1, 2025.2'],
  ])('is refused when it makes no sense: %j', (words, reason) => {
    const command = parseCommand(words);
    expect(command).toMatchObject({ verb: 'misuse' });
    expect('reason' in command && command.reason).toContain(reason);
  });
});
