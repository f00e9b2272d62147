import type { Verdict } from '../bridge/verdict.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import { owedByMarks } from './rebuild.ts';
import { keepsOut } from './recovery.ts';
import type { Runs } from './runs.ts';
import type { Services } from './services.ts';
import type { Store } from './store/store.ts';
import type { Suspects } from './suspects.ts';
import { takeUp } from './take-up.ts';

export interface FormerEnginePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomness: Randomness;
  readonly runs: Runs;
  readonly services: Services;
  readonly suspects: Suspects;
  readonly verdictOf: (node: string) => Verdict | undefined;
}

/** What a former engine left, here or on another controller: its marks in Nova, and open recoveries in the store. */
export async function takeUpFrom(ports: FormerEnginePorts): Promise<void> {
  await adoptMarked(ports);
  for (const run of ports.runs.values()) {
    if (ports.runs.isRunning(run) || !keepsOut(run.recovery)) continue;
    const service = ports.services.get(run.recovery.host);
    const verdict = ports.verdictOf(run.recovery.node);
    const found = takeUp(run.recovery, service, verdict, ports.clock.now());
    if (found.kind === 'released') await run.end('released', found.reason);
    if (found.kind === 'close') await run.end('superseded', found.reason);
    if (found.kind === 'ended') await run.endAsElsewhere(found.elsewhere);
  }
}

async function adoptMarked(ports: FormerEnginePorts): Promise<void> {
  const { clock, logger, randomness, runs, services, store, suspects } = ports;
  const owed = owedByMarks(services.all, clock.now(), randomness);
  await suspects.adopt(owed.suspects);
  for (const { notification, recovery } of owed.recoveries) {
    if (runs.keepsOut(recovery.host)) continue;
    if ((await store.addRecovery(notification, recovery)) === 'known') continue;
    logger.warn(
      { host: recovery.host },
      `${recovery.host} is kept out by a former engine: its recovery is taken up from Nova`,
    );
    runs.adopt(recovery, []);
  }
}
