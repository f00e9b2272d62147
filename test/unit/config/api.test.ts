import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configFromText } from '../../../src/config/load.ts';
import { readPolicyFile } from '../../../src/config/policy-file.ts';

describe('an API that asks nobody who they are', () => {
  it.each(['127.0.0.1', '127.0.0.2:8080', '::1', '[::1]:8080', 'localhost'])('may listen on %s', (address) => {
    const { api } = configFromText(`api: { auth: noauth, listen: ['${address}'] }`, 'x');
    expect(api.auth).toBe('noauth');
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'ctl1', '127.0.0.1.example.com', '127.999.0.1', 'localhost.example.com'])(
    'may not listen on %s, not even beside a loopback address',
    (address) => {
      const text = `api: { auth: noauth, listen: [127.0.0.1, '${address}'] }`;
      expect(() => configFromText(text, 'x')).toThrow(/api\.auth.*noauth only where/s);
      expect(configFromText(text.replace('noauth', 'keystone'), 'x').api.listen).toHaveLength(2);
    },
  );
});

describe('who may read the metrics without a token', () => {
  it.each(['10.0.0.20', '10.0.0.0/24', '0.0.0.0/0', 'fd00::/8', '::1', '::1/128'])('may be %s', (network) => {
    expect(configFromText(`api: { metrics_open_to: ['${network}'] }`, 'x').api.metricsOpenTo).toEqual([network]);
  });

  it.each(['prometheus', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0', 'fd00::/129', '10.0.0.0/-1', ''])(
    'may not be "%s"',
    (network) => {
      expect(() => configFromText(`api: { metrics_open_to: ['${network}'] }`, 'x')).toThrow(/api\.metrics_open_to/);
    },
  );

  it('is this machine, unless somebody says otherwise, and may be nobody', () => {
    expect(configFromText('', 'x').api.metricsOpenTo).toEqual(['127.0.0.0/8', '::1']);
    expect(configFromText('api: { metrics_open_to: [] }', 'x').api.metricsOpenTo).toEqual([]);
  });
});

describe('a policy file', () => {
  function file(text: string, mode = 0o640): string {
    const folder = mkdtempSync(join(tmpdir(), 'lifeboat-policy-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const path = join(folder, 'policy.yaml');
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  it('is YAML or JSON, and may hold nothing but remarks', () => {
    expect(readPolicyFile(file('"a:b": "role:admin"\n# remark\n')).rules).toEqual({ 'a:b': 'role:admin' });
    expect(readPolicyFile(file('{"a:b": [["role:admin"]]}')).rules).toEqual({ 'a:b': [['role:admin']] });
    expect(readPolicyFile(file('# nothing is overridden\n')).rules).toEqual({});
  });

  it.each(['- a list', 'a text', '"a:b": "role:', 'a: 1\na: 2'])('is refused when it is %j', (text) => {
    expect(() => readPolicyFile(file(text))).toThrow();
  });

  it('that everybody may write is refused: who writes it decides who may do what', () => {
    expect(() => readPolicyFile(file('a: "@"', 0o666))).toThrow(/everybody may write it/);
  });
});
