import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedPages } from '../../../scripts/docs/generated-pages.ts';
import { ERRORS } from '../../../src/errors.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const pages = await generatedPages();

describe('the pages made from the code', () => {
  it.each(pages)('$path says what the code says (else: node scripts/docs.ts)', ({ path, text }) => {
    expect(readFileSync(`${REPOSITORY}/${path}`, 'utf8')).toBe(text);
  });

  it('name every error code once', () => {
    const errors = pages.find(({ path }) => path === 'docs/errors.md')?.text ?? '';
    for (const code of Object.keys(ERRORS)) expect(errors.split(`| \`${code}\` `).length, code).toBe(2);
  });
});
