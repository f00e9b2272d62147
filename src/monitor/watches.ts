import { readFileSync } from 'node:fs';
import { watchGuests } from '../compute/watch-guests.ts';
import { dialLibvirt } from '../compute/libvirt/dial.ts';
import { watchHostProcesses } from '../compute/processes/index.ts';
import { readProcessList, type ListedProcess } from '../compute/processes/process-list.ts';
import { USUAL_UNITS } from '../compute/processes/settings.ts';
import type { MonitorConfig } from '../config/monitor/config.ts';
import { LifeboatError, messageOf } from '../errors.ts';
import type { WatchPlan } from './lookout.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const CONNECT_MS = 5_000;

/** What is watched on this host. The one place where watches are put in. */
export function watchPlans(config: MonitorConfig): readonly WatchPlan[] {
  return [guestsOf(config), processesOf(config)].filter((plan) => plan !== undefined);
}

function guestsOf({ guests }: MonitorConfig): WatchPlan | undefined {
  if (guests.watch === 'nothing') return undefined;
  const { agents, events, socketDirectory } = guests;
  return {
    name: 'guests',
    start: (ports) =>
      watchGuests({
        ...ports,
        rules: events,
        boot: readFileSync(BOOT_ID, 'utf8').trim(),
        dial: dialLibvirt({ clock: ports.clock, folder: socketDirectory, timeoutMs: CONNECT_MS }),
        ...(agents !== undefined && { agents }),
      }),
  };
}

/** Undefined when there is no process to look at. */
function processesOf({ processes }: MonitorConfig): WatchPlan | undefined {
  const { commands, listFile, listedEveryMs, patienceMs, restarts, settleMs, steadyMs, unitsEveryMs } = processes;
  const units = processes.units ?? USUAL_UNITS;
  if (units.length === 0 && commands.length === 0 && listFile === undefined) return undefined;
  return {
    name: 'processes',
    start: (ports) =>
      watchHostProcesses({
        ...ports,
        settings: {
          ...{ units, commands, listedEveryMs, settleMs, unitsEveryMs },
          listed: listFile === undefined ? [] : readList(listFile),
          limits: { steadyMs, patienceMs, restarts },
        },
      }),
  };
}

function readList(path: string): readonly ListedProcess[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new LifeboatError('CONFIG_INVALID', `processes.process_list: ${path} cannot be read: ${messageOf(error)}`);
  }
  return readProcessList(text, path, process.getuid?.() === 0 ? 'root' : 'other');
}
