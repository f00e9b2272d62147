import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configFromText, configPath, loadConfig } from '../../../src/config/load.ts';
import { LifeboatError } from '../../../src/errors.ts';

function mistakes(text: string): string[] {
  try {
    configFromText(text, 'l.yaml');
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'CONFIG_INVALID') return error.message.split('\n');
    throw error;
  }
  return [];
}

function file(text: string | Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'lifeboat-config-')), 'lifeboat.yaml');
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

describe('the configuration', () => {
  it('of an empty file is all defaults', () => {
    const config = configFromText('', 'l.yaml');
    expect(config.cluster).toEqual({ pollIntervalMs: 5_000, lostPollIntervalMs: 1_000, commandTimeoutMs: 15_000 });
    expect(config.proof.acceptHumanConfirmation).toBe(true);
    expect(config.evacuation).toEqual({
      parallel: 20,
      requestTimeoutMs: 30_000,
      settleTimeMs: 60_000,
      moveTimeoutMs: 600_000,
      attempts: 3,
      retryDelayMs: 5_000,
      witnessSilenceMs: 60_000,
    });
    expect(config.instances).toEqual({
      select: 'all',
      markKey: 'HA_Enabled',
      tag: 'evacuable',
      excludeNames: [],
      excludeProjects: [],
    });
    expect(config.stateDirectory).toBe('/var/lib/lifeboat');
  });

  it('takes every kind of value', () => {
    const config = configFromText(
      `cloud: { name: prod, clouds_file: /etc/openstack/clouds.yaml }
cluster: { poll_interval: 30s, lost_poll_interval: 500ms }
hosts: { map: { cmp1: cmp1.example.com, __proto__: x }, ignore: [cmp9] }
instances: { select: marked, exclude_names: ['^amphora-'] }`,
      'l.yaml',
    );
    expect(config.cloud.name).toBe('prod');
    expect(config.cluster.pollIntervalMs).toBe(30_000);
    expect(config.cluster.lostPollIntervalMs).toBe(500);
    expect(config.hosts.map.cmp1).toBe('cmp1.example.com');
    expect(config.hosts.map.constructor).toBeUndefined();
    expect(config.instances.excludeNames.some((name) => name.test('amphora-17'))).toBe(true);
  });

  it('cannot be changed by whoever holds it', () => {
    const config = configFromText('', 'l.yaml');
    expect(() => Object.assign(config.evacuation, { parallel: 1 })).toThrow(TypeError);
    expect(() => (config.hosts.ignore as string[]).push('cmp1')).toThrow(TypeError);
  });

  it('takes a section whose keys are all commented out as absent', () => {
    expect(mistakes('cluster:\n  #poll_interval: 5s\nlog:\n')).toEqual([]);
  });
});

describe('a mistake in the configuration', () => {
  it('is named with its line, its key and what was expected, and all of them at once, top down', () => {
    expect(mistakes('cluster:\n  poll_interval: 5\nevacuation:\n  parallel: many\n  attempts: 99\n')).toEqual([
      'l.yaml:2:3: cluster.poll_interval: expected a duration from 1s to 1m, such as 5s; found 5',
      'l.yaml:4:3: evacuation.parallel: expected a whole number from 1 to 500; found "many"',
      'l.yaml:5:3: evacuation.attempts: expected a whole number from 1 to 10; found 99',
    ]);
  });

  it('that is an unknown key names the known ones', () => {
    expect(mistakes('log:\n  level: info\n  levle: info')).toEqual([
      'l.yaml:3:3: log.levle: unknown key; known here: level',
    ]);
    expect(mistakes('clowd: {}')[0]).toMatch(/^l\.yaml:1:1: clowd: unknown key; known here: cloud, cluster, /);
  });

  it('never shows the value of an unknown key, nor a long one, for it may be a secret', () => {
    const secret = 'correct-horse-battery-staple-'.repeat(3);
    expect(mistakes(`cloud:\n  password: ${secret}`).join()).not.toContain('horse');
    expect(mistakes(`log:\n  level: ${secret}`).join()).not.toContain('horse');
    expect(mistakes(`cloud:\n  name: { password: ${secret} }`).join()).not.toContain('horse');
  });

  it('inside a list or a map is found where it stands', () => {
    expect(mistakes('instances:\n  exclude_names:\n    - ok\n    - "("')).toEqual([
      'l.yaml:4:7: instances.exclude_names.1: expected a list of regular expressions; found "("',
    ]);
    expect(mistakes('hosts:\n  map:\n    cmp1: 3')[0]).toMatch(/^l\.yaml:3:5: hosts\.map\.cmp1: expected a map of/);
  });

  it('between two keys is told with both', () => {
    expect(mistakes('cluster: { poll_interval: 1s, lost_poll_interval: 3s }')[0]).toContain(
      'not longer than poll_interval',
    );
    expect(mistakes('cloud:\n  clouds_file: /a/b')[0]).toContain('because clouds_file or secure_file is given');
  });

  it('of YAML itself is told with its place', () => {
    expect(mistakes('log: [')[0]).toMatch(/^l\.yaml:1:\d+: not YAML: /);
    expect(mistakes('log: {}\nlog: {}')[0]).toMatch(/^l\.yaml:2:1: not YAML: /);
    expect(mistakes('- a list')[0]).toContain('expected a map of sections');
    expect(mistakes('log: *nothing')).toHaveLength(1);
  });

  it('is the only thing that any text can lead to', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => Array.isArray(mistakes(text))));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('cloud', 'cluster', 'hosts', 'log', 'x'), fc.jsonValue()), (value) =>
        Array.isArray(mistakes(JSON.stringify(value))),
      ),
    );
  });
});

describe('the configuration file', () => {
  it('is read from LIFEBOAT_CONFIG, else from the standard place', () => {
    expect(configPath({ LIFEBOAT_CONFIG: '/x.yaml' })).toBe('/x.yaml');
    expect(configPath({ LIFEBOAT_CONFIG: '' })).toBe('/etc/lifeboat/lifeboat.yaml');
  });

  it('is refused in words when it is missing, a directory, a FIFO, not text, too large, or anyone may write it', () => {
    expect(() => loadConfig('/nowhere/l.yaml')).toThrow('/nowhere/l.yaml cannot be read: there is no such file');
    expect(() => loadConfig(tmpdir())).toThrow('is not a file');
    const fifo = `${file('')}.fifo`;
    execFileSync('mkfifo', [fifo]);
    expect(() => loadConfig(fifo)).toThrow('is not a file');
    expect(() => loadConfig(file(Uint8Array.of(0xff, 0xfe, 0x00)))).toThrow('is not UTF-8 text');
    expect(() => loadConfig(file(' '.repeat(1_048_577)))).toThrow('is larger than 1 MiB');
    const open = file('');
    chmodSync(open, 0o666);
    expect(() => loadConfig(open)).toThrow(`chmod o-w ${open}`);
  });

  it('that is good is read', () => {
    expect(loadConfig(file('log: { level: debug }')).log.level).toBe('debug');
  });
});
