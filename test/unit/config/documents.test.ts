import { describe, expect, it } from 'vitest';
import { configExample } from '../../../src/config/example.ts';
import { configFromText } from '../../../src/config/load.ts';
import { configReference } from '../../../src/config/reference.ts';
import { sectionsOf } from '../../../src/config/documentation.ts';
import { configSchema } from '../../../src/config/schema.ts';

const defaults = configFromText('', 'empty');
/** Keys that need another one beside them. */
const NOT_ALONE: Readonly<Record<string, string>> = {
  clouds_file: '  name: x\n',
  secure_file: '  name: x\n',
  tls_cert: '  tls_key: /x\n',
  tls_key: '  tls_cert: /x\n',
};

describe('the example file', () => {
  it('as it is means the defaults', () => {
    expect(configFromText(configExample(), 'example')).toEqual(defaults);
  });

  it('with every key taken in is still valid, and differs only where a key has no default', () => {
    const takenIn = configExample().replaceAll(/^( *)#(?=[a-z_]+: )/gm, '$1');
    const config = configFromText(takenIn, 'example');
    expect(config.cloud.name).toBe('lifeboat');
    expect({
      ...config,
      cloud: defaults.cloud,
      api: { ...config.api, tls: undefined, linkPrefix: undefined, policyFile: undefined, hostKeysFile: undefined },
    }).toEqual({
      ...defaults,
      gate: { ...defaults.gate, host: 'cmp1.example.com', caFile: '/etc/ssl/certs/ca-certificates.crt' },
      masakari: { endpoint: 'http://10.0.0.5:15868/v1' },
    });
  });
});

describe('the documents made from the schema', () => {
  it('name every key', () => {
    const example = configExample();
    const reference = configReference();
    const keys = sectionsOf(configSchema).flatMap((section) => section.keys);
    expect(keys.length).toBeGreaterThan(20);
    for (const { path } of keys) {
      expect(example).toMatch(new RegExp(`^ *#${path.at(-1)}:`, 'm'));
      expect(reference).toContain(`| \`${path.at(-1)}\` |`);
    }
  });

  it('show examples that the schema takes', () => {
    for (const { path, example } of sectionsOf(configSchema).flatMap((section) => section.keys)) {
      if (example === undefined) continue;
      const others = NOT_ALONE[path[1] ?? ''] ?? '';
      expect(() => configFromText(`${path[0]}:\n${others}  ${path[1]}: ${example}`, path.join('.'))).not.toThrow();
    }
  });
});
