import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** Debian's client belongs to it; another Python may come first in PATH. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = join(import.meta.dirname, 'every-command.py');

export interface Command {
  /** Later commands take from what it showed: {as.field}. */
  readonly as: string;
  readonly words: readonly string[];
}

export interface CommandOutcome {
  readonly as: string;
  /** 0, or what the client ends with. */
  readonly status: number;
  /** A row, rows, or the text as it is. */
  readonly shown: unknown;
  readonly said: string;
}

const STARTED = '{"event": "STARTED", "cluster_status": "ONLINE", "host_status": "NORMAL"}';
const REPORT = ['COMPUTE_HOST', 'compute-4', '2026-11-22T06:38:18', STARTED];
const JSON_OUT = ['-f', 'json'];

/** Every command of python-masakariclient, in an order in which each has something to do; the names are the recordings'. */
export const EVERY_COMMAND: readonly Command[] = [
  command('segment', 'segment', 'create', 'cap-seg', 'auto', 'COMPUTE', '--description', 'made for captures'),
  command('segment again', 'segment', 'create', 'cap-seg', 'auto', 'COMPUTE'),
  command('segment shown', 'segment', 'show', '{segment.uuid}'),
  command('segments', 'segment', 'list'),
  command('segment changed', 'segment', 'update', '{segment.uuid}', '--name', 'cap-seg2', '--description', 'changed'),
  command('host', 'segment', 'host', 'create', 'compute-4', 'COMPUTE', 'SSH', '{segment.uuid}'),
  command('host again', 'segment', 'host', 'create', 'compute-4', 'COMPUTE', 'SSH', '{segment.uuid}'),
  command('host unknown', 'segment', 'host', 'create', 'nosuch', 'COMPUTE', 'SSH', '{segment.uuid}'),
  command('host shown', 'segment', 'host', 'show', '{segment.uuid}', '{host.uuid}'),
  command(
    'reserved',
    'segment',
    'host',
    'create',
    'compute-5',
    'COMPUTE',
    'SSH',
    '{segment.uuid}',
    '--reserved',
    'True',
  ),
  command('hosts', 'segment', 'host', 'list', '{segment.uuid}'),
  command('maintenance', 'segment', 'host', 'update', '{segment.uuid}', '{host.uuid}', '--on_maintenance', 'True'),
  command(
    'maintenance over',
    'segment',
    'host',
    'update',
    '{segment.uuid}',
    '{host.uuid}',
    '--on_maintenance',
    'False',
  ),
  command('notification', 'notification', 'create', ...REPORT),
  command('notification again', 'notification', 'create', ...REPORT),
  command('notification shown', 'notification', 'show', '{notification.notification_uuid}'),
  command('notifications', 'notification', 'list'),
  { as: 'host gone', words: ['segment', 'host', 'delete', '{segment.uuid}', '{host.uuid}'] },
  { as: 'reserved gone', words: ['segment', 'host', 'delete', '{segment.uuid}', '{reserved.uuid}'] },
  { as: 'segment gone', words: ['segment', 'delete', '{segment.uuid}'] },
];

function command(as: string, ...words: readonly string[]): Command {
  return { as, words: [...words, ...JSON_OUT] };
}

/** With these OS_* variables. */
export function runCommands(
  commands: readonly Command[],
  environment: Readonly<Record<string, string>>,
): Promise<readonly CommandOutcome[]> {
  return new Promise((resolve, reject) => {
    const options = {
      env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', ...environment },
      timeout: 100_000,
    };
    const child = execFile(PYTHON, [SCRIPT], options, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`${error.message}\n${stderr.slice(-3_000)}`));
      else resolve(JSON.parse(stdout) as readonly CommandOutcome[]);
    });
    child.stdin?.end(JSON.stringify(commands));
  });
}
