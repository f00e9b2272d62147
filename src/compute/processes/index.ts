import type { Clock, Logger, Randomness } from '../../ports.ts';
import { openBus } from '../dbus/open-bus.ts';
import type { Watch } from '../notification.ts';
import { HealthSource } from './health-source.ts';
import { commandRunner } from './run-command.ts';
import { checkSettings, type ProcessSettings } from './settings.ts';
import type { ProcessSource } from './source.ts';
import { TableSource } from './table-source.ts';
import { UnitSource } from './unit-source.ts';
import { watchProcesses, type ProcessWatchOptions } from './watch.ts';

export interface HostProcessesOptions extends Pick<ProcessWatchOptions, 'hostname' | 'onNotification' | 'remember'> {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly settings: ProcessSettings;
  /** Default: the system bus of every distribution. */
  readonly busSocket?: string;
}

/** The watch over all processes of this host that are configured. Throws PROCESSES_INVALID, before anything is begun. */
export function watchHostProcesses(options: HostProcessesOptions): Watch {
  const { busSocket, clock, hostname, logger, onNotification, randomness, remember, settings } = options;
  checkSettings(settings);
  const { commands, limits, listed, listedEveryMs, settleMs, units, unitsEveryMs } = settings;
  const run = commandRunner(clock);
  const sources: ProcessSource[] = commands.map((command) => new HealthSource(command, run));
  if (listed.length > 0) {
    sources.push(new TableSource({ run, logger, processes: listed, everyMs: listedEveryMs, settleMs }));
  }
  let stopBus = (): void => {};
  if (units.length > 0) {
    const bus = openBus({ clock, randomness, logger, ...(busSocket !== undefined && { socketPath: busSocket }) });
    stopBus = bus.stop;
    sources.push(new UnitSource({ bus, logger, units, everyMs: unitsEveryMs, settleMs }));
  }
  const watch = watchProcesses({ hostname, clock, logger, onNotification, remember, sources, limits });
  return {
    sight: watch.sight,
    stop: () => {
      watch.stop();
      stopBus();
    },
  };
}
