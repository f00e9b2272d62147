import { describe, expect, it } from 'vitest';
import { breakdownOf, breakdownTable } from '../../bench/trace/breakdown.ts';
import { logMoments } from '../../bench/trace/log-moments.ts';

const NEAR_MS = new Date(2026, 10, 22, 21, 2, 38, 441).getTime();
const PACEMAKER = `Nov 22 21:02:30.435 ctl2 pacemaker-execd     [53] (process_lrmd_alert_exec) info: Executing alert lifeboat-alert
Nov 22 21:02:38.463 ctl2 pacemaker-fenced    [52] (finalize_op) notice: Operation 'reboot' targeting cmp1 by ctl1 for pacemaker-controld.56@ctl2: OK (complete) | id=6c
Nov 22 21:02:38.483 ctl2 pacemaker-execd     [53] (process_lrmd_alert_exec) info: Executing alert lifeboat-alert
`;
const said = (afterMs: number, message: string, host = 'cmp1'): string =>
  JSON.stringify({ level: 'info', time: new Date(NEAR_MS + afterMs).toISOString(), host, message });
const DAEMON = [
  said(-9_000, 'cmp1 is proven down: reboot by ctl2 at 21:02:29; an earlier failure'),
  said(300, 'cmp1 is proven down: reboot by ctl1 at 21:02:38; lost since 21:02:39; Nova host cmp1'),
  said(310, 'cmp1 is proven down, fenced by ctl1: recovery begins'),
  said(350, 'cmp1: isolating → evacuating'),
  said(355, 'web-1: sending'),
  'stopped by a signal',
].join('\n');

describe('the trace of one fencing', () => {
  const moments = logMoments(PACEMAKER, DAEMON, 'cmp1', NEAR_MS);

  it('finds each moment in the logs, and none of an earlier failure', () => {
    const since = Object.fromEntries(Object.entries(moments).map(([key, atMs]) => [key, (atMs ?? 0) - NEAR_MS]));
    expect(since).toEqual({
      confirmedAtMs: 22,
      alertedAtMs: 42,
      provenAtMs: 300,
      storedAtMs: 310,
      forcedDownAtMs: 350,
      sendingAtMs: 355,
    });
  });

  it('makes steps that add up to the whole way', () => {
    const span = (program: string, fromMs: number, toMs: number) => ({
      program,
      firstSeenMs: NEAR_MS + fromMs,
      lastSeenMs: NEAR_MS + toMs,
    });
    const spans = [
      span('alert_lifeboat', 45, 120),
      span('crm_mon', 10, 90),
      span('crm_mon', 125, 200),
      span('cibadmin', 128, 290),
      span('crm_mon', 500, 560),
    ];
    const { steps, readings, lives } = breakdownOf(NEAR_MS, NEAR_MS + 380, moments, spans);
    expect(steps.get('the deciding reading begins')).toBe(125 - 42);
    expect(steps.get('its commands have ended')).toBe(290 - 125);
    expect([...steps.values()].reduce((sum, ms) => sum + ms, 0)).toBe(380);
    expect(readings).toBe(2);
    expect(lives).toEqual([
      { program: 'alert_lifeboat', ms: 75 },
      { program: 'crm_mon', ms: 75 },
      { program: 'cibadmin', ms: 162 },
    ]);
    expect(breakdownTable([{ steps, readings, lives }])).toHaveLength(1 + steps.size + 1 + 4);
  });
});
