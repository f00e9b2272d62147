import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isPopulated, processesOf } from '../../cluster/lab/cgroup.ts';
import { runCommand } from '../../cluster/lab/host-command.ts';
import { waitFor } from '../../cluster/lab/wait.ts';
import type { CloudDatabase } from './cloud-lab.ts';
import { dataFolder, databaseSocket, etcFile, serviceCgroup } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import { ENVIRONMENT, runTool, startService, waitForService } from './process.ts';

export const DATABASES: readonly CloudDatabase[] = [
  'keystone',
  'placement',
  'glance',
  'nova',
  'nova_api',
  'nova_cell0',
  'masakari',
];

export type Row = readonly (string | undefined)[];

export async function createDatabase(layout: CloudLayout, netns: string | null): Promise<void> {
  mkdirSync(join(dataFolder(layout), 'mariadb'), { recursive: true, mode: 0o700 });
  // With the socket's credentials instead of a password: only root of this machine is root in there.
  const authentication = '--auth-root-authentication-method=socket';
  const config = `--defaults-file=${etcFile(layout, 'mariadb.cnf')}`;
  await runTool(layout, netns, ['mariadb-install-db', config, authentication, '--skip-test-db', '--user=root']);
}

export async function startDatabase(layout: CloudLayout, netns: string | null): Promise<void> {
  rmSync(databaseSocket(layout), { force: true });
  startService(layout, netns, 'mariadb', ['mariadbd', `--defaults-file=${etcFile(layout, 'mariadb.cnf')}`]);
  await waitForService(layout, 'mariadb', () => isAnswering(layout));
}

/** Cleanly, so that its files can be copied. */
export async function stopDatabase(layout: CloudLayout): Promise<void> {
  const group = serviceCgroup(layout, 'mariadb');
  for (const pid of processesOf(group)) process.kill(pid, 'SIGTERM');
  await waitFor('the end of mariadb', () => !isPopulated(group), { deadlineMs: 60_000, everyMs: 20 });
}

async function isAnswering(layout: CloudLayout): Promise<boolean> {
  if (!existsSync(databaseSocket(layout))) return false;
  const { code } = await client(layout, 'mysql', 'SELECT 1', 'allow-failure');
  return code === 0;
}

/** Runs statements (on stdin, since they may hold passwords) and returns the rows of those that have any. */
export async function query(layout: CloudLayout, database: string, statements: string): Promise<readonly Row[]> {
  const { stdout } = await client(layout, database, statements);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t').map(unescape));
}

function client(layout: CloudLayout, database: string, statements: string, failure?: 'allow-failure') {
  const argv = ['mariadb', '--no-defaults', '-S', databaseSocket(layout), '-u', 'root', '--batch', '-N', database];
  return runCommand(argv, {
    input: statements,
    what: `a statement in ${database}`,
    env: { ...ENVIRONMENT },
    timeoutMs: 60_000,
    allowFailure: failure === 'allow-failure',
  });
}

/** The client's batch mode: NULL for no value; backslash, tab and line break escaped. */
function unescape(field: string): string | undefined {
  if (field === 'NULL') return undefined;
  return field.replaceAll(/\\([\\tn0])/g, (_, sign: string) => ({ t: '\t', n: '\n', '0': '\0' })[sign] ?? sign);
}

/** A text as SQL literal. */
export function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (sign) => `\\${sign}`)}'`;
}

export function list(texts: readonly string[]): string {
  return texts.length === 0 ? '(NULL)' : `(${texts.map(quote).join(', ')})`;
}
