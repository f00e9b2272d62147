import { readFileSync } from 'node:fs';
import { REPOSITORY } from './built.ts';

/**
 * The commands of the one block of the page that contains `words`, as a reader would type them. Throws Error when there
 * is no such block, or more than one.
 */
export function commandsOn(page: string, words: string): string {
  const text = readFileSync(`${REPOSITORY}/${page}`, 'utf8');
  const blocks = [...text.matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, block = '']) => block);
  const found = blocks.filter((block) => block.includes(words));
  if (found.length !== 1) throw new Error(`${page} has ${found.length} blocks with "${words}"`);
  return found[0] ?? '';
}
