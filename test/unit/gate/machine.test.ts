import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { bootedAtMs, novaHostName } from '../../../src/gate/machine.ts';

const files = (texts: Readonly<Record<string, string>>) => (path: string) => {
  const text = texts[path];
  if (text === undefined) throw new Error(`ENOENT ${path}`);
  return text;
};
const fields = (startTicks: number): string => `1 (a (b) c) S ${'0 '.repeat(18)}${startTicks} 0 0`;

describe('the time of boot', () => {
  it('is when the first process began', () => {
    const read = files({ '/proc/stat': 'cpu 1 2\nbtime 1795328297\nprocesses 3\n', '/proc/1/stat': fields(250) });
    expect(bootedAtMs(read)).toBe(1_795_328_299_500);
  });

  it('of this machine lies in the past', () => {
    expect(bootedAtMs()).toBeLessThan(Date.now() + 1_000);
    expect(bootedAtMs()).toBeGreaterThan(Date.UTC(2020, 0, 1));
  });

  it('that cannot be read is never past, so that everything is in doubt', () => {
    expect(bootedAtMs(files({ '/proc/stat': 'x', '/proc/1/stat': 'y' }))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the name of the host', () => {
  const conf = (text: string) => files({ '/etc/nova/nova.conf': text });

  it('is what was said, else what nova.conf says, else what the machine says', () => {
    expect(novaHostName('said', conf('[DEFAULT]\nhost = cmp1\n'))).toBe('said');
    expect(novaHostName(undefined, conf('[DEFAULT]\n#host = no\nhost = cmp1.example.com\n'))).toBe('cmp1.example.com');
    expect(novaHostName(undefined, conf('[DEFAULT]\nmy_ip = 1\n'))).toBe(hostname());
    expect(novaHostName(undefined, files({}))).toBe(hostname());
  });

  it('is not that of another section', () => {
    expect(novaHostName(undefined, conf('[DEFAULT]\nhost=cmp1\n[vnc]\nhost = 10.0.0.1\n'))).toBe('cmp1');
  });
});
