import { describe, expect, it } from 'vitest';
import { judgeLife, NEW_LIFE, type Deed, type ProcessLife } from '../../../../src/compute/processes/life.ts';
import { USUAL_PROCESS_LIMITS, type ProcessLimits } from '../../../../src/compute/processes/limits.ts';
import type { Observation } from '../../../../src/compute/processes/observation.ts';

const RUNS: Observation = { kind: 'runs' };
const FAILED: Observation = { kind: 'failed', sentence: 'killed' };
const BETWEEN: Observation = { kind: 'between', sentence: 'it is starting' };
const STOPPED: Observation = { kind: 'stopped', sentence: 'on an order' };
const UNKNOWN: Observation = { kind: 'unknown', sentence: 'the bus is away' };
const SETTLE_MS = 500;
const EPOCH_MS = Date.UTC(2026, 0, 1);

describe('the life of a process', () => {
  it('tells of a failure when it has lasted, and not again', () => {
    const story = live([
      [0, RUNS],
      [1_000, FAILED],
      [1_400, FAILED],
      [1_500, FAILED],
      [60_000, FAILED],
    ]);
    expect(story.deeds).toEqual(['1500 STOPPED: killed']);
  });

  it('asks to look again at the moment when the failure will have lasted', () => {
    const judged = judgeLife(NEW_LIFE, FAILED, at(0), USUAL_PROCESS_LIMITS, SETTLE_MS);
    expect(judged).toMatchObject({ deed: undefined, againInMs: SETTLE_MS });
  });

  it('tells nothing of a failure that did not last', () => {
    expect(
      live([
        [0, RUNS],
        [1_000, FAILED],
        [1_300, BETWEEN],
        [1_600, RUNS],
        [20_000, RUNS],
      ]).deeds,
    ).toEqual([]);
  });

  it('tells that it is back when it has run for long enough without a break', () => {
    const story = live([
      [0, FAILED],
      [500, FAILED],
      [1_000, RUNS],
      [10_999, RUNS],
      [11_000, FAILED],
      [12_000, RUNS],
      [21_999, RUNS],
      [22_000, RUNS],
      [60_000, RUNS],
    ]);
    expect(story.deeds).toEqual(['500 STOPPED: killed', '22000 STARTED: it runs again']);
  });

  it('tells of one that is neither well nor failed when patience ends', () => {
    const story = live([
      [0, RUNS],
      [1_000, BETWEEN],
      [120_999, BETWEEN],
      [121_000, BETWEEN],
    ]);
    expect(story.deeds).toEqual(['121000 STOPPED: it is starting, and it was not well for 120 s']);
  });

  it('counts one that comes and goes as not well all the time', () => {
    const looks = Array.from(
      { length: 130 },
      (_, second) => [second * 1_000, second % 2 === 0 ? RUNS : BETWEEN] as const,
    );
    expect(live(looks).deeds).toEqual(['121000 STOPPED: it is starting, and it was not well for 120 s']);
  });

  it('tells nothing of a stop on an order, and nothing more of one that had failed before', () => {
    expect(
      live([
        [0, RUNS],
        [1_000, STOPPED],
        [900_000, STOPPED],
      ]).deeds,
    ).toEqual([]);
    const story = live([
      [0, FAILED],
      [500, FAILED],
      [1_000, STOPPED],
      [2_000, FAILED],
      [9_000, FAILED],
    ]);
    expect(story.deeds).toEqual(['500 STOPPED: killed']);
  });

  it('lets a look that saw nothing change nothing but what must be seen without a break', () => {
    const story = live([
      [0, FAILED],
      [500, FAILED],
      [1_000, RUNS],
      [5_000, UNKNOWN],
      [11_000, RUNS],
      [21_000, RUNS],
    ]);
    expect(story.deeds).toEqual(['500 STOPPED: killed', '21000 STARTED: it runs again']);
    expect(
      live([
        [0, FAILED],
        [400, UNKNOWN],
        [600, FAILED],
      ]).deeds,
    ).toEqual([]);
  });

  it('is not misled by a clock that is set back or ahead', () => {
    const ahead = judgeLife(
      told('STOPPED'),
      RUNS,
      { monotonicMs: 0, nowMs: EPOCH_MS },
      USUAL_PROCESS_LIMITS,
      SETTLE_MS,
    );
    const later = { monotonicMs: 100, nowMs: EPOCH_MS + 3_600_000 };
    expect(judgeLife(ahead.life, RUNS, later, USUAL_PROCESS_LIMITS, SETTLE_MS).deed).toBeUndefined();
  });
});

describe('restarts', () => {
  const limits: ProcessLimits = {
    ...USUAL_PROCESS_LIMITS,
    restarts: { attempts: 2, firstMs: 1_000, windowMs: 60_000 },
  };

  it('follow the report, each after twice the time of the one before, up to the limit', () => {
    const looks = Array.from({ length: 21 }, (_, index) => [index * 500, FAILED] as const);
    expect(live(looks, limits).deeds).toEqual([
      '500 STOPPED: killed',
      '1000 restart 1',
      '3500 restart 2',
      ...Array.from({ length: 13 }, (_, index) => `${4_000 + index * 500} give up after 2`),
    ]);
  });

  it('are given another try when the window has passed', () => {
    const story = live(
      [
        [0, FAILED],
        [500, FAILED],
        [1_000, FAILED],
        [2_000, FAILED],
        [4_000, FAILED],
        [61_000, FAILED],
        [63_000, FAILED],
      ],
      limits,
    );
    expect(story.deeds.at(-1)).toBe('63000 restart 2');
  });

  it('are none as long as nobody has configured them', () => {
    expect(
      live([
        [0, FAILED],
        [500, FAILED],
        [500_000, FAILED],
      ]).deeds,
    ).toEqual(['500 STOPPED: killed']);
  });

  it('do not count those that seem to lie ahead, after the clock was set back', () => {
    const life: ProcessLife = { ...told('STOPPED'), restartsAtMs: [EPOCH_MS + 1e9, EPOCH_MS + 1e9] };
    const first = judgeLife(life, FAILED, at(0), limits, SETTLE_MS);
    expect(judgeLife(first.life, FAILED, at(1_000), limits, SETTLE_MS).deed).toEqual({ kind: 'restart', attempt: 1 });
  });
});

function live(looks: readonly (readonly [atMs: number, seen: Observation])[], limits = USUAL_PROCESS_LIMITS) {
  let life = NEW_LIFE;
  const deeds: string[] = [];
  for (const [atMs, seen] of looks) {
    const judged = judgeLife(life, seen, at(atMs), limits, SETTLE_MS);
    life = judged.life;
    if (judged.deed !== undefined) deeds.push(`${atMs} ${worded(judged.deed)}`);
  }
  return { deeds };
}

function worded(deed: Deed): string {
  if (deed.kind === 'tell') return `${deed.event}: ${deed.sentence}`;
  return deed.kind === 'restart' ? `restart ${deed.attempt}` : `give up after ${deed.attempts}`;
}

function at(monotonicMs: number) {
  return { monotonicMs, nowMs: EPOCH_MS + monotonicMs };
}

function told(event: 'STOPPED'): ProcessLife {
  return { ...NEW_LIFE, told: event };
}
