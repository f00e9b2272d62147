import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { isAbsolute } from 'node:path';
import { OCF, type Outcome } from '../ocf.ts';
import { findAccount, type Account } from './account.ts';
import { lookAt } from './directories.ts';
import { daemonEnvironment } from './environment.ts';

export interface Installation {
  readonly parameters: {
    readonly config: string;
    readonly user: string;
    readonly group: string;
    readonly log_file: string;
    readonly runtime_directory: string;
    readonly state_directory: string;
  };
  readonly programs: readonly string[];
  /** Prints the configuration as JSON, given its file as the last word. */
  readonly showConfig: readonly [string, ...string[]];
}

export type Validation =
  { readonly outcome: 'valid'; readonly account: Account } | { readonly outcome: 'invalid'; readonly failure: Outcome };

/**
 * Everything that can be known before the daemon is started. What is wrong only on this node ends in a code that keeps
 * the resource off this node, never in 6, which would keep it off all of them.
 */
export function validateInstallation(installation: Installation): Validation {
  const { user, group, ...paths } = installation.parameters;
  for (const [name, path] of Object.entries(paths)) {
    if (!isAbsolute(path)) return invalid(OCF.badArguments, `parameter ${name} must be an absolute path`);
  }
  for (const program of installation.programs) {
    if (!isExecutable(program))
      return invalid(OCF.notInstalled, `${program} is missing; install Lifeboat on this node`);
  }
  const account = findAccount(user, group);
  if ('missing' in account) return invalid(OCF.notInstalled, `this node has no ${account.missing}`);
  for (const name of ['runtime_directory', 'state_directory'] as const) {
    const path = paths[name];
    if (lookAt(path, account) === 'refused') {
      return invalid(
        OCF.badArguments,
        `${name} ${path} is not a directory of ${user} alone; name another, or a new one`,
      );
    }
  }
  return checkConfig(installation, account);
}

/** Read by the user that the daemon will be: a file that only root can read fails here and not later. */
function checkConfig({ parameters, showConfig }: Installation, account: Account): Validation {
  const { config, runtime_directory, state_directory } = parameters;
  const [command, ...words] = showConfig;
  const check = spawnSync(command, [...words, config], {
    ...account,
    cwd: '/',
    env: daemonEnvironment(process.env),
    encoding: 'utf8',
    timeout: 15_000,
  });
  if (check.error !== undefined) return invalid(OCF.failed, `${command} cannot be run: ${check.error.message}`);
  if (check.status !== 0) return invalid(OCF.badArguments, `configuration: ${firstLine(check.stderr)}`);
  const { runtimeDirectory, stateDirectory } = JSON.parse(check.stdout) as Record<string, unknown>;
  if (runtimeDirectory !== runtime_directory) return differs('runtime_directory', config);
  if (stateDirectory !== state_directory) return differs('state_directory', config);
  return { outcome: 'valid', account };
}

function differs(name: string, config: string): Validation {
  return invalid(OCF.badArguments, `${name} in ${config} and the parameter of this resource must be the same`);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function invalid(code: Outcome['code'], reason: string): Validation {
  return { outcome: 'invalid', failure: { code, reason } };
}
