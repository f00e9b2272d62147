import { format } from 'prettier';
import { monitorReference } from '../../src/config/monitor/documents.ts';
import { configReference } from '../../src/config/reference.ts';
import { errorReference } from './error-reference.ts';
import { guestEventsPage } from './guest-events-page.ts';
import { instanceStatesPage } from './instance-states-page.ts';
import { metricsPage } from './metrics-page.ts';
import { migratingPage } from './migrating-page.ts';
import { safetyPage } from './safety-page.ts';

export interface Page {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** Every page of docs/ that is made from the code, as it should stand in the repository. */
export async function generatedPages(): Promise<readonly Page[]> {
  return [
    await page('docs/configuration.md', 'src/config/schema.ts', configReference()),
    await page('docs/monitor-configuration.md', 'src/config/monitor/schema.ts', monitorReference()),
    await page('docs/errors.md', 'src/errors.ts', errorReference()),
    await page('docs/guest-events.md', 'src/compute/guests/event-table.ts', guestEventsPage()),
    await page('docs/instance-states.md', 'test/samples/openstack/instance-states.json', instanceStatesPage()),
    await page('docs/metrics.md', 'src/api/metrics/metrics.ts', metricsPage()),
    await page('docs/migrating-from-masakari.md', 'scripts/docs/migrating-page.ts', migratingPage()),
    await page('docs/safety.md', 'test/safety/cuts.ts', safetyPage()),
  ];
}

/** Formatted as the rest of the repository is, so that Prettier finds nothing to change in it. */
async function page(path: string, source: string, body: string): Promise<Page> {
  const origin = `<!-- Made from ${source} by: node scripts/docs.ts. Change that file, not this one. -->`;
  const text = await format(`${origin}\n\n${body}`, { parser: 'markdown', printWidth: 120, singleQuote: true });
  return { path, text };
}
