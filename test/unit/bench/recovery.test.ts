import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../../src/bridge/decide.ts';
import { emptyMemory } from '../../../src/bridge/memory.ts';
import type { Verdict } from '../../../src/bridge/verdict.ts';
import { pacemakerCluster } from '../../../src/crm/read-snapshot.ts';
import { systemClock } from '../../../src/edge/clock.ts';
import { figuresOf, isReached } from '../../bench/recovery/figures.ts';
import type { Milestones } from '../../bench/recovery/milestones.ts';
import { milestonesOf } from '../../bench/recovery/milestones.ts';
import { standInForPacemaker } from '../../bench/recovery/pacemaker-stand-in.ts';
import { planFrom } from '../../bench/recovery/plan.ts';
import { summarize } from '../../bench/recovery/summary.ts';
import type { Trial } from '../../bench/recovery/trial.ts';
import type { Exchange } from '../../cloud/proxy/proxy.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lifeboat-stand-in-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const NEVER: Milestones = {
  keptOut: null,
  firstSent: null,
  firstAccepted: null,
  lastAccepted: null,
  firstRunning: null,
  lastRunning: null,
  told: null,
};

function trial(change: Partial<Trial> & { readonly lastRunning: number | null }): Trial {
  return {
    contender: 'lifeboat',
    instances: 50,
    recovered: 50,
    evacuatedTwice: 0,
    seconds: { ...NEVER, lastRunning: change.lastRunning },
    novaCalls: 100,
    routes: [],
    traffic: [],
    tokens: 1,
    memory: null,
    load: 0,
    problem: null,
    ...change,
  };
}

describe('the stand-in for Pacemaker', () => {
  it('shows a host at rest, and from the switch on one that is proven down', async () => {
    const pacemaker = standInForPacemaker(dir, ['compute-1', 'compute-2', 'compute-3', 'compute-4']);
    const cluster = pacemakerCluster({
      clock: systemClock,
      localNode: 'ctl1',
      searchPath: `${pacemaker.commands}:/usr/bin:/bin`,
    });
    const policy = {
      acceptHumanConfirmation: true,
      hostMap: {},
      hostAttribute: 'lifeboat-host',
      ignoredNodes: [],
      novaHosts: ['compute-1', 'compute-2', 'compute-3', 'compute-4'],
      paused: false,
    };
    const states = (verdicts: readonly Verdict[]): Record<string, string> =>
      Object.fromEntries(verdicts.map(({ node, state }) => [node, state]));

    const atRest = decide(await cluster.read(), emptyMemory, policy, Date.now());
    expect(states(atRest.verdicts)).toMatchObject({ 'compute-1': 'up', 'compute-2': 'up', 'compute-3': 'up' });
    pacemaker.fence();
    const fenced = decide(await cluster.read(), atRest.memory, policy, Date.now());
    expect(states(fenced.verdicts)).toMatchObject({ 'compute-1': 'proven', 'compute-2': 'up', 'compute-3': 'up' });
  });
});

describe('the plan of the benchmark', () => {
  it('lets the bare loop and Lifeboat take turns, each first as often, and Masakari run once', () => {
    const { rounds } = planFrom(['--instances', '10', '--runs', '2']);
    expect(rounds.map(({ contender }) => contender)).toEqual([
      'floor',
      'lifeboat',
      'lifeboat',
      'floor',
      'tuned',
      'masakari',
    ]);
  });

  it("runs Masakari's defaults with 50 instances only when told so", () => {
    const ofDefaults = (...args: string[]): readonly number[] =>
      planFrom(args)
        .rounds.filter(({ contender }) => contender === 'masakari')
        .map(({ instances }) => instances);
    expect(ofDefaults()).toEqual([1, 10]);
    expect(ofDefaults('--full')).toEqual([1, 10, 50]);
  });

  it('names the option that it does not understand', () => {
    expect(() => planFrom(['--instances', '10,many'])).toThrow('--instances');
    expect(() => planFrom(['--only', 'lifeboats'])).toThrow('--only');
  });
});

describe('what a trial is told by', () => {
  const exchange = (route: string, atMs: number, tookMs: number, status = 200): Exchange => ({
    atMs,
    tookMs,
    route,
    path: '/',
    status,
    clientPort: 1,
    userAgent: '',
  });

  it('counts an evacuate call from its answer, and only when Nova took it', () => {
    const seconds = milestonesOf(
      1_000,
      9_000,
      [
        exchange('nova PUT /os-services/{id}', 1_100, 100),
        exchange('nova POST /servers/{id}/action evacuate', 1_200, 300, 409),
        exchange('nova POST /servers/{id}/action evacuate', 1_500, 500),
        exchange('nova POST /servers/{id}/action evacuate', 2_000, 1_000),
      ],
      [
        { id: 'a', runningAtMs: 5_000 },
        { id: 'b', runningAtMs: 7_000 },
      ],
    );
    expect(seconds).toEqual({
      keptOut: 0.2,
      firstSent: 0.2,
      firstAccepted: 1,
      lastAccepted: 2,
      firstRunning: 4,
      lastRunning: 6,
      told: 8,
    });
  });

  it('knows no last instance while one does not run', () => {
    const seconds = milestonesOf(
      0,
      undefined,
      [],
      [
        { id: 'a', runningAtMs: 5_000 },
        { id: 'b', runningAtMs: undefined },
      ],
    );
    expect(seconds).toMatchObject({ firstRunning: 5, lastRunning: null, keptOut: null, told: null });
  });
});

describe('the figures', () => {
  it('compare medians, and say which were not measured', () => {
    const trials = [
      trial({ contender: 'floor', lastRunning: 9, instances: 50 }),
      trial({ contender: 'floor', lastRunning: 10, instances: 50 }),
      trial({ contender: 'floor', lastRunning: 30, instances: 50 }),
      trial({ lastRunning: 12 }),
    ];
    const figures = figuresOf(summarize(trials));
    expect(figures.find(({ what }) => what.startsWith('Lifeboat / bare loop, 50'))?.measured).toBeCloseTo(1.2);
    expect(figures.map((figure) => [figure.what, isReached(figure)])).toEqual([
      ['Lifeboat / bare loop, 10 instances', undefined],
      ['Lifeboat / bare loop, 50 instances', false],
      ["Masakari's default / Lifeboat, 10 instances", undefined],
      ["Masakari's default / Lifeboat, 50 instances", undefined],
      ['tuned Masakari / Lifeboat, 50 instances', undefined],
      ['Keystone tokens of Lifeboat, 50 instances', true],
      ['Nova calls of Lifeboat per instance, 50 instances', true],
      ['peak memory of lifeboatd, 50 instances', undefined],
    ]);
  });

  it('hold no median of a contender that once did not arrive', () => {
    const [summary] = summarize([trial({ lastRunning: 9 }), trial({ lastRunning: null, recovered: 49 })]);
    expect(summary).toMatchObject({ lost: 1, seconds: { lastRunning: null } });
  });
});
