import { describe, expect, it } from 'vitest';
import type { GateAnswer } from '../../../src/engine/gate.ts';
import { judgeAtOnce, waitForGate, type WaitLimits } from '../../../src/gate/wait.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const CLOSED: GateAnswer = { gate: 'closed', reason: 'cmp1 is being recovered', remedy: 'wait' };
const UNKNOWN: GateAnswer = { gate: 'unknown', reason: 'no engine answers' };
const OPEN: GateAnswer = { gate: 'open', reason: 'every move has ended' };
const LIMITS: WaitLimits = { timeoutMs: 0, pollIntervalMs: 3_000, whenUnknown: 'refuse', unknownPatienceMs: 60_000 };

/** Waits through answers, one for each time in seconds from which on it holds. */
async function waited(answers: readonly (readonly [number, GateAnswer])[], limits: Partial<WaitLimits> = {}) {
  const clock = virtualClock();
  const beganMs = clock.monotonic();
  const lines: string[] = [];
  let asked = 0;
  const verdict = waitForGate({
    clock,
    say: (line) => lines.push(line),
    limits: { ...LIMITS, ...limits },
    ask: () => {
      asked += 1;
      const seconds = (clock.monotonic() - beganMs) / 1_000;
      return Promise.resolve(answers.findLast(([from]) => seconds >= from)?.[1] ?? UNKNOWN);
    },
  });
  let ended: Awaited<typeof verdict> | undefined;
  void verdict.then((value) => (ended = value));
  for (let step = 0; step < 1_200 && ended === undefined; step += 1) await clock.advance(500);
  return { ...ended, lines, asked, seconds: (clock.monotonic() - beganMs) / 1_000 };
}

describe('lifeboat gate wait', () => {
  it('asks again until the gate opens, and says why it did', async () => {
    const { may, line, seconds } = await waited([
      [0, CLOSED],
      [10, OPEN],
    ]);
    expect({ may, line }).toEqual({ may: 'start', line: 'open: every move has ended' });
    expect(seconds).toBeLessThan(14);
  });

  it('says what it waits for at once, every 30 s, and when it changes', async () => {
    const { lines } = await waited([
      [0, CLOSED],
      [70, UNKNOWN],
      [75, OPEN],
    ]);
    expect(lines.map((line) => line.replace(/; do.*?(?=;)/, ''))).toEqual([
      'closed: cmp1 is being recovered; waiting for 0 s',
      'closed: cmp1 is being recovered; waiting for 30 s',
      'closed: cmp1 is being recovered; waiting for 60 s',
      'in doubt: no engine answers; waiting for 72 s',
    ]);
  });

  it.each([CLOSED, UNKNOWN])('refuses with the reason when the time is over: $gate', async (answer) => {
    const { may, line, seconds } = await waited([[0, answer]], { timeoutMs: 20_000 });
    expect(may).toBe('not start');
    expect(line).toContain(answer.reason);
    expect(seconds).toBeLessThan(21);
  });

  it('never opens in doubt by itself', async () => {
    expect((await waited([[0, UNKNOWN]])).may).toBeUndefined();
  });

  it('opens in doubt when it was told to, after its patience without a break', async () => {
    const { may, seconds, line } = await waited(
      [
        [0, UNKNOWN],
        [40, CLOSED],
        [50, UNKNOWN],
      ],
      { whenUnknown: 'open' },
    );
    expect(may).toBe('start');
    expect(seconds).toBeGreaterThan(110);
    expect(line).toContain('though in doubt: no engine answers');
  });

  it('never opens while it is closed, whatever it was told', async () => {
    expect((await waited([[0, CLOSED]], { whenUnknown: 'open', unknownPatienceMs: 0 })).may).toBeUndefined();
  });
});

describe('lifeboat gate check', () => {
  it('decides at once', () => {
    expect(judgeAtOnce(OPEN, 'refuse').may).toBe('start');
    expect(judgeAtOnce(CLOSED, 'open').may).toBe('not start');
    expect(judgeAtOnce(UNKNOWN, 'refuse').may).toBe('not start');
    expect(judgeAtOnce(UNKNOWN, 'open').may).toBe('start');
  });
});
