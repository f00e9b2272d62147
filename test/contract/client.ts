import { systemClock } from '../../src/edge/clock.ts';
import type { Credentials } from '../../src/openstack/credentials.ts';
import { novaCloud } from '../../src/openstack/nova.ts';
import type { NovaCloud } from '../../src/openstack/nova.ts';
import type { Timings } from '../../src/openstack/timings.ts';

/** Fast enough for a test, slow enough for a loaded machine. */
const TIMINGS: Partial<Timings> = {
  connectMs: 5_000,
  requestMs: 20_000,
  backoffMs: 5,
  maxBackoffMs: 20,
  budgetMs: 10_000,
};

/** A client whose log nobody reads: what a test wants to know it asks the proxy. */
export function contractClient(credentials: Credentials, timings: Partial<Timings> = {}): NovaCloud {
  const quiet = (): void => undefined;
  return novaCloud({
    credentials,
    clock: systemClock,
    randomness: { next: () => 0.5, uuid: () => '00000000-0000-4000-8000-000000000000' },
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    timings: { ...TIMINGS, ...timings },
  });
}
