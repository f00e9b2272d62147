import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/cli/command.ts';
import { configFromText } from '../../../src/config/load.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/migrating-from-masakari.md'), 'utf8');

/** Of the indented or fenced blocks, and of what stands in backticks. */
function commands(): readonly string[] {
  const blocks = [...page.matchAll(/^ *```\n([\s\S]*?)^ *```$/gm)].flatMap(([, text = '']) => text.split('\n'));
  const inline = [...page.matchAll(/`(lifeboat [^`]+)`/g)].map(([, text = '']) => text);
  return [...blocks, ...inline].map((line) => line.trim()).filter((line) => line.startsWith('lifeboat '));
}

describe('the page on migrating from Masakari', () => {
  it('has commands that there are, each as it is written', () => {
    const found = commands();
    expect(found.some((command) => command.startsWith('lifeboat import masakari'))).toBe(true);
    expect(found.some((command) => command.startsWith('lifeboat export masakari'))).toBe(true);
    for (const command of found) {
      const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      const parsed = parseCommand(words.slice(1));
      expect(parsed.verb === 'misuse' ? parsed.reason : 'understood', command).toBe('understood');
    }
  });

  it('has a piece of lifeboat.yaml that is good', () => {
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    expect(configFromText(text, 'lifeboat.yaml')).toMatchObject({
      sink: 'masakari',
      masakari: { endpoint: 'http://10.0.0.5:15868/v1' },
    });
  });
});
