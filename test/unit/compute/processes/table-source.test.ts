import { describe, expect, it } from 'vitest';
import { readProcessList } from '../../../../src/compute/processes/process-list.ts';
import type { CommandEnding, RunCommand } from '../../../../src/compute/processes/run-command.ts';
import { TableSource } from '../../../../src/compute/processes/table-source.ts';
import { LifeboatError } from '../../../../src/errors.ts';
import { recordingLogger } from '../../../support/recording-logger.ts';

const HEAD = 'UID          PID    PPID  C STIME TTY          TIME CMD';
const LINES = {
  nova: 'nova        4711       1  1 00:12 ?        00:00:09 /usr/bin/python3 /usr/bin/nova-compute --config-file=/etc/nova.conf',
  defunct: 'nova        4711       1  1 00:12 ?        00:00:09 [nova-compute] <defunct>',
  ps: 'root        9000    8999  0 00:13 ?        00:00:00 ps -ef',
};
const LIST = `
- process_name: nova-compute
  pre_start_command: prepare nova
  start_command: start nova
  restart_command: restart nova
- process_name: ps
`;

describe('the table of processes', () => {
  it('finds a process by its name in a line of ps -ef, as masakari-processmonitor does', async () => {
    const { look } = scene({ table: () => [LINES.nova] });
    expect((await look()).get('nova-compute')).toEqual({ kind: 'runs' });
  });

  it('does not find one that has ended and was not reaped, nor the look itself', async () => {
    const { look } = scene({ table: () => [LINES.defunct, LINES.ps] });
    expect(await look()).toEqual(
      new Map([
        ['nova-compute', { kind: 'failed', sentence: 'no process has "nova-compute" in its line of ps -ef' }],
        ['ps', { kind: 'failed', sentence: 'no process has "ps" in its line of ps -ef' }],
      ]),
    );
  });

  it('starts what does not run at its first look, and only then', async () => {
    const { look, ran } = scene({ table: (commands) => (commands.includes('start nova') ? [LINES.nova] : []) });
    expect((await look()).get('nova-compute')).toEqual({ kind: 'runs' });
    expect(ran).toEqual(['prepare nova', 'start nova']);
    const stopped = scene({ table: (_commands, look) => (look === 1 ? [LINES.nova] : []) });
    await stopped.look();
    expect((await stopped.look()).get('nova-compute')?.kind).toBe('failed');
    expect(stopped.ran).toEqual([]);
  });

  it('does not go on with the next command when one fails', async () => {
    const { look, ran, lines } = scene({ table: () => [], fails: 'prepare nova' });
    expect((await look()).get('nova-compute')?.kind).toBe('failed');
    expect(ran).toEqual(['prepare nova']);
    expect(lines.join()).toContain('nova-compute was not started: "prepare nova" ended with 1');
  });

  it('says nothing about processes when it cannot be read', async () => {
    const { look } = scene({ table: () => new LifeboatError('COMMAND_NOT_STARTED', 'ps cannot be run: EAGAIN') });
    expect((await look()).get('nova-compute')).toEqual({
      kind: 'unknown',
      sentence: 'ps cannot be run: EAGAIN [COMMAND_NOT_STARTED]',
    });
  });

  it('can restart what has a command for it', async () => {
    const { source, ran } = scene({ table: () => [LINES.nova] });
    expect([source.canRestart('nova-compute'), source.canRestart('ps')]).toEqual([true, false]);
    await source.restart('nova-compute');
    expect(ran).toEqual(['restart nova']);
  });
});

function scene({
  table,
  fails,
}: {
  table: (commands: readonly string[], look: number) => readonly string[] | LifeboatError;
  fails?: string;
}) {
  const ran: string[] = [];
  let looks = 0;
  const run: RunCommand = async (argv) => {
    const command = argv.join(' ');
    if (command !== 'ps -ef') {
      ran.push(command);
      return ended(command === fails ? 1 : 0, '');
    }
    looks += 1;
    const seen = table(ran, looks);
    if (seen instanceof LifeboatError) throw seen;
    return ended(0, `${[HEAD, ...seen].join('\n')}\n`);
  };
  const logger = recordingLogger();
  const processes = readProcessList(LIST, 'list', 'root');
  const source = new TableSource({ run, logger, processes, everyMs: 5_000, settleMs: 500 });
  return { source, look: source.look, ran, lines: logger.lines };
}

function ended(exitCode: number, stdout: string): CommandEnding {
  return { exitCode, stdout, said: '' };
}
