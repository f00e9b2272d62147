import { stringify } from 'yaml';
import type { z } from 'zod';
import { sectionsOf, type DocumentedKey } from './documentation.ts';
import { configSchema } from './schema.ts';

const WIDTH = 100;

/** The example of lifeboat.yaml. */
export function configExample(): string {
  return exampleOf(
    configSchema,
    'Configuration of Lifeboat. A copy of this file without a change means: everything by default. Check an edited one ' +
      'with "lifeboat config check FILE". Durations are written as 500ms, 5s, 2m, 1h or 30d. No secret belongs in here.',
  );
}

/**
 * An example file: every key with what it means and its default, all commented out, so that the file as it is means
 * the defaults and an operator takes away the # of what is to differ.
 */
export function exampleOf(schema: z.ZodObject, words: string): string {
  const sections = sectionsOf(schema).map(({ name, text, keys }) => {
    const indent = name === '' ? '' : '  ';
    const head = name === '' ? [] : [...comment('', text), `${name}:`];
    return [...head, ...keys.flatMap((key) => exampleKey(key, indent))].join('\n');
  });
  const intro = comment('', words);
  return [intro.join('\n'), ...sections].join('\n\n') + '\n';
}

function exampleKey(key: DocumentedKey, indent: string): readonly string[] {
  const name = key.path.at(-1) ?? '';
  const words = [
    key.text,
    key.example !== undefined && key.defaultValue !== undefined ? `Example: ${key.example}` : '',
  ];
  const value = key.defaultValue === undefined ? (key.example ?? '') : yamlValue(key.defaultValue);
  return [...words.filter(Boolean).flatMap((text) => comment(indent, text)), `${indent}#${name}: ${value}`];
}

/** On one line, as it would be written after the key. */
export function yamlValue(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

function comment(indent: string, text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`${indent}# ${word}`);
  }
  return lines;
}
