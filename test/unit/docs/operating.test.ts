import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HOLDS } from '../../../src/bridge/verdict.ts';
import { describeHold } from '../../../src/engine/describe.ts';
import type { HoldKind } from '../../../src/bridge/verdict.ts';
import { MOVE_STATES } from '../../../src/engine/move.ts';
import { RECOVERY_STATES } from '../../../src/engine/recovery.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/operating.md'), 'utf8');
/** Cells without the blanks that align the columns. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('the operating page', () => {
  it.each(Object.keys(HOLDS) as HoldKind[])(
    'tells of the hold %s what crm_mon shows, what it means, what to do',
    (kind) => {
      const hold = { kind, reason: '', remedy: undefined };
      const found = rows.filter(([first]) => first === `\`${describeHold(hold)}\``);
      expect(found).toHaveLength(1);
      expect(found[0]?.[1]).toBe(`\`${kind}\``);
      expect(found[0]?.[2]).toContain(HOLDS[kind]);
      expect(found[0]?.[3]).not.toBe('');
    },
  );

  it.each(Object.entries({ ...RECOVERY_STATES, ...MOVE_STATES }))(
    'says what %s means in the words of the code',
    (state, meaning) => {
      expect(rows).toContainEqual([`\`${state}\``, meaning]);
    },
  );
});
