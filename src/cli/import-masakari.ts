import { readFileSync } from 'node:fs';
import { askControl } from '../control/client.ts';
import { LifeboatError } from '../errors.ts';
import { parseDatabaseUrl } from '../masakari/database-url.ts';
import { describeImport } from '../masakari/describe-import.ts';
import { mapOptions } from '../masakari/options.ts';
import { optionOf, parseOsloConf } from '../masakari/oslo-conf.ts';
import { planImport, type ImportPlan, type ImportableSegment } from '../masakari/plan-import.ts';
import { readMasakari } from '../masakari/read-database.ts';
import type { ImportCommand } from './command.ts';
import { EXIT, type ExitCode, type Terminal } from './run.ts';

const PATIENCE_MS = 60_000;

/** Tells what of Masakari would be brought in; with --apply it is, through the engine that runs. */
export async function importMasakari(command: ImportCommand, terminal: Terminal, by: string): Promise<ExitCode> {
  const plan = await read(command.conf);
  if (command.form === 'json') terminal.out(`${JSON.stringify(shownOf(plan), undefined, 2)}\n`);
  else terminal.out(describeImport(plan));
  if (!command.apply) {
    if (command.form === 'table') terminal.out('\nnothing was changed; to bring the segments in: --apply\n');
    return plan.obstacle === undefined ? EXIT.well : EXIT.unwell;
  }
  if (plan.obstacle !== undefined && !command.evenIfRunning) {
    terminal.error('lifeboat: nothing was changed, for that; or: --apply --even-if-running\n');
    return EXIT.unwell;
  }
  return apply(plan.segments, command.socket, terminal, by);
}

async function apply(
  segments: readonly ImportableSegment[],
  socket: string,
  terminal: Terminal,
  by: string,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.well;
  for (const segment of segments) {
    const { lines, outcome } = await askControl(socket, { op: 'import', by, segment }, { timeoutMs: PATIENCE_MS });
    if (outcome === 'done') terminal.out(`${lines.join('\n')}\n`);
    else terminal.error(`lifeboat: refused: ${lines.join('\n')}\n`);
    if (outcome !== 'done') code = EXIT.unwell;
  }
  return code;
}

async function read(path: string): Promise<ImportPlan> {
  const conf = parseOsloConf(readText(path), path);
  const connection = optionOf(conf, 'database', 'connection');
  if (connection === undefined) {
    throw new LifeboatError('CONFIG_INVALID', `${path}: [database] connection is missing`);
  }
  const records = await readMasakari(parseDatabaseUrl(connection, path));
  return planImport(records, mapOptions(conf));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new LifeboatError('CONFIG_INVALID', `${path}: cannot be read (${code})`);
  }
}

function shownOf({ obstacle, options, remarks, segments }: ImportPlan): object {
  return { segments, remarks, obstacle, yaml: Object.fromEntries(options.yaml), left: options.left };
}
