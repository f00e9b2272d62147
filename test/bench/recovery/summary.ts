import { median } from '../percentile.ts';
import type { ContenderName } from './contender.ts';
import { MILESTONES, type Milestones } from './milestones.ts';
import type { Trial } from './trial.ts';

/** All trials of one contender with one number of instances, as medians. */
export interface Summary {
  readonly contender: ContenderName;
  readonly instances: number;
  readonly runs: number;
  readonly seconds: Milestones;
  /** To the last instance running: the least and the most of the runs. */
  readonly quickest: number | null;
  readonly slowest: number | null;
  readonly callsPerInstance: number;
  readonly tokens: number;
  /** The most of all runs, in MB. */
  readonly peakMemory: number | null;
  readonly lost: number;
  readonly evacuatedTwice: number;
}

export function summarize(trials: readonly Trial[]): readonly Summary[] {
  const groups = Map.groupBy(trials, ({ contender, instances }) => `${instances} ${contender}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [summaryOf(first, group)];
  });
}

function summaryOf({ contender, instances }: Trial, trials: readonly Trial[]): Summary {
  const last = trials.map(({ seconds }) => seconds.lastRunning).filter((seconds) => seconds !== null);
  const peaks = trials.map(({ memory }) => memory?.peak).filter((peak) => peak !== undefined);
  const middle = (key: keyof Milestones): number | null => {
    const reached = trials.map(({ seconds }) => seconds[key]).filter((seconds) => seconds !== null);
    return reached.length < trials.length ? null : median(reached);
  };
  return {
    contender,
    instances,
    runs: trials.length,
    seconds: Object.fromEntries(MILESTONES.map((key) => [key, middle(key)])) as unknown as Milestones,
    quickest: last.length === 0 ? null : Math.min(...last),
    slowest: last.length === 0 ? null : Math.max(...last),
    callsPerInstance: median(trials.map(({ novaCalls }) => novaCalls / instances)),
    tokens: median(trials.map(({ tokens }) => tokens)),
    peakMemory: peaks.length === 0 ? null : Math.max(...peaks),
    lost: trials.reduce((sum, trial) => sum + trial.instances - trial.recovered, 0),
    evacuatedTwice: trials.reduce((sum, trial) => sum + trial.evacuatedTwice, 0),
  };
}

/** How many times as long the one takes as the other, to the last instance running. */
export function ratio(
  summaries: readonly Summary[],
  instances: number,
  one: ContenderName,
  other: ContenderName,
): number | undefined {
  const secondsOf = (name: ContenderName): number | null | undefined =>
    summaries.find((each) => each.contender === name && each.instances === instances)?.seconds.lastRunning;
  const [above, below] = [secondsOf(one), secondsOf(other)];
  return typeof above !== 'number' || typeof below !== 'number' ? undefined : above / below;
}
