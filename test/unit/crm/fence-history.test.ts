import { describe, expect, it } from 'vitest';
import { parseFenceHistory } from '../../../src/crm/fence-history.ts';
import { mergeFencings } from '../../../src/crm/fencing-event.ts';
import type { Fencing } from '../../../src/crm/snapshot.ts';
import { historyXml } from './documents.ts';

const SECOND = Date.UTC(2026, 10, 22, 6, 18, 17);

function completedAt(completed: string): number | undefined {
  const event = `<fence_event action="off" target="cmp1" client="c.1" origin="ctl1" status="success" delegate="ctl2" completed="${completed}"/>`;
  return parseFenceHistory(historyXml(event))[0]?.completedAtMs;
}

function fencing(change: Partial<Fencing>): Fencing {
  return {
    target: 'cmp1',
    action: 'reboot',
    status: 'success',
    client: 'pacemaker-controld.60',
    origin: 'ctl1',
    delegate: 'ctl3',
    completedAtMs: SECOND,
    exitReason: undefined,
    ...change,
  };
}

describe('parseFenceHistory', () => {
  it.each([
    ['2026-11-22 06:18:17Z', SECOND],
    ['2026-11-22T06:18:17Z', SECOND],
    ['2026-11-22 06:18:17.123456Z', SECOND + 123],
    ['2026-11-22 07:18:17 +01:00', SECOND],
    ['2026-11-22 00:48:17.5 -0530', SECOND + 500],
  ])('reads %s as a moment', (text, expected) => {
    expect(completedAt(text)).toBe(expected);
  });

  it.each(['', 'yesterday', '2026-11-22 06:18:17', '2026-02-30 06:18:17Z', '2026-11-22 26:18:17Z', '1795328297'])(
    'refuses "%s" as a time',
    (text) => {
      expect(() => completedAt(text)).toThrow(expect.objectContaining({ code: 'CRM_GARBAGE' }));
    },
  );

  it('refuses a fencing of an unknown status and one that ended at no time', () => {
    const event = (status: string): string =>
      historyXml(`<fence_event action="off" target="cmp1" client="c" origin="o" status="${status}"/>`);
    expect(() => parseFenceHistory(event('perhaps'))).toThrow(/status="perhaps"/);
    expect(() => parseFenceHistory(event('success'))).toThrow(/no attribute completed/);
    expect(parseFenceHistory(event('pending'))).toHaveLength(1);
  });

  it('takes an empty list for an empty history and a missing one for garbage', () => {
    expect(parseFenceHistory(historyXml(''))).toEqual([]);
    expect(() => parseFenceHistory('<pacemaker-result><status code="0" message="OK"/></pacemaker-result>')).toThrow(
      /no <list>/,
    );
  });
});

describe('mergeFencings', () => {
  it('keeps one of two equal records and puts the newest first, what is pending before all', () => {
    const older = fencing({ completedAtMs: SECOND - 60_000 });
    const newer = fencing({});
    const pending = fencing({ target: 'cmp2', status: 'pending', completedAtMs: undefined, delegate: undefined });
    expect(
      mergeFencings(
        [
          [older, newer],
          [pending, { ...newer }],
        ],
        SECOND + 5000,
      ),
    ).toEqual([pending, newer, older]);
  });

  it('drops a pending record of a fencing that completed while both histories were read', () => {
    const pending = fencing({ action: 'off', status: 'pending', completedAtMs: undefined });
    const completed = fencing({ action: 'reboot' });
    expect(mergeFencings([[completed], [pending]], SECOND + 400)).toEqual([completed]);
  });

  it('keeps a pending record beside an earlier failure of the same request', () => {
    const pending = fencing({ status: 'pending', completedAtMs: undefined });
    const failed = fencing({ status: 'failed', completedAtMs: SECOND - 3000 });
    expect(mergeFencings([[failed], [pending]], SECOND)).toEqual([pending, failed]);
  });
});
