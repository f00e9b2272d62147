import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MonitorConfig } from '../config/monitor/config.ts';
import { monitorSocketPath } from '../config/paths.ts';
import { systemClock } from '../edge/clock.ts';
import { createLogger } from '../edge/log.ts';
import { tellSystemd } from '../edge/tell-systemd.ts';
import { systemRandomness } from '../edge/randomness.ts';
import { novaHostName } from '../gate/machine.ts';
import { VERSION } from '../version.ts';
import type { WatchPlan } from './lookout.ts';
import { startMonitor } from './monitor.ts';
import { openDelivery } from './open-delivery.ts';
import { fileMemory } from './remember.ts';
import { openJournalFile } from './spool/journal-file.ts';

/** Builds the real ports and starts the monitor of this host; it ends with the process. Throws what startMonitor throws. */
export async function watchThisHost(config: MonitorConfig, plans: readonly WatchPlan[]): Promise<void> {
  const { runtimeDirectory, stateDirectory } = config;
  const logger = createLogger(config.log.level);
  for (const ignored of ['SIGHUP', 'SIGPIPE'] as const) process.on(ignored, () => undefined);
  process.umask(0o027);
  for (const directory of [stateDirectory, runtimeDirectory]) mkdirSync(directory, { recursive: true, mode: 0o750 });
  const ports = { clock: systemClock, randomness: systemRandomness, logger };
  const monitor = await startMonitor({
    ...ports,
    hostname: novaHostName(config.host),
    version: VERSION,
    pid: process.pid,
    socketPath: monitorSocketPath(runtimeDirectory),
    maxReports: config.spool.maxReports,
    plans,
    deliver: await openDelivery(config, { ...ports, environment: process.env }),
    openJournal: () => openJournalFile(join(stateDirectory, 'spool', 'journal')),
    memoryOf: (name) => fileMemory(join(stateDirectory, `${name}.memory`)),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, `lifeboat-monitor stops: ${signal}`);
      void monitor.stop().finally(() => process.exit(0));
    });
  }
  tellSystemd('READY=1', process.env);
}
