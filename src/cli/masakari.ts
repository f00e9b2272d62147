import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { configFromText, configPath, loadConfig } from '../config/load.ts';
import { askControl } from '../control/client.ts';
import type { Order } from '../control/protocol.ts';
import { readStore } from '../daemon/open-store.ts';
import { systemClock } from '../edge/clock.ts';
import { systemRandomness } from '../edge/randomness.ts';
import { LifeboatError, messageOf } from '../errors.ts';
import { exportCommands } from '../masakari/export/commands.ts';
import { readHoldings } from '../masakari/export/read-holdings.ts';
import { exportSql } from '../masakari/export/sql.ts';
import { describeImport, importJson } from '../masakari/import/describe.ts';
import { importMasakari, type EngineDoor } from '../masakari/import/import.ts';
import type { Logger } from '../ports.ts';
import type { ExportCommand, ImportCommand } from './command.ts';
import { EXIT, type ExitCode, type Terminal } from './run.ts';

const PATIENCE_MS = 60_000;

/** Moves in from Masakari: shows what would be brought in, or has the engine bring it in. Unwell: something stands against it. */
export async function moveIn(command: ImportCommand, terminal: Terminal, by: string): Promise<ExitCode> {
  const config = configOf(command.config, terminal);
  const report = await importMasakari(command, {
    readStore: () => storeOf(config, terminal),
    engine: engineBehind(command.socket, by),
    nowMs: terminal.nowMs,
    retentionMs: config.store.retentionMs,
  });
  terminal.out(command.form === 'json' ? importJson(report) : describeImport(report));
  const { outcome } = report;
  const isRefused = outcome.kind === 'refused' || (outcome.kind === 'planned' && outcome.obstacles.length > 0);
  return isRefused ? EXIT.unwell : EXIT.well;
}

/** Moves out to Masakari: writes what its database and its client need. The engine may be at work. */
export async function moveOut(command: ExportCommand, terminal: Terminal): Promise<ExitCode> {
  const store = await storeOf(configOf(command.config, terminal), terminal);
  if (store === undefined)
    throw new LifeboatError('STORE_UNUSABLE', 'the store has nothing in it yet: there is nothing to move out');
  try {
    const { holdings, left } = await readHoldings(store);
    const sql = join(command.to, 'masakari.sql');
    const commands = join(command.to, 'segments.sh');
    write(command.to, sql, exportSql(holdings, command.schema));
    write(command.to, commands, exportCommands(holdings));
    const { hosts, notifications, segments, vmoves } = holdings;
    terminal.out(
      `${segments.length} segments, ${hosts.length} hosts, ${notifications.length} notifications, ${vmoves.length} moves\n` +
        `${sql}: for an empty database of Masakari with the schema of ${command.schema}\n` +
        `${commands}: segments and hosts for its API, where they get other uuids\n` +
        left.map((line) => `stays behind: ${line}\n`).join(''),
    );
    return EXIT.well;
  } finally {
    await store.close();
  }
}

/** Who looks before anything is installed has no file yet. */
function configOf(file: string | undefined, { environment }: Terminal): Config {
  const path = file ?? configPath(environment);
  return file === undefined && !existsSync(path) ? configFromText('', path) : loadConfig(path);
}

function storeOf(config: Config, terminal: Terminal): ReturnType<typeof readStore> {
  const { environment } = terminal;
  const logger = spoken(terminal);
  return readStore(config, { clock: systemClock, randomness: systemRandomness, environment, logger });
}

function engineBehind(socket: string, by: string): EngineDoor {
  const tell = async (order: Extract<Order, { op: 'import' | 'import-history' }>): Promise<string> => {
    const { lines, outcome } = await askControl(socket, order, { timeoutMs: PATIENCE_MS });
    if (outcome === 'done') return lines.join('\n');
    throw new LifeboatError('NOT_ALLOWED', `the engine refuses: ${lines.join('; ')}`);
  };
  return {
    importSegment: (segment) => tell({ op: 'import', by, segment }),
    importHistory: (notifications) => tell({ op: 'import-history', by, notifications }),
  };
}

function write(folder: string, path: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    throw new LifeboatError('CONFIG_INVALID', `${path} cannot be written: ${messageOf(error)}`);
  }
}

/** Warnings of the store are for who typed the command. */
function spoken({ error }: Terminal): Logger {
  const say = (_fields: unknown, message: string): void => {
    error(`lifeboat: ${message}\n`);
  };
  return { debug: () => undefined, info: () => undefined, warn: say, error: say };
}
