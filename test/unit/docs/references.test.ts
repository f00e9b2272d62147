import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const PAGES = ['README.md', ...globSync('docs/**/*.md', { cwd: REPOSITORY })];
const SOURCES = ['eslint.config.js', ...globSync('{src,resource-agents,scripts}/**/*.ts', { cwd: REPOSITORY })];

const read = (path: string): string => readFileSync(`${REPOSITORY}/${path}`, 'utf8');
const matches = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, one]) => one ?? '');

describe('the documentation', () => {
  it.each(PAGES)('%s leads only to what is there', (page) => {
    const links = matches(read(page), /\]\((?!https?:)([^)#\s]+)[^)]*\)/g).map((link) =>
      resolve(REPOSITORY, dirname(page), link),
    );
    const named = matches(read(page), /`((?:src|test|scripts|resource-agents|docs)\/[\w./-]*)`/g).map((path) =>
      resolve(REPOSITORY, path),
    );
    expect([...links, ...named].filter((path) => !existsSync(path))).toEqual([]);
  });

  it('names only npm scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const known = new Set(Object.keys(scripts));
    for (const page of PAGES) {
      for (const name of matches(read(page), /\bnpm run ([\w:-]+)/g)) expect(known, `${page}: ${name}`).toContain(name);
    }
  });

  it('has every decision that the code cites', () => {
    const decisions = globSync('docs/decisions/*.md', { cwd: REPOSITORY });
    for (const source of SOURCES) {
      for (const number of matches(read(source), /docs\/decisions\/(\d{4})/g)) {
        expect(
          decisions.filter((path) => path.startsWith(`docs/decisions/${number}-`)),
          `${source}: ${number}`,
        ).toHaveLength(1);
      }
    }
  });

  it('numbers the decisions without a gap', () => {
    const numbers = globSync('docs/decisions/[0-9]*.md', { cwd: REPOSITORY }).map((path) =>
      Number(path.split('/').at(-1)?.slice(0, 4)),
    );
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
  });
});
