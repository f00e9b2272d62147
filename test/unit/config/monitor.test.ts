import { describe, expect, it } from 'vitest';
import { sectionsOf } from '../../../src/config/documentation.ts';
import { configReference } from '../../../src/config/reference.ts';
import { monitorExample, monitorReference } from '../../../src/config/monitor/documents.ts';
import { monitorConfigFromText } from '../../../src/config/monitor/load.ts';
import { monitorSchema } from '../../../src/config/monitor/schema.ts';

const load = (text: string) => monitorConfigFromText(text, 'monitor.yaml');

describe('monitor.yaml', () => {
  it('has a default for everything', () => {
    expect(load('')).toMatchObject({
      api: { addresses: [], keyFile: undefined, requestTimeoutMs: 10_000 },
      spool: { maxReports: 10_000 },
      host: undefined,
      stateDirectory: '/var/lib/lifeboat-monitor',
      runtimeDirectory: '/run/lifeboat-monitor',
    });
    expect(Object.isFrozen(load('').api)).toBe(true);
  });

  it.each([
    ['api: { addresses: [ctl1] }', 'monitor.yaml:1:'],
    ['api: { key_file: /x }', 'at least one address'],
    ['api: { pasword: x }', 'api.pasword: unknown key; known here: addresses'],
    ['host: a b', 'host: expected the name of a Nova host'],
    ['spool: { max_reports: 0 }', 'spool.max_reports: expected a whole number from 100'],
    ['evacuation: {}', 'evacuation: unknown key'],
  ])('%s is refused: %s', (text, told) => {
    expect(() => load(text)).toThrow(told);
  });

  it('is shown by an example that means the defaults, and a page, which name every key', () => {
    expect(load(monitorExample())).toEqual(load(''));
    for (const { path } of sectionsOf(monitorSchema).flatMap(({ keys }) => keys)) {
      expect(monitorExample()).toMatch(new RegExp(`^ *#${path.at(-1)}:`, 'm'));
      expect(monitorReference()).toContain(`| \`${path.at(-1)}\` |`);
    }
  });

  it('says other words of the sections that lifeboat.yaml has too, and those keep their own', () => {
    expect(monitorReference()).toContain('The user of Keystone that reports');
    expect(configReference()).not.toContain('The user of Keystone that reports');
  });

  it('takes the example with every key taken in', () => {
    const takenIn = monitorExample().replaceAll(/^( *)#(?=[a-z_]+: )/gm, '$1');
    expect(load(takenIn.replace('addresses: []', "addresses: ['http://ctl1:15868/']")).api.addresses).toEqual([
      'http://ctl1:15868',
    ]);
  });
});
