import { describe, expect, it } from 'vitest';
import { configFromText } from '../../../src/config/load.ts';
import { mapOptions, OPTIONS } from '../../../src/masakari/options.ts';
import { optionOf, parseOsloConf } from '../../../src/masakari/oslo-conf.ts';

/** Of what is mapped, by option of masakari.conf: a value that is not what Lifeboat does anyway, and what it becomes. */
const MAPPED: Readonly<Record<string, readonly [value: string, yaml: string]>> = {
  'default.masakari_api_listen': ['10.0.0.1', "api:\n  listen: ['10.0.0.1']"],
  'default.masakari_api_listen_port': ['15999', 'api:\n  port: 15999'],
  'default.osapi_max_limit': ['500', 'api:\n  max_limit: 500'],
  'default.osapi_masakari_link_prefix': ['https://ha.example.org/', "api:\n  link_prefix: 'https://ha.example.org'"],
  'default.duplicate_notification_detection_interval': ['240', 'notifications:\n  duplicate_interval: 240s'],
  'default.wait_period_after_power_off': ['120', 'instance_failure:\n  stop_timeout: 120s'],
  'default.wait_period_after_power_on': ['30', 'instance_failure:\n  start_timeout: 30s'],
  'host_failure.evacuate_all_instances': ['False', 'instances:\n  select: marked'],
  'host_failure.ha_enabled_instance_metadata_key': ['HA', "instances:\n  mark_key: 'HA'"],
  'host_failure.add_reserved_host_to_aggregate': ['yes', 'recovery:\n  add_reserved_to_aggregates: true'],
  'instance_failure.process_all_instances': ['true', 'instance_failure:\n  select: all'],
  'oslo_policy.policy_file': ['/etc/masakari/policy.yaml', 'api:\n  policy_file: /etc/masakari/policy.yaml'],
};

function confOf(name: string, value: string): string {
  const [section, option] = name.split('.');
  return `[${section === 'default' ? 'DEFAULT' : section}]\n${option} = ${value}\n`;
}

function yamlOf(text: string): string {
  const { yaml } = mapOptions(parseOsloConf(text, 'masakari.conf'));
  return [...yaml]
    .map(([section, lines]) => [`${section}:`, ...lines.map((line) => `  ${line}`)].join('\n'))
    .join('\n');
}

describe('what masakari.conf says', () => {
  it('is tried here with all that has a counterpart', () => {
    const mapped = Object.entries(OPTIONS).filter(([, fate]) => fate.kind === 'mapped');
    expect(new Set(Object.keys(MAPPED))).toEqual(new Set(mapped.map(([name]) => name)));
  });

  it.each(Object.entries(MAPPED))('%s becomes what lifeboat.yaml understands', (name, [value, yaml]) => {
    expect(yamlOf(confOf(name, value))).toBe(yaml);
    expect(configFromText(yaml, 'lifeboat.yaml')).not.toEqual(configFromText('', 'empty'));
  });

  it.each([
    ['host_failure.evacuate_all_instances', 'True'],
    ['host_failure.add_reserved_host_to_aggregate', 'False'],
    ['instance_failure.process_all_instances', 'False'],
  ])('%s = %s needs no line', (name, value) => {
    expect(yamlOf(confOf(name, value))).toBe('');
    expect(mapOptions(parseOsloConf(confOf(name, value), 'masakari.conf')).left).toEqual([]);
  });

  it.each([
    ['default.wait_period_after_power_off', 'soon'],
    ['oslo_policy.policy_file', 'policy.yaml'],
  ])('%s = %s cannot be taken over, and that is told', (name, value) => {
    const { left, yaml } = mapOptions(parseOsloConf(confOf(name, value), 'masakari.conf'));
    expect(yaml.size).toBe(0);
    expect(left).toMatchObject([{ why: expect.stringMatching(/^its value has no counterpart/) as string }]);
  });

  it('without a counterpart is told with a reason, and its value is not', () => {
    const { left } = mapOptions(
      parseOsloConf('[DEFAULT]\nos_privileged_user_password = abc\nnew_thing = 1\n[cors]\nx = y\n', 'masakari.conf'),
    );
    expect(left.map(({ option }) => option)).toEqual([
      '[DEFAULT] os_privileged_user_password',
      '[DEFAULT] new_thing',
      '[cors] x',
    ]);
    expect(left.every(({ why }) => why.length > 10)).toBe(true);
    expect(JSON.stringify(left)).not.toContain('abc');
  });
});

describe('a file of oslo.config', () => {
  it('has sections, comments, both signs, values over several lines, and the last one wins', () => {
    const conf = parseOsloConf('# c\na = 1\n[S]\nb: 2\n; c\nb = 3\nlong = x\n  y\n\n[DEFAULT]\nA = 4\n', 'f');
    expect(optionOf(conf, 'default', 'a')).toBe('4');
    expect(optionOf(conf, 's', 'B')).toBe('3');
    expect(optionOf(conf, 's', 'long')).toBe('x\ny');
    expect(optionOf(conf, 's', 'none')).toBeUndefined();
  });

  it.each([
    ['a secret\n', 'f:1: is neither a section nor an option'],
    ['\n  secret\n', 'f:2: goes on with a value that is not there'],
  ])('refuses %j with its line, without its words', (text, words) => {
    expect(() => parseOsloConf(text, 'f')).toThrow(words);
    expect(() => parseOsloConf(text, 'f')).not.toThrow('secret');
  });
});
