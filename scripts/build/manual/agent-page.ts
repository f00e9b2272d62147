import { parseStringPromise } from 'xml2js';
import { item, paragraph, section, verbatim, type ManualPage } from './roff.ts';

/** As xml2js reads it: everything is a list, attributes are under $, text under _. */
interface Metadata {
  readonly 'resource-agent': {
    readonly $: { readonly name: string };
    readonly longdesc: readonly [Text];
    readonly shortdesc: readonly [Text];
    readonly parameters: readonly [{ readonly parameter: readonly Parameter[] }];
    readonly actions: readonly [{ readonly action: readonly { readonly $: Readonly<Record<string, string>> }[] }];
  };
}

type Text = { readonly _: string };

interface Parameter {
  readonly $: { readonly name: string };
  readonly longdesc: readonly [Text];
  readonly content: readonly [{ readonly $: { readonly default?: string } }];
}

export interface AgentExample {
  /** Commands that create the resource. */
  readonly commands: string;
  readonly seeAlso: string;
}

/** The page of an OCF agent, ocf_lifeboat_NAME, from the metadata that Pacemaker reads. */
export async function agentPage(metadata: string, example: AgentExample, version: string): Promise<ManualPage> {
  const { 'resource-agent': agent } = (await parseStringPromise(metadata)) as Metadata;
  const [{ parameter: parameters }] = agent.parameters;
  const [{ action: actions }] = agent.actions;
  return {
    name: `ocf_lifeboat_${agent.$.name}`,
    section: 7,
    summary: agent.shortdesc[0]._,
    version,
    parts: [
      section('Description'),
      ...agent.longdesc[0]._.split('\n\n').map(paragraph),
      section('Parameters'),
      ...parameters.map(({ $, longdesc, content }) =>
        item($.name, `${longdesc[0]._}${defaultOf(content[0].$.default)}`),
      ),
      section('Actions'),
      ...actions.map(({ $: { name = '', ...rest } }) => item(name, `${timesOf(rest)}.`)),
      section('Example'),
      verbatim(example.commands),
      section('See also'),
      paragraph(example.seeAlso),
    ],
  };
}

function defaultOf(value: string | undefined): string {
  return value === undefined ? '' : ` Default: \`${value}\`.`;
}

function timesOf(attributes: Readonly<Record<string, string>>): string {
  const words = Object.entries(attributes).map(([name, value]) => `${name} ${value}`);
  return `Suggested: ${words.join(', ')}`;
}
