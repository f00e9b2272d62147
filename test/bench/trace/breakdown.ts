import { median, percentile } from '../percentile.ts';
import { tableLines } from '../table.ts';
import type { LogMoments } from './log-moments.ts';
import type { ProcessSpan } from './processes.ts';

/** The way from the fence device's answer to the first evacuation that Nova took, in steps that follow each other. */
export interface Breakdown {
  /** Step → milliseconds. A step whose end is not known is left out, and its time is in the next one. */
  readonly steps: ReadonlyMap<string, number>;
  /** Readings of the cluster that were at work between the answer and the decision. */
  readonly readings: number;
  /** How long the alert agents lived that started after the answer, and each command of the deciding reading. */
  readonly lives: readonly { readonly program: string; readonly ms: number }[];
}

const ALERT_AGENT = 'alert_lifeboat';
const READING = 'crm_mon';
const COMMANDS: ReadonlySet<string> = new Set([READING, 'stonith_admin', 'cibadmin']);
/** The commands of one reading start within this time of each other. */
const APART_MS = 20;

export function breakdownOf(
  fencedAtMs: number,
  firstAcceptedAtMs: number,
  moments: LogMoments,
  spans: readonly ProcessSpan[],
): Breakdown {
  const { confirmedAtMs, alertedAtMs, provenAtMs = Number.NaN } = moments;
  const commands = spans.filter(({ program }) => COMMANDS.has(program));
  const readings = commands.filter(
    ({ program, firstSeenMs, lastSeenMs }) =>
      program === READING && lastSeenMs >= fencedAtMs && firstSeenMs <= provenAtMs,
  );
  const decisive = Math.max(...readings.map(({ firstSeenMs }) => firstSeenMs));
  const deciding = commands.filter(
    ({ firstSeenMs, lastSeenMs }) => firstSeenMs >= decisive - APART_MS && lastSeenMs <= provenAtMs,
  );
  const lastEnd = Math.max(...deciding.map(({ lastSeenMs }) => lastSeenMs));
  const path: readonly (readonly [string, number | undefined])[] = [
    ['Pacemaker knows of it', confirmedAtMs],
    ['alert agent is started', alertedAtMs],
    ['the deciding reading begins', decisive],
    ['its commands have ended', lastEnd],
    ['decided: proven down', provenAtMs],
    ['recovery on disk', moments.storedAtMs],
    ['forced down, instances listed', moments.forcedDownAtMs],
    ['moves on disk, sending', moments.sendingAtMs],
    ['Nova took the first', firstAcceptedAtMs],
  ];
  const steps = new Map<string, number>();
  let beforeMs = fencedAtMs;
  for (const [step, atMs] of path) {
    if (atMs === undefined || !Number.isFinite(atMs)) continue;
    steps.set(step, atMs - beforeMs);
    beforeMs = atMs;
  }
  const agents = spans.filter(({ program, firstSeenMs }) => program === ALERT_AGENT && firstSeenMs >= fencedAtMs);
  const lives = [...agents, ...deciding].map(({ program, firstSeenMs, lastSeenMs }) => {
    return { program, ms: lastSeenMs - firstSeenMs };
  });
  return { steps, readings: readings.length, lives };
}

/** Median and 95th percentile of each step over all cuts; what each cut had stands in its own line above. */
export function breakdownTable(breakdowns: readonly Breakdown[]): readonly string[] {
  const names = [...new Set(breakdowns.flatMap(({ steps }) => [...steps.keys()]))];
  const rows = names.map((name) => summary(name, valuesOf(breakdowns, name), 'ms'));
  return tableLines([
    ['from the step above to …', 'median', '95th percentile'],
    ...rows,
    summary(
      '(readings at work before the decision)',
      breakdowns.map(({ readings }) => readings),
      '',
    ),
    ...[ALERT_AGENT, ...COMMANDS].map((program) => summary(`(life of ${program})`, livesOf(breakdowns, program), 'ms')),
  ]);
}

function valuesOf(breakdowns: readonly Breakdown[], name: string): readonly number[] {
  return breakdowns.map(({ steps }) => steps.get(name)).filter((ms) => ms !== undefined);
}

function livesOf(breakdowns: readonly Breakdown[], program: string): readonly number[] {
  return breakdowns.flatMap(({ lives }) => lives.filter((each) => each.program === program).map(({ ms }) => ms));
}

function summary(name: string, values: readonly number[], unit: string): readonly string[] {
  const text = (value: number): string => (Number.isNaN(value) ? '-' : `${Math.round(value)} ${unit}`.trim());
  return [name, text(median(values)), text(percentile(values, 95))];
}
