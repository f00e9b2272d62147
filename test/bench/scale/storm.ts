import { configFromText } from '../../../src/config/load.ts';
import { isUnfinished } from '../../../src/engine/recovery.ts';
import type { Scenario } from '../../../src/simulation/scenario/scenario.ts';
import { Simulation } from '../../../src/simulation/simulation.ts';

export interface StormResult {
  readonly instances: number;
  readonly hosts: number;
  readonly recovered: number;
  readonly failed: number;
  readonly held: number;
  /** Neither recovered, nor failed or held with a reason. */
  readonly left: number;
  readonly virtualSeconds: number;
  readonly cpuSeconds: number;
  /** The most that the process took. */
  readonly rssMb: number;
}

const LONGEST_MS = 6 * 3_600_000;

/** So many hosts lose their power at once, with so many instances; as many others have room for them. */
export async function weatherStorm(instances: number, hosts: number): Promise<StormResult> {
  const simulation = new Simulation(stormOf(instances, hosts));
  const { time } = simulation;
  let endedAtMs = 0;
  const isOver = (): boolean => {
    const recoveries = simulation.engine?.heart.engine.recoveries ?? [];
    if (recoveries.length < hosts || recoveries.some(({ recovery }) => isUnfinished(recovery))) return false;
    endedAtMs = time.monotonic();
    return true;
  };
  // Asked now and then only: with a hundred recoveries the question has a price.
  let askedAtMs = 0;
  await time.run(LONGEST_MS, () => {
    if (time.monotonic() - askedAtMs < 1_000) return false;
    askedAtMs = time.monotonic();
    return isOver();
  });
  const runs = simulation.engine?.heart.engine.recoveries ?? [];
  const moves = runs.flatMap((run) => run.moves);
  const held = runs.filter(({ recovery }) => recovery.state === 'held').flatMap((run) => run.moves);
  const recovered = moves.filter(({ state }) => state === 'done').length;
  const failed = moves.filter(({ reason, state }) => state === 'failed' && reason !== undefined).length;
  const waiting = held.filter(({ state }) => state !== 'done' && state !== 'failed').length;
  const { systemCPUTime, userCPUTime, maxRSS } = process.resourceUsage();
  return {
    instances,
    hosts,
    recovered,
    failed,
    held: waiting,
    left: instances - recovered - failed - waiting + simulation.violations.length,
    virtualSeconds: (endedAtMs || time.monotonic()) / 1000,
    cpuSeconds: (systemCPUTime + userCPUTime) / 1e6,
    rssMb: maxRSS / 1024,
  };
}

function stormOf(instances: number, hosts: number): Scenario {
  const dead = Array.from({ length: hosts }, (_, index) => `dead${index + 1}`);
  const alive = Array.from({ length: hosts }, (_, index) => `cmp${index + 1}`);
  const plain = { capacity: undefined, bootMs: 7 * 3_600_000, isIdle: false, fencingAction: 'reboot' } as const;
  return {
    seed: 'storm',
    controllers: ['ctl1', 'ctl2', 'ctl3'],
    hosts: [...dead, ...alive].map((name) => ({ name, ...plain })),
    instances: Array.from({ length: instances }, (_, index) => ({
      name: `vm${index + 1}`,
      host: dead[index % hosts] ?? '',
    })),
    // The storm guard would hold it for an operator; what is measured is the work.
    config: configFromText('storm: { max_hosts: 100000, max_percent: 100 }', 'bench'),
    timings: {},
    cloud: { spawnMs: 3_000 },
    gate: 'asked',
    resumesGuests: false,
    store: 'embedded',
    timeline: dead.map((node) => ({ atMs: 10_000, what: { kind: 'kill', node } })),
    endMs: LONGEST_MS,
  };
}
