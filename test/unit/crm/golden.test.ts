import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVENTS, readSample, samplesOf } from './samples.ts';
import { summaryOfCib, summaryOfCrmMon, summaryOfFenceHistory } from './summary.ts';

const GOLDEN = join(import.meta.dirname, 'golden');

/** UPDATE_GOLDEN=1 writes the files anew; read the difference before you keep it. */
function compareWithGolden(name: string, lines: readonly string[]): void {
  const path = join(GOLDEN, `${name}.txt`);
  const actual = lines.join('\n') + '\n';
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(path, actual);
  }
  expect(actual).toBe(readFileSync(path, 'utf8'));
}

describe('recordings of real clusters', () => {
  it('are all there', () => {
    expect(EVENTS.length).toBeGreaterThanOrEqual(25);
  });

  it.each(EVENTS)('%s reads as its golden summary says', (event) => {
    compareWithGolden(event, [
      ...samplesOf(event, 'crm_mon').map(({ name, text }) => `${name}: ${summaryOfCrmMon(text)}`),
      ...samplesOf(event, 'stonith_history').map(({ name, text }) => `${name}: ${summaryOfFenceHistory(text)}`),
      ...samplesOf(event, 'cibadmin').map(({ name, text }) => `${name}: ${summaryOfCib(text)}`),
    ]);
  });

  it('startup-unclean-online reads as its golden summary says', () => {
    compareWithGolden('startup-unclean-online', [summaryOfCrmMon(readSample('startup-unclean-online.xml'))]);
  });

  it('config-instance-ha keeps the permanent attributes of its nodes', () => {
    compareWithGolden('config-instance-ha', [summaryOfCib(readSample('config-instance-ha.cib.xml'))]);
  });
});
