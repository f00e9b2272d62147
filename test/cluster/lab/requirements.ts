import { accessSync, constants, existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LifeboatError } from '../../../src/errors.ts';
import { cgroupMount } from './layout.ts';

/** Throws LifeboatError LAB_UNAVAILABLE, with the reason, on a machine that cannot carry a lab. Changes nothing. */
export function checkMachine(): void {
  if (process.platform !== 'linux') throw unavailable(`the lab needs Linux, this is ${process.platform}`);
  if (process.getuid?.() !== 0) throw unavailable('the lab needs root: it makes namespaces and control groups');
  for (const tool of ['ip', 'nsenter', 'unshare', 'mount']) {
    if (!isInPath(tool)) throw unavailable(`the command "${tool}" is missing (packages iproute2, util-linux, mount)`);
  }
  if (!existsSync('/proc/self/ns/net')) throw unavailable('this kernel has no network namespaces');
  checkCgroups();
}

export function unavailable(reason: string, cause?: unknown): LifeboatError {
  return new LifeboatError('LAB_UNAVAILABLE', reason, { cause });
}

export function isInPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function checkCgroups(): void {
  const mount = cgroupMount();
  if (!existsSync(join(mount, 'cgroup.procs'))) throw unavailable(`no cgroup v2 is mounted (looked at ${mount})`);
  const trial = join(mount, `lifeboat-lab-trial.${process.pid}`);
  try {
    mkdirSync(trial);
  } catch (cause) {
    throw unavailable(`cgroup v2 at ${mount} cannot be written; a container needs --privileged`, cause);
  }
  const complete = existsSync(join(trial, 'cgroup.kill')) && existsSync(join(trial, 'cgroup.freeze'));
  rmdirSync(trial);
  if (!complete) throw unavailable('cgroup v2 lacks cgroup.kill or cgroup.freeze; Linux 5.14 has both');
}
