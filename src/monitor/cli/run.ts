import type { MonitorConfig } from '../../config/monitor/config.ts';
import { MONITOR_KEY_PATH } from '../../config/paths.ts';
import { isLifeboatError, messageOf } from '../../errors.ts';
import { VERSION } from '../../version.ts';
import type { MonitorStatus } from '../status.ts';
import { askMonitor } from './ask.ts';
import { parseMonitorCommand, type MonitorCommand } from './command.ts';
import { makeKey } from './make-key.ts';
import { statusText } from './show-status.ts';
import { USAGE } from './usage.ts';

export const EXIT = { well: 0, unwell: 1, misuse: 2, unreachable: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface MonitorTerminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Watches this host; resolves when it has begun. */
  readonly watch: (config: MonitorConfig) => Promise<void>;
}

/** Resolves with the exit code; undefined while the monitor runs on. */
export async function runMonitorCommand(
  words: readonly string[],
  terminal: MonitorTerminal,
): Promise<ExitCode | undefined> {
  try {
    return await act(parseMonitorCommand(words), terminal);
  } catch (error) {
    if (!isLifeboatError(error)) throw error;
    // One mistake a line and nothing else, so that an editor can jump to them.
    const isList = error.code === 'CONFIG_INVALID' && words[0] === 'config';
    terminal.error(isList ? `${error.message}\n` : `lifeboat-monitor: ${messageOf(error)}; ${error.hint}\n`);
    return error.code === 'MONITOR_UNREACHABLE' ? EXIT.unreachable : EXIT.unwell;
  }
}

async function act(command: MonitorCommand, terminal: MonitorTerminal): Promise<ExitCode | undefined> {
  const { error, out } = terminal;
  switch (command.verb) {
    case 'run':
      await terminal.watch(await load(command.file, terminal));
      return undefined;
    case 'status': {
      const status = (await askMonitor(command.socket, 'status')) as MonitorStatus;
      out(command.form === 'json' ? `${JSON.stringify(status, null, 2)}\n` : statusText(status));
      return status.concerns.length > 0 ? EXIT.unwell : EXIT.well;
    }
    case 'retry':
    case 'forget': {
      const { count } = (await askMonitor(command.socket, command.verb)) as { readonly count: number };
      out(command.verb === 'retry' ? `${count} are sent again\n` : `${count} are off the list\n`);
      return EXIT.well;
    }
    case 'make-key':
      return makeKeyOf(command, terminal);
    case 'config check':
      await load(command.file, terminal);
      out('the configuration is good\n');
      return EXIT.well;
    case 'config show':
      out(`${JSON.stringify(await load(command.file, terminal), null, 2)}\n`);
      return EXIT.well;
    case 'config example':
      out((await import('../../config/monitor/documents.ts')).monitorExample());
      return EXIT.well;
    case 'config reference':
      out((await import('../../config/monitor/documents.ts')).monitorReference());
      return EXIT.well;
    case 'version':
      out(`lifeboat-monitor ${VERSION}\n`);
      return EXIT.well;
    case 'help':
      out(USAGE);
      return EXIT.well;
    case 'misuse':
      error(`lifeboat-monitor: ${command.reason}; see: lifeboat-monitor help\n`);
      return EXIT.misuse;
  }
}

/** Loaded here: status needs neither the schema nor YAML. */
async function load(file: string | undefined, { environment }: MonitorTerminal): Promise<MonitorConfig> {
  const { loadMonitorConfig, monitorConfigPath } = await import('../../config/monitor/load.ts');
  return loadMonitorConfig(file ?? monitorConfigPath(environment));
}

/** Before there is a configuration too. */
async function makeKeyOf(
  { file, host: named }: Extract<MonitorCommand, { verb: 'make-key' }>,
  terminal: MonitorTerminal,
): Promise<ExitCode> {
  const { existsSync } = await import('node:fs');
  const { monitorConfigPath } = await import('../../config/monitor/load.ts');
  const path = file ?? monitorConfigPath(terminal.environment);
  const config = file !== undefined || existsSync(path) ? await load(path, terminal) : undefined;
  const { novaHostName } = await import('../../gate/machine.ts');
  const keyFile = config?.api.keyFile ?? MONITOR_KEY_PATH;
  terminal.out(`${makeKey(keyFile, novaHostName(named ?? config?.host))}\n`);
  terminal.error(`${keyFile} is written; the line above belongs into api.host_keys_file of every controller\n`);
  return EXIT.well;
}
