import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasEnded, processIdentity } from '../../../src/edge/process-identity.ts';

/** The identity of another process, with one of its words replaced. */
function identity(changes: Readonly<Partial<Record<'node' | 'boot' | 'namespace' | 'pid' | 'start', string>>>): string {
  const [node = '', boot = '', namespace = '', pid = '', start = ''] = processIdentity('ctl1').split(' ');
  const words = { node, boot, namespace, pid, start, ...changes };
  return [words.node, words.boot, words.namespace, words.pid, words.start].join(' ');
}

describe('whether a process has certainly ended', () => {
  it('is not so while it runs', () => {
    expect(hasEnded(processIdentity('ctl1'), 'ctl1')).toBe(false);
  });

  it('is so when its pid is free, also after it was killed', async () => {
    const child = spawn('sleep', ['60']);
    const killed = once(child, 'exit');
    child.kill('SIGKILL');
    await killed;
    expect(hasEnded(identity({ pid: String(child.pid) }), 'ctl1')).toBe(true);
  });

  it('is so when its pid belongs to another process now', () => {
    expect(hasEnded(identity({ start: '1' }), 'ctl1')).toBe(true);
  });

  it('is not so while it is only stopped', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    child.kill('SIGSTOP');
    const stopped = identity({ pid: String(child.pid), start: startOf(child.pid ?? 0) });
    expect(hasEnded(stopped, 'ctl1')).toBe(false);
    child.kill('SIGKILL');
  });

  it('is so when the machine has booted since', () => {
    expect(hasEnded(identity({ boot: 'another-boot' }), 'ctl1')).toBe(true);
  });

  it('cannot be said of another node, of another container, or of what is no identity', () => {
    expect(hasEnded(identity({ node: 'ctl2', pid: '999999999' }), 'ctl1')).toBe(false);
    expect(hasEnded(identity({ namespace: '1', pid: '999999999' }), 'ctl1')).toBe(false);
    expect(hasEnded('ctl1', 'ctl1')).toBe(false);
    expect(hasEnded('', 'ctl1')).toBe(false);
  });
});

function startOf(pid: number): string {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields[19] ?? '';
}
