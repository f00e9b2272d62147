import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manualPages } from '../../../scripts/build/manual/pages.ts';
import { item, paragraph, roff, verbatim, type ManualPart } from '../../../scripts/build/manual/roff.ts';
import { PARAMETERS } from '../../../resource-agents/engine/parameters.ts';
import { sectionsOf } from '../../../src/config/documentation.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { VARIABLES } from '../../../src/config/variables.ts';

const pages = await manualPages(resolve(import.meta.dirname, '../../..'));

function pageOf(path: string): string {
  return pages.find((page) => page.path === path)?.text.replaceAll('\\-', '-') ?? '';
}

function bodyOf(part: ManualPart): string {
  return roff({ name: 'x', section: 8, summary: 'x', version: '1', parts: [part] }).split('x \\- x\n')[1] ?? '';
}

describe('a manual page', () => {
  it('shows text as it is, whatever it begins with', () => {
    expect(bodyOf(paragraph('.hidden \\n --flag'))).toBe('.PP\n\\&.hidden \\en \\-\\-flag\n');
    expect(bodyOf(verbatim("'a\n.b\n"))).toContain("\\&'a\n\\&.b\n");
  });

  it('prints code in bold and wraps lines of its own', () => {
    expect(bodyOf(item('--a', 'do `it`\n  now'))).toBe('.TP\n\\fB\\-\\-a\\fR\ndo \\fBit\\fR now\n');
  });
});

describe('the manual', () => {
  it('tells of every key of the configuration', () => {
    const page = pageOf('man5/lifeboat.yaml.5');
    for (const { keys } of sectionsOf(configSchema)) {
      for (const { path } of keys) expect(page).toContain(`\\fB${path.join('.')}\\fR\n`);
    }
  });

  it('tells of every parameter of the agent, and how to create the resource', () => {
    const page = pageOf('man7/ocf_lifeboat_engine.7');
    for (const name of Object.keys(PARAMETERS)) expect(page).toContain(`\\fB${name}\\fR\n`);
    expect(page).toContain('pcs resource create --disabled lifeboat ocf:lifeboat:engine');
  });

  it('tells of every variable of the daemon', () => {
    for (const { name } of VARIABLES) expect(pageOf('man8/lifeboatd.8')).toContain(`\\fB${name}\\fR\n`);
  });

  it('has no line that roff would take for an unknown request', () => {
    const known = /^\.(TH|nh|ad l|SH|SS|PP|TP|RS 4|RE|nf|fi)\b/;
    for (const { path, text } of pages) {
      expect(
        text.split('\n').filter((line) => /^[.']/.test(line) && !known.test(line)),
        path,
      ).toEqual([]);
    }
  });
});
