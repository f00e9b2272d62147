import { exampleOf } from '../example.ts';
import { referenceOf } from '../reference.ts';
import { monitorSchema } from './schema.ts';

/** The example of monitor.yaml. */
export function monitorExample(): string {
  return exampleOf(
    monitorSchema,
    'Configuration of lifeboat-monitor, on a compute host. Check an edited one with "lifeboat-monitor config check FILE". ' +
      'Durations are written as 500ms, 5s, 2m, 1h or 30d. No secret belongs in here.',
  );
}

/** The reference page of monitor.yaml, in Markdown. */
export function monitorReference(): string {
  return referenceOf(monitorSchema, [
    '# Configuration of the monitor',
    'Made by `lifeboat-monitor config reference` from the schema that checks `/etc/lifeboat/monitor.yaml`. The file is ' +
      'YAML; a key that is not here is refused. Every key may be left out.',
  ]);
}
