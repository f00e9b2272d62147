import type { z } from 'zod';
import { sectionsOf, type DocumentedKey, type DocumentedSection } from './documentation.ts';
import { yamlValue } from './example.ts';
import { configSchema } from './schema.ts';

/** The reference page of lifeboat.yaml, in Markdown. */
export function configReference(): string {
  return referenceOf(configSchema, [
    '# Configuration',
    'Made by `lifeboat config reference` from the schema that checks the file. The file is YAML; a key that is not here ' +
      'is refused. Every key may be left out.',
  ]);
}

export function referenceOf(schema: z.ZodObject, intro: readonly string[]): string {
  return [...intro, ...sectionsOf(schema).flatMap(section)].join('\n\n') + '\n';
}

function section({ name, text, keys }: DocumentedSection): readonly string[] {
  const head = name === '' ? '## At the top' : `## \`${name}\``;
  const rows = keys.map(row);
  return [head, text, ['| key | accepts | default | meaning |', '|---|---|---|---|', ...rows].join('\n')];
}

function row({ path, accepts, defaultValue, example, text }: DocumentedKey): string {
  const byDefault = defaultValue === undefined ? 'none' : `\`${yamlValue(defaultValue)}\``;
  const shown = example === undefined ? '' : ` Example: \`${example}\``;
  return `| ${[`\`${path.at(-1)}\``, accepts, byDefault, text + shown].map(cell).join(' | ')} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
