import { Simulation } from '../simulation.ts';
import type { Violation } from '../violation.ts';
import { randomScenario } from './random-scenario.ts';

export interface RandomOutcome {
  readonly seed: string;
  readonly violations: readonly Violation[];
  /** Tasks that were run in virtual time. */
  readonly steps: number;
  /** How long it took in virtual time, ms. */
  readonly virtualMs: number;
}

/** Time enough after the last fault for what recovers by itself to have done so. */
const AT_LEAST_MS = 40_000;
const LOOK_MS = 20_000;
/** And time that nothing which ends by itself may need: boots, retries, timeouts, one after another. */
const AT_MOST_MS = 420_000;

/** One random run: troubles, then all is well, then nothing may be lost. */
export async function runRandom(seed: string, onLine?: (line: string) => void): Promise<RandomOutcome> {
  const scenario = randomScenario(seed);
  const simulation = new Simulation(scenario, onLine === undefined ? {} : { onLine });
  const { monitor, time } = simulation;
  const isViolated = (): boolean => monitor.violations.length > 0;
  await time.run(scenario.wellAtMs + AT_LEAST_MS, isViolated);
  const limitMs = scenario.wellAtMs + AT_MOST_MS;
  while (!isViolated() && time.monotonic() < limitMs && owes(simulation).length > 0) {
    await time.run(Math.min(limitMs, time.monotonic() + LOOK_MS), isViolated);
  }
  if (!isViolated()) for (const { rule, what } of owes(simulation)) monitor.violate(rule, what);
  return { seed, violations: monitor.violations, steps: time.steps, virtualMs: time.monotonic() };
}

function owes({ engine, monitor }: Simulation): readonly Omit<Violation, 'atMs'>[] {
  if (engine === undefined) return [{ rule: 'S4', what: 'no engine runs at the end' }];
  const { recoveries, verdicts } = engine.heart.engine;
  const flapping = recoveries.filter((run) => engine.heart.engine.flappingHoldOf(run) !== undefined);
  return monitor.owedAtTheEnd(
    verdicts,
    recoveries.map(({ recovery }) => recovery),
    new Set(flapping.map(({ recovery }) => recovery.host)),
  );
}
