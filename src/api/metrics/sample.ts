import type { LabelsOf, MetricName } from './metrics.ts';

/** One line of the exposition. */
export interface Sample {
  readonly name: MetricName;
  /** Of the parts of a histogram or a summary. */
  readonly part: '' | '_bucket' | '_sum' | '_count';
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function sample<Name extends MetricName>(name: Name, labels: LabelsOf<Name>, value: number): Sample {
  return { name, part: '', labels, value };
}

/** One sample for each of the values, 0 where nothing has it: a series that comes and goes is hard to alert on. */
export function samplesByState<Name extends MetricName, Label extends keyof LabelsOf<Name> & string>(
  name: Name,
  label: Label,
  values: readonly string[],
  found: readonly string[],
): readonly Sample[] {
  const counts = new Map(values.map((value) => [value, 0]));
  for (const value of found) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ name, part: '', labels: { [label]: value }, value: count }));
}
