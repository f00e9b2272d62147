import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { isAbsolute } from 'node:path';
import { COMMAND, DAEMON, RUNTIME } from '../installed.ts';
import { OCF, type Outcome } from '../ocf.ts';
import { findAccount, type Account } from './account.ts';
import { daemonEnvironment } from './daemon-environment.ts';
import { lookAt } from './directories.ts';
import type { Call } from './parameters.ts';

export type Validation =
  { readonly outcome: 'valid'; readonly account: Account } | { readonly outcome: 'invalid'; readonly failure: Outcome };

/**
 * Everything that can be known before the daemon is started. What is wrong only on this node ends in a code that keeps
 * the resource off this node, never in 6, which would keep it off all of them.
 */
export function validate(call: Call): Validation {
  const { user, group, ...paths } = call.parameters;
  for (const [name, path] of Object.entries(paths)) {
    if (!isAbsolute(path)) return invalid(OCF.badArguments, `parameter ${name} must be an absolute path`);
  }
  for (const program of [RUNTIME, DAEMON, COMMAND]) {
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
  return checkConfig(call, account);
}

/** Read by the user that the daemon will be: a file that only root can read fails here and not later. */
function checkConfig(call: Call, account: Account): Validation {
  const { config, runtime_directory, state_directory } = call.parameters;
  const check = spawnSync(COMMAND, ['config', 'show', config], {
    ...account,
    cwd: '/',
    env: daemonEnvironment(process.env),
    encoding: 'utf8',
    timeout: 15_000,
  });
  if (check.error !== undefined) return invalid(OCF.failed, `${COMMAND} cannot be run: ${check.error.message}`);
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
