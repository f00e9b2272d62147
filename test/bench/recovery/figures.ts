import type { ContenderName } from './contender.ts';
import { ratio, type Summary } from './summary.ts';

/** One of the figures that Lifeboat has to reach, beside what was measured. */
export interface Figure {
  readonly what: string;
  /** Undefined: this run did not measure it. */
  readonly measured: number | undefined;
  readonly bound: 'at most' | 'at least' | 'exactly';
  readonly figure: number;
  readonly unit: string;
}

/** docs/benchmarks.md names them too. */
export function figuresOf(summaries: readonly Summary[]): readonly Figure[] {
  const times = (
    one: ContenderName,
    other: ContenderName,
    instances: number,
    bound: Figure['bound'],
    figure: number,
  ): Figure => ({
    what: `${NAMES[one]} / ${NAMES[other]}, ${instances} instances`,
    measured: ratio(summaries, instances, one, other),
    bound,
    figure,
    unit: 'times',
  });
  const of = (instances: number): Summary | undefined =>
    summaries.find((each) => each.contender === 'lifeboat' && each.instances === instances);
  return [
    times('lifeboat', 'floor', 10, 'at most', 1.15),
    times('lifeboat', 'floor', 50, 'at most', 1.15),
    times('masakari', 'lifeboat', 10, 'at least', 20),
    times('masakari', 'lifeboat', 50, 'at least', 12),
    times('tuned', 'lifeboat', 50, 'at least', 2.5),
    {
      what: 'Keystone tokens of Lifeboat, 50 instances',
      measured: of(50)?.tokens,
      bound: 'exactly',
      figure: 1,
      unit: '',
    },
    {
      what: 'Nova calls of Lifeboat per instance, 50 instances',
      measured: of(50)?.callsPerInstance,
      bound: 'at most',
      figure: 4,
      unit: '',
    },
    {
      what: 'peak memory of lifeboatd, 50 instances',
      measured: of(50)?.peakMemory ?? undefined,
      bound: 'at most',
      figure: 150,
      unit: 'MB',
    },
  ];
}

const NAMES: Readonly<Record<ContenderName, string>> = {
  floor: 'bare loop',
  lifeboat: 'Lifeboat',
  tuned: 'tuned Masakari',
  masakari: "Masakari's default",
};

export function isReached({ measured, bound, figure }: Figure): boolean | undefined {
  if (measured === undefined) return undefined;
  if (bound === 'exactly') return measured === figure;
  return bound === 'at most' ? measured <= figure : measured >= figure;
}
