import { tableLines } from '../table.ts';
import { TITLES } from './contender.ts';
import { isReached, type Figure } from './figures.ts';
import { MILESTONES, type Milestones } from './milestones.ts';
import { ratio, type Summary } from './summary.ts';
import type { Trial } from './trial.ts';

const HEADS: Readonly<Record<keyof Milestones, string>> = {
  keptOut: 'kept out',
  firstSent: 'first sent',
  firstAccepted: 'accepted',
  lastAccepted: 'last accepted',
  firstRunning: 'first runs',
  lastRunning: 'last runs',
  told: 'says so',
};

const seconds = (value: number | null): string => (value === null ? '-' : value.toFixed(value < 10 ? 2 : 1));

export function trialLine({
  contender,
  instances,
  recovered,
  seconds: reached,
  novaCalls,
  load,
  problem,
}: Trial): string {
  return [
    `${instances}`.padStart(3),
    TITLES[contender].padEnd(17),
    `last runs ${seconds(reached.lastRunning)} s`.padEnd(19),
    `${novaCalls} calls`.padEnd(9),
    `load ${load.toFixed(1)}`,
    ...(recovered < instances ? [`${instances - recovered} LOST`] : []),
    ...(problem === null ? [] : [problem]),
  ].join('  ');
}

/** To the last instance running, and how many times as long as the others. */
export function timesTable(summaries: readonly Summary[]): readonly string[] {
  const times = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(2));
  const rows = summaries.map((each) => [
    `${each.instances} ${TITLES[each.contender]}`,
    `${each.runs}`,
    seconds(each.seconds.lastRunning),
    each.runs > 1 ? `${seconds(each.quickest)} to ${seconds(each.slowest)}` : '',
    times(ratio(summaries, each.instances, each.contender, 'floor')),
    times(ratio(summaries, each.instances, each.contender, 'lifeboat')),
  ]);
  return tableLines([['instances', 'runs', 'median s', 'all', 'of bare loop', 'of Lifeboat'], ...rows]);
}

/** Where the time goes: seconds from the failure, medians. */
export function milestonesTable(summaries: readonly Summary[]): readonly string[] {
  const rows = summaries.map((each) => [
    `${each.instances} ${TITLES[each.contender]}`,
    ...MILESTONES.map((key) => seconds(each.seconds[key])),
  ]);
  return tableLines([['instances', ...MILESTONES.map((key) => HEADS[key])], ...rows]);
}

/** What it costs: medians of the calls and the tokens, the most of the memory. */
export function costTable(summaries: readonly Summary[]): readonly string[] {
  const rows = summaries.map((each) => [
    `${each.instances} ${TITLES[each.contender]}`,
    each.callsPerInstance.toFixed(2),
    each.tokens.toFixed(0),
    each.peakMemory === null ? '' : `${each.peakMemory.toFixed(1)} MB`,
    `${each.lost}`,
    `${each.evacuatedTwice}`,
  ]);
  return tableLines([['instances', 'calls/instance', 'tokens', 'peak memory', 'lost', 'evacuated twice'], ...rows]);
}

/** The calls of the last trial of each contender with the most instances, the most frequent first. */
export function routesTable(trials: readonly Trial[]): readonly string[] {
  const most = Math.max(...trials.map(({ instances }) => instances));
  const last = new Map(trials.filter(({ instances }) => instances === most).map((trial) => [trial.contender, trial]));
  const rows = [...last.values()].flatMap(({ contender, routes }) =>
    routes.map(({ route, count, meanMs, worstMs }) => [
      `${most} ${TITLES[contender]}: ${route}`,
      `${count}`,
      meanMs.toFixed(0),
      worstMs.toFixed(0),
    ]),
  );
  return tableLines([['calls', 'number', 'mean ms', 'worst ms'], ...rows]);
}

export function figuresTable(figures: readonly Figure[]): readonly string[] {
  const rows = figures.map((figure) => {
    const reached = isReached(figure);
    const number = figure.unit === '' ? 2 : figure.unit === 'MB' ? 1 : 2;
    return [
      figure.what,
      figure.measured === undefined ? '-' : figure.measured.toFixed(number),
      `${figure.bound} ${figure.figure}${figure.unit === '' ? '' : ` ${figure.unit}`}`,
      reached === undefined ? 'not measured' : reached ? 'reached' : 'NOT REACHED',
    ];
  });
  return tableLines([['figure', 'measured', 'to reach', ''], ...rows]);
}
