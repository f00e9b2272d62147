import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandRunner } from '../../../../src/compute/processes/run-command.ts';
import { systemClock } from '../../../../src/edge/clock.ts';
import { eventually } from '../../../support/eventually.ts';

const run = commandRunner(systemClock);
const shell = (script: string, deadlineMs = 5_000) => run(['/bin/sh', '-c', script], deadlineMs);

describe('a command', () => {
  it('ends with its status, its output, and its first word of complaint', async () => {
    expect(await shell('echo out; echo wrong >&2; echo more >&2; exit 3')).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      said: 'wrong',
    });
  });

  it('is given an environment of its own, without a shell in between', async () => {
    const { stdout } = await run(['env'], 5_000);
    expect(
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('=')[0]),
    ).toEqual(['PATH', 'LC_ALL']);
    expect((await run(['echo', '$HOME', 'a b'], 5_000)).stdout).toBe('$HOME a b\n');
  });

  it('is ended at the deadline, with all that it has started', async () => {
    const { exitCode, stdout } = await shell('trap "" TERM; sleep 60 & echo $!; wait; sleep 60', 300);
    expect(exitCode).toBeUndefined();
    await eventually('what it started has ended', () => hasEnded(Number(stdout)));
  });

  it('leaves what it has started alive, and does not wait for it, when it ends in time', async () => {
    const began = performance.now();
    const { exitCode, stdout } = await shell('sleep 60 & echo $!');
    expect([exitCode, performance.now() - began < 4_000]).toEqual([0, true]);
    expect(hasEnded(Number(stdout))).toBe(false);
    process.kill(Number(stdout), 'SIGKILL');
  });

  it.each([[['/nowhere/at-all']], [['/etc']], [['a\0b']], [[]]])('that is %j was never started', async (argv) => {
    await expect(run(argv, 1_000)).rejects.toMatchObject({ code: 'COMMAND_NOT_STARTED' });
  });

  it('that a signal ends has 128 and its number as status', async () => {
    expect((await shell('kill -9 $$')).exitCode).toBe(137);
  });
});

function hasEnded(pid: number): boolean {
  try {
    return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
