export interface AgentDescription {
  readonly name: string;
  readonly version: string;
  readonly short: string;
  readonly long: string;
  /** As attributes of the element action. */
  readonly actions: readonly string[];
  readonly parameters: Readonly<Record<string, ParameterDescription>>;
}

export interface ParameterDescription {
  readonly byDefault: string;
  readonly short: string;
  readonly long: string;
}

/** The metadata of an agent, OCF 1.1. */
export function metadataOf({ actions, long, name, parameters, short, version }: AgentDescription): string {
  const described = Object.entries(parameters).map(
    ([parameter, words]) => `    <parameter name="${parameter}" required="0"${uniqueness(parameter)}>
      <longdesc lang="en">${escape(words.long)}</longdesc>
      <shortdesc lang="en">${escape(words.short)}</shortdesc>
      <content type="string" default="${escape(words.byDefault)}"/>
    </parameter>`,
  );
  return `<?xml version="1.0"?>
<resource-agent name="${name}" version="${escape(version)}">
  <version>1.1</version>
  <longdesc lang="en">${escape(long)}</longdesc>
  <shortdesc lang="en">${escape(short)}</shortdesc>
  <parameters>
${described.join('\n')}
  </parameters>
  <actions>
${actions.map((action) => `    <action ${action}/>`).join('\n')}
  </actions>
</resource-agent>
`;
}

/** Two of them on one node would fight over these. */
function uniqueness(name: string): string {
  return name === 'runtime_directory' || name === 'state_directory' ? ` unique-group="${name}"` : '';
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
