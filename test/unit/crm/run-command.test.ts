import { chmodSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandAnswer, CommandOptions } from '../../../src/crm/run-command.ts';
import { runCommand } from '../../../src/crm/run-command.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import type { FakeCommands } from './fake-commands.ts';
import { fakeCommands } from './fake-commands.ts';

function run(fakes: FakeCommands, options: Partial<CommandOptions> = {}, args: string[] = []): Promise<CommandAnswer> {
  return runCommand('fake', args, { clock: virtualClock(), timeoutMs: 5000, searchPath: fakes.searchPath, ...options });
}

function scripted(script: string): FakeCommands {
  const fakes = fakeCommands();
  fakes.add('fake', script);
  return fakes;
}

describe('runCommand', () => {
  it('passes arguments as they are and answers what the command prints', async () => {
    const fakes = scripted('printf "%s|" "$@"');
    const { stdout } = await run(fakes, {}, ['100 % of $HOME; `x`', "it's", '*', '']);
    expect(stdout).toBe("100 % of $HOME; `x`|it's|*||");
  });

  it('gives the command nothing of our own environment', async () => {
    process.env.OCF_RESKEY_CRM_meta_on_node = 'ctl1';
    process.env.CIB_file = '/nowhere';
    try {
      const { stdout } = await run(scripted('env'));
      const names = stdout.split('\n').map((line) => line.split('=')[0]);
      expect(
        names.filter((name) => name !== '' && !['PWD', '_', 'SHLVL', 'OLDPWD'].includes(name ?? '')).sort(),
      ).toEqual(['LC_ALL', 'PATH', 'TZ']);
    } finally {
      delete process.env.OCF_RESKEY_CRM_meta_on_node;
      delete process.env.CIB_file;
    }
  });

  it.each([
    ['exit 4', 'CRM_NO_PERMISSION'],
    ['exit 77', 'CRM_NO_PERMISSION'],
    ['echo "Could not connect: Permission denied" >&2; exit 102', 'CRM_NO_PERMISSION'],
    ['exit 102', 'CRM_NO_CLUSTER'],
    ['exit 69', 'CRM_NO_CLUSTER'],
    ['exit 124', 'CRM_TIMED_OUT'],
    ['exit 1', 'CRM_FAILED'],
    ['kill -9 $$', 'CRM_FAILED'],
  ])('takes "%s" for %s', async (script, code) => {
    await expect(run(scripted(script))).rejects.toMatchObject({ code });
  });

  it('tells a command that is not installed from one that may not be run', async () => {
    await expect(run(fakeCommands())).rejects.toMatchObject({ code: 'CRM_NOT_INSTALLED' });
    const fakes = scripted('true');
    chmodSync(fakes.path('fake'), 0o644);
    await expect(run(fakes)).rejects.toMatchObject({ code: 'CRM_NO_PERMISSION' });
  });

  it('fails with a typed error on an argument that no command can take', async () => {
    await expect(run(scripted('true'), {}, ['a\0b'])).rejects.toMatchObject({ code: 'CRM_FAILED' });
  });

  it('answers with an exit code that the caller accepts', async () => {
    await expect(run(scripted('exit 105'), { accept: [105] })).resolves.toEqual({ exitCode: 105, stdout: '' });
  });

  it('repeats only the first line of what the command said, cut', async () => {
    const fakes = scripted(`printf '\\n%0300d <secret/>\\n<cib password="x"/>\\n' 7 >&2; exit 1`);
    const message = await run(fakes).catch((error: unknown) => (error as Error).message);
    expect(message).toBe(`fake failed: ${'0'.repeat(200)} (exit code 1)`);
  });

  it('finds the words of a command that was asked for XML', async () => {
    const fakes = scripted(`echo '<status code="102"><errors><error>no luck</error></errors></status>'; exit 102`);
    await expect(run(fakes)).rejects.toMatchObject({ message: 'fake failed: no luck (exit code 102)' });
  });

  it('stops a command that writes more than is sane', async () => {
    const fakes = scripted('exec cat /dev/zero');
    await expect(run(fakes, { maxOutputBytes: 100_000 })).rejects.toMatchObject({ code: 'CRM_GARBAGE' });
  });

  it('is not stopped by a flood of words on stderr', async () => {
    const fakes = scripted('head -c 3000000 /dev/zero >&2; echo done');
    await expect(run(fakes)).resolves.toEqual({ exitCode: 0, stdout: 'done\n' });
  });

  it('ends a command that takes too long, and waits for its end', async () => {
    const clock = virtualClock();
    const fakes = scripted(
      `trap 'echo ended > "$here/log"; exit 0' TERM; echo $$ > "$here/pid"; while :; do sleep 0.01; done`,
    );
    const answer = run(fakes, { clock, timeoutMs: 5000 });
    const failed = expect(answer).rejects.toMatchObject({
      code: 'CRM_TIMED_OUT',
      message: 'fake gave no answer within 5000 ms',
    });
    await fakes.written('pid');
    await clock.advance(5000);
    await failed;
    expect(fakes.read('log')).toBe('ended\n');
    expect(clock.scheduled).toBe(0);
  });

  it('kills a command that does not care, and never waits longer than that', async () => {
    const clock = virtualClock();
    const fakes = scripted(`trap '' TERM; echo $$ > "$here/pid"; while :; do sleep 0.01; done`);
    const failed = expect(run(fakes, { clock })).rejects.toMatchObject({ code: 'CRM_TIMED_OUT' });
    const pid = Number(await fakes.written('pid'));
    await clock.advance(6000);
    await failed;
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('does not wait for a grandchild that holds the pipe', async () => {
    const clock = virtualClock();
    const fakes = scripted(`sleep 60 & echo $! > "$here/pid"; exit 0`);
    const failed = expect(run(fakes, { clock })).rejects.toMatchObject({ code: 'CRM_TIMED_OUT' });
    const grandchild = Number(await fakes.written('pid'));
    await clock.advance(6000);
    await failed;
    process.kill(grandchild, 'SIGKILL');
  });

  it('ends with the reason of its signal', async () => {
    const abort = new AbortController();
    const clock = virtualClock();
    const fakes = scripted(`echo $$ > "$here/pid"; exec sleep 60`);
    const failed = expect(run(fakes, { clock, signal: abort.signal })).rejects.toThrow('enough');
    const pid = Number(await fakes.written('pid'));
    abort.abort(new Error('enough'));
    await failed;
    await expect.poll(() => isAlive(pid)).toBe(false);
    await expect(run(fakes, { signal: abort.signal })).rejects.toThrow('enough');
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
