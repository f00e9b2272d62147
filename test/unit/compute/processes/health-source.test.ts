import { describe, expect, it } from 'vitest';
import { HealthSource, type HealthCommand } from '../../../../src/compute/processes/health-source.ts';
import type { CommandEnding } from '../../../../src/compute/processes/run-command.ts';
import { LifeboatError } from '../../../../src/errors.ts';

const COMMAND: HealthCommand = {
  name: 'nova-compute',
  command: ['docker', 'exec', 'nova_compute', 'healthcheck_port', 'nova-compute', '5672'],
  everyMs: 10_000,
  deadlineMs: 5_000,
  threshold: 3,
};
const WELL: CommandEnding = { exitCode: 0, stdout: '', said: '' };
const ILL: CommandEnding = { exitCode: 1, stdout: '', said: 'no such container' };

describe('a health command', () => {
  it('says that the process runs when it ends with 0', async () => {
    expect(await looks([WELL])).toEqual([{ kind: 'runs' }]);
  });

  it('says that it has failed when it failed as often in turn as the threshold has it', async () => {
    expect(await looks([ILL, ILL, WELL, ILL, ILL, ILL, ILL])).toEqual([
      { kind: 'between', sentence: 'its health command ended with 1: no such container (1 of 3 times)' },
      { kind: 'between', sentence: 'its health command ended with 1: no such container (2 of 3 times)' },
      { kind: 'runs' },
      { kind: 'between', sentence: 'its health command ended with 1: no such container (1 of 3 times)' },
      { kind: 'between', sentence: 'its health command ended with 1: no such container (2 of 3 times)' },
      { kind: 'failed', sentence: 'its health command ended with 1: no such container' },
      { kind: 'failed', sentence: 'its health command ended with 1: no such container' },
    ]);
  });

  it('counts a command that does not end as one that failed', async () => {
    const late = { exitCode: undefined, stdout: '', said: '' };
    const [, , third] = await looks([late, late, late]);
    expect(third).toEqual({ kind: 'failed', sentence: 'its health command did not end within 5000 ms' });
  });

  it('says nothing about the process when it cannot be started', async () => {
    const missing = new LifeboatError('COMMAND_NOT_STARTED', 'docker cannot be run: ENOENT');
    const seen = await looks([missing, missing, missing, missing]);
    expect(seen.at(-1)).toEqual({ kind: 'unknown', sentence: 'docker cannot be run: ENOENT [COMMAND_NOT_STARTED]' });
  });

  it('restarts with its own command only, and says in its words what came of it', async () => {
    expect(new HealthSource(COMMAND, async () => WELL).canRestart()).toBe(false);
    const source = new HealthSource(
      { ...COMMAND, restartCommand: ['docker', 'restart', 'nova_compute'] },
      async () => ILL,
    );
    expect(source.canRestart()).toBe(true);
    await expect(source.restart()).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: '"docker restart nova_compute" ended with 1: no such container',
    });
  });
});

async function looks(endings: readonly (CommandEnding | LifeboatError)[]) {
  const ahead = [...endings];
  const source = new HealthSource(COMMAND, async (argv, deadlineMs) => {
    expect([argv, deadlineMs]).toEqual([COMMAND.command, COMMAND.deadlineMs]);
    const next = ahead.shift();
    if (next === undefined || next instanceof LifeboatError) throw next ?? new Error('one look too many');
    return next;
  });
  const seen = [];
  for (const _ of endings) seen.push((await source.look()).get('nova-compute'));
  return seen;
}
