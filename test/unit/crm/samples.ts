import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Recordings of real clusters (Pacemaker 2.1.5): one folder per event, see the README there. */
const SAMPLES = join(import.meta.dirname, '../../samples/pacemaker');

export interface Sample {
  readonly name: string;
  readonly text: string;
}

export const EVENTS: readonly string[] = readdirSync(SAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

export function samplesOf(event: string, prefix: string): readonly Sample[] {
  return readdirSync(join(SAMPLES, event))
    .filter((name) => name.startsWith(prefix))
    .sort()
    .map((name) => ({ name, text: readSample(`${event}/${name}`) }));
}

export function readSample(path: string): string {
  return readFileSync(join(SAMPLES, path), 'utf8');
}

/** The environments of alerts.txt: each begins with an @@ line. */
export function alertsOf(event: string): readonly Readonly<Record<string, string>>[] {
  return samplesOf(event, 'alerts.txt').flatMap(({ text }) =>
    text
      .split(/^@@ .*$/m)
      .map((block) =>
        Object.fromEntries(block.split('\n').flatMap((line) => (line.includes('=') ? [splitOnce(line)] : []))),
      )
      .filter((environment) => Object.keys(environment).length > 0),
  );
}

function splitOnce(line: string): readonly [string, string] {
  const equals = line.indexOf('=');
  return [line.slice(0, equals), line.slice(equals + 1)];
}
