import { describe, expect, it } from 'vitest';
import { parseMonitorCommand } from '../../../src/monitor/cli/command.ts';

const parse = (line: string) => parseMonitorCommand(line.split(' ').filter(Boolean));

describe('the commands of lifeboat-monitor', () => {
  it('are understood', () => {
    expect(parse('run --config /x.yaml')).toEqual({ verb: 'run', file: '/x.yaml' });
    expect(parse('status --json')).toEqual({
      verb: 'status',
      form: 'json',
      socket: '/run/lifeboat-monitor/monitor.sock',
    });
    expect(parse('retry --socket /x')).toEqual({ verb: 'retry', socket: '/x' });
    expect(parse('make-key --host cmp1')).toEqual({ verb: 'make-key', host: 'cmp1', file: undefined });
    expect(parse('config check /x.yaml')).toEqual({ verb: 'config check', file: '/x.yaml' });
    expect(parse('config example')).toEqual({ verb: 'config example' });
    for (const help of ['', 'help', '-h', 'status --help']) expect(parse(help)).toEqual({ verb: 'help' });
    expect(parse('--version')).toEqual({ verb: 'version' });
  });

  it.each([
    ['reboot', 'there is no command reboot'],
    ['constructor', 'there is no command constructor'],
    ['config', 'config goes with check, show, example or reference'],
    ['status now', 'what is now?'],
    ['status --host cmp1', '--host does not go with status'],
    ['make-key --host -x', 'Option'],
    ['make-key --host a/b', 'a/b is no name of a host'],
    ['status --jsn', 'Unknown option'],
  ])('%s is refused: %s', (line, reason) => {
    expect(parse(line)).toMatchObject({ verb: 'misuse', reason: expect.stringContaining(reason) as string });
  });
});
