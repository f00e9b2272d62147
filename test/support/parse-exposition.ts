/** What a scrape of Prometheus finds: each family with its samples. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ScrapedSample[];
}

export interface ScrapedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]Inf)$/;
/** By type: what may stand behind the family's name in that of a sample. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  counter: [''],
  summary: ['', '_sum', '_count'],
  histogram: ['_bucket', '_sum', '_count'],
};

/**
 * Reads the text format of Prometheus 0.0.4, and holds it against what `promtool check metrics` wants beside. Throws an
 * Error that names the line.
 */
export function parseExposition(text: string): readonly Family[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end');
  const families: { name: string; type: string; help: string; samples: ScrapedSample[] }[] = [];
  const lines = text.split('\n').slice(0, -1);
  for (const [index, line] of lines.entries()) {
    const wrong = (why: string): Error => new Error(`line ${index + 1}: ${why}: ${line}`);
    const current = families.at(-1);
    const [, help, helpText] = /^# HELP (\S+) (.+)$/.exec(line) ?? [];
    if (help !== undefined && helpText !== undefined) {
      if (!NAME.test(help)) throw wrong('no name of a metric');
      if (families.some(({ name }) => name === help)) throw wrong('a second time');
      if (current?.samples.length === 0) throw wrong('the one before has no sample');
      families.push({ name: help, type: '', help: helpText, samples: [] });
      continue;
    }
    const [, typed, type] = /^# TYPE (\S+) (gauge|counter|summary|histogram)$/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) {
      if (current?.name !== typed || current.type !== '') throw wrong('a type without its help');
      if ((type === 'counter') !== typed.endsWith('_total')) throw wrong('counters end in _total, and nothing else');
      current.type = type;
      continue;
    }
    if (current === undefined || current.type === '') throw wrong('a sample without help and type');
    const sample = readSample(line);
    if (sample === undefined) throw wrong('no sample');
    const parts = PARTS[current.type] ?? [];
    if (!parts.some((part) => sample.name === `${current.name}${part}`)) throw wrong(`not of ${current.name}`);
    const key = keyOf(sample);
    if (current.samples.some((each) => keyOf(each) === key)) throw wrong('the same series twice');
    if (current.type === 'counter' && !(sample.value >= 0)) throw wrong('a counter below nought');
    current.samples.push(sample);
  }
  if (families.at(-1)?.samples.length === 0) throw new Error('the last metric has no sample');
  for (const family of families) if (family.type === 'histogram') checkBuckets(family);
  return families;
}

function readSample(line: string): ScrapedSample | undefined {
  const [, name = '', inBraces = '', value = ''] = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (!NAME.test(name) || !VALUE.test(value)) return undefined;
  const labels: Record<string, string> = {};
  for (let left = inBraces; left !== '';) {
    const [all, label, text = ''] = LABEL.exec(left) ?? [];
    if (all === undefined || label === undefined || Object.hasOwn(labels, label)) return undefined;
    labels[label] = text.replaceAll(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    left = left.slice(all.length);
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

function keyOf({ labels, name }: ScrapedSample): string {
  return JSON.stringify([name, ...Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Each series: bounds that rise, counts that never fall, and a last one, of all, that is what _count says. */
function checkBuckets({ name, samples }: Family): void {
  const series = Map.groupBy(samples, ({ labels: { le: _, ...others } }) => keyOf({ name, labels: others, value: 0 }));
  for (const [key, all] of series) {
    const buckets = all.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels: { le = '' } }) => Number(le.replace('Inf', 'Infinity')));
    const rises = bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? Infinity));
    const grows = buckets.every(({ value }, index) => index === 0 || value >= (buckets[index - 1]?.value ?? Infinity));
    const count = all.find((sample) => sample.name === `${name}_count`)?.value;
    const ends = bounds.at(-1) === Infinity && buckets.at(-1)?.value === count;
    const sum = all.some((sample) => sample.name === `${name}_sum`);
    if (!rises || !grows || !ends || !sum) throw new Error(`the histogram ${key} does not add up`);
  }
}
