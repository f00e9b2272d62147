import { execFileSync } from 'node:child_process';
import { closeSync, constants, cpSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createCgroup } from '../../cluster/lab/cgroup.ts';
import { LabError } from '../../cluster/lab/lab-error.ts';
import { configOfCompute } from './config-nova.ts';
import {
  computeFolder,
  computesFolder,
  computeService,
  etcFile,
  farmFifo,
  logFile,
  outputFile,
  PYTHON,
  PYTHON_FOLDER,
  readyFile,
  serviceCgroup,
} from './layout.ts';
import type { CloudLayout } from './layout.ts';
import type { CloudPlan } from './plan.ts';
import { startService } from './process.ts';

/** One plain nova-compute, to be started by somebody else, for example in a cluster node's namespaces. */
export interface ComputeCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files and folders that it reads, to be shown at the same paths. */
  readonly reads: readonly string[];
  /** Folders that it writes to: its state and the log. */
  readonly writes: readonly string[];
  /** Is written, with its pid, when it takes messages. */
  readonly readyFile: string;
}

/** Forks nova-compute, nova-conductor and nova-scheduler: importing Nova once costs 3 s of processor time, not each. */
export function startFarm(layout: CloudLayout, plan: CloudPlan): void {
  rmSync(farmFifo(layout), { force: true });
  execFileSync('mkfifo', ['-m', '600', farmFifo(layout)]);
  const argv = [PYTHON, join(PYTHON_FOLDER, 'farm.py'), farmFifo(layout)];
  startService(layout, plan.netns, 'nova-farm', argv, environment(layout, plan));
}

/** It takes orders when it has imported Nova, which takes a busy machine longer than the message broker takes to be up. */
export function takesOrders(layout: CloudLayout): boolean {
  try {
    closeSync(openSync(farmFifo(layout), constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return false;
    throw error;
  }
}

export function startNovaService(layout: CloudLayout, program: 'conductor' | 'scheduler'): void {
  const service = `nova-${program}`;
  order(layout, program, service, ['--config-file', etcFile(layout, 'nova.conf')]);
}

export function startNovaCompute(layout: CloudLayout, host: string): void {
  order(layout, 'compute', computeService(host), optionsOfCompute(layout, host));
}

export function computeCommand(layout: CloudLayout, plan: CloudPlan, host: string): ComputeCommand {
  const service = computeService(host);
  // Where it runs, this repository may not be seen: a node of the cluster's lab has a /tmp of its own.
  const folder = join(layout.dir, 'python');
  cpSync(PYTHON_FOLDER, folder, { recursive: true });
  const script = join(folder, 'nova_service.py');
  const ready = readyFile(layout, service);
  const options = [...optionsOfCompute(layout, host), '--log-file', logFile(layout, service)];
  return {
    argv: [PYTHON, script, 'compute', ready, ...options],
    env: environment(layout, plan),
    reads: [folder, join(layout.dir, 'etc'), computeFolder(layout, host)],
    writes: [computeFolder(layout, host), join(layout.dir, 'log'), join(layout.dir, 'run')],
    readyFile: ready,
  };
}

function optionsOfCompute(layout: CloudLayout, host: string): readonly string[] {
  mkdirSync(join(computeFolder(layout, host), 'lock'), { recursive: true });
  const own = join(computeFolder(layout, host), 'nova.conf');
  writeFileSync(own, configOfCompute(layout, host), { mode: 0o600 });
  const files = [etcFile(layout, 'nova-compute.conf'), own];
  return files.flatMap((file) => ['--config-file', file]);
}

function environment(layout: CloudLayout, plan: CloudPlan): Readonly<Record<string, string>> {
  return {
    LAB_COMPUTES: computesFolder(layout),
    ...(plan.vcpusPerHost === null ? {} : { LAB_VCPUS: String(plan.vcpusPerHost) }),
  };
}

function order(layout: CloudLayout, program: string, service: string, options: readonly string[]): void {
  const cgroup = serviceCgroup(layout, service);
  createCgroup(cgroup);
  rmSync(readyFile(layout, service), { force: true });
  const line = JSON.stringify({
    program,
    cgroup,
    ready: readyFile(layout, service),
    output: outputFile(layout, service),
    options: [...options, '--log-file', logFile(layout, service)],
  });
  // At most PIPE_BUF bytes are written whole, however many processes write.
  if (line.length > 4000) throw new LabError('bad-argument', `the start of ${service} needs too long a line`);
  try {
    const fifo = openSync(farmFifo(layout), constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fifo, `${line}\n`);
    closeSync(fifo);
  } catch (cause) {
    throw new LabError('command-failed', `nobody starts ${service}: the farm does not run`, { cause });
  }
}
