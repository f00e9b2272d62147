/**
 * Writes the pages of docs/ that are made from the code, or with --check only says which of them differ from it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { generatedPages } from './docs/generated-pages.ts';

const repository = resolve(import.meta.dirname, '..');
const [option, ...more] = process.argv.slice(2);
if ((option !== undefined && option !== '--check') || more.length > 0) {
  console.error('usage: node scripts/docs.ts [--check]');
  process.exit(2);
}

for (const { path, text } of await generatedPages()) {
  const file = `${repository}/${path}`;
  if (option !== '--check') {
    writeFileSync(file, text);
    console.log(`${path} is written`);
  } else if (present(file) === text) {
    console.log(`${path} is as the code says`);
  } else {
    console.error(`${path} differs from the code: node scripts/docs.ts`);
    process.exitCode = 1;
  }
}

function present(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
