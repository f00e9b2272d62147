import { Parser } from 'xml2js';
import { beforeAll, describe, expect, it } from 'vitest';
import { metadata } from '../../../resource-agents/engine/metadata.ts';
import { configFromText } from '../../../src/config/load.ts';

interface Agent {
  readonly 'resource-agent': {
    readonly version: readonly string[];
    readonly parameters: readonly [{ readonly parameter: readonly Parameter[] }];
    readonly actions: readonly [{ readonly action: readonly { readonly $: Readonly<Record<string, string>> }[] }];
  };
}
interface Parameter {
  readonly $: { readonly name: string };
  readonly longdesc: readonly { readonly _: string }[];
  readonly content: readonly { readonly $: { readonly type: string; readonly default: string } }[];
}

let agent: Agent['resource-agent'];
beforeAll(async () => {
  agent = ((await new Parser().parseStringPromise(metadata('0.1.0'))) as Agent)['resource-agent'];
});

describe('the metadata of ocf:lifeboat:engine', () => {
  it('is OCF 1.1 and has every action that the agent has, with a timeout', () => {
    expect(agent.version).toEqual(['1.1']);
    const actions = agent.actions[0].action.map(({ $ }) => [$.name, $.depth ?? '-', $.timeout]);
    expect(actions).toEqual([
      ['start', '-', '60s'],
      ['stop', '-', '30s'],
      ['monitor', '0', '20s'],
      ['monitor', '10', '20s'],
      ['validate-all', '0', '20s'],
      ['meta-data', '-', '5s'],
    ]);
  });

  it('has the same defaults as the configuration', () => {
    const defaults = new Map(agent.parameters[0].parameter.map(({ $, content }) => [$.name, content[0]?.$.default]));
    const config = configFromText('', 'defaults');
    expect(defaults.get('runtime_directory')).toBe(config.runtimeDirectory);
    expect(defaults.get('state_directory')).toBe(config.stateDirectory);
    expect(defaults.get('config')).toBe('/etc/lifeboat/lifeboat.yaml');
    expect(defaults.get('user')).toBe('hacluster');
  });

  it('explains every parameter', () => {
    for (const { longdesc } of agent.parameters[0].parameter) expect(longdesc[0]?._.length).toBeGreaterThan(40);
  });
});
