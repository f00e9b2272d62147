import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { RECOVERED } from '../../../src/engine/instances/events.ts';

it('the page on instances lists the events that are answered, as the code has them, and no others', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/instance-recovery.md'), 'utf8');
  const rows = page
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, name]) => name !== undefined && /^`[A-Z_]+\/[A-Z_]+`$/.test(name));
  const told = rows.map(([, name, what]) => [name?.replaceAll('`', ''), what]);
  expect(told).toEqual(Object.entries(RECOVERED));
});
