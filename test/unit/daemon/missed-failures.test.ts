import { expect, it } from 'vitest';
import type { Missed } from '../../../src/bridge/decision.ts';
import { MissedFailures } from '../../../src/daemon/missed-failures.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

it('missed failures are told at once, and shown for an hour or until somebody acknowledges them', async () => {
  const clock = virtualClock();
  const logger = recordingLogger();
  const missed = new MissedFailures({ clock, logger });
  const of = (node: string): Missed =>
    ({ node, host: `${node}.example`, reason: `${node} is back`, remedy: 'look' }) as Missed;
  missed.tell([of('cmp1'), of('cmp2')]);
  expect(logger.lines).toEqual(['error: cmp1 is back', 'error: cmp2 is back']);
  expect(missed.acknowledge('nobody')).toBe(false);
  expect(missed.acknowledge('cmp1.example')).toBe(true);
  expect(missed.shown.map(({ node }) => node)).toEqual(['cmp2']);
  await clock.advance(3_599_999);
  expect(missed.shown).toHaveLength(1);
  await clock.advance(1);
  expect(missed.shown).toEqual([]);
});
