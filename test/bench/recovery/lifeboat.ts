import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { socketPath, WAKE_FILE_NAME } from '../../../src/config/paths.ts';
import { askControl } from '../../../src/control/client.ts';
import type { Health, Status } from '../../../src/control/protocol.ts';
import { eventually } from '../../support/eventually.ts';
import { megabytes } from '../process-cost.ts';
import type { Memory, Session, Stage } from './contender.ts';
import { standInForPacemaker } from './pacemaker-stand-in.ts';

const POLL_MS = 100;

/** lifeboatd as it is built, with its defaults, in a process of its own. */
export async function startLifeboat(stage: Stage): Promise<Session> {
  const dir = mkdtempSync(join(stage.dir, 'lifeboat-'));
  const pacemaker = standInForPacemaker(dir, stage.cloud.hosts);
  const [state, run] = [join(dir, 'state'), join(dir, 'run')];
  const config = join(dir, 'lifeboat.yaml');
  writeFileSync(config, configuration(stage, state, run));
  const daemon = startDaemon(stage, { commands: pacemaker.commands, config, log: join(dir, 'lifeboatd.log') });
  const socket = socketPath(run);
  const end = async (): Promise<void> => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  };
  let health: Health;
  try {
    health = await eventually('lifeboatd at rest', () => atRest(daemon, socket, dir), {
      withinMs: 30_000,
      everyMs: POLL_MS,
    });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    async recover(signal) {
      pacemaker.fence();
      // As the alert agent does it.
      appendFileSync(join(run, WAKE_FILE_NAME), 'fencing\n');
      for (;;) {
        const status = await askControl(socket, { op: 'status' }, { timeoutMs: 10_000 });
        if (hasEnded(status)) return;
        await pause(POLL_MS, undefined, { signal });
      }
    },
    memory: () => memoryOf(health.pid),
    end,
  };
}

function configuration({ parallel }: Stage, state: string, run: string): string {
  return [
    `state_directory: ${state}`,
    `runtime_directory: ${run}`,
    `evacuation: { parallel: ${parallel} }`,
    `log: { level: debug }`,
    '',
  ].join('\n');
}

/** In a mount namespace of its own, where only the stand-ins are in /usr/sbin. */
function startDaemon(
  { cloud, proxy, installed }: Stage,
  { commands, config, log }: { readonly commands: string; readonly config: string; readonly log: string },
): ChildProcess {
  const { username, password, projectName, domainName, region } = cloud.account;
  const output = openSync(log, 'a');
  const inside = 'mount --bind "$1" /usr/sbin && exec "$2" --config "$3"';
  const daemon = spawn('unshare', ['--mount', 'sh', '-c', inside, 'sh', commands, installed, config], {
    stdio: ['ignore', output, output],
    env: {
      PATH: '/usr/bin:/bin',
      OS_AUTH_URL: proxy.authUrl,
      OS_USERNAME: username,
      OS_PASSWORD: password,
      OS_PROJECT_NAME: projectName,
      OS_USER_DOMAIN_NAME: domainName,
      OS_PROJECT_DOMAIN_NAME: domainName,
      OS_REGION_NAME: region,
    },
  });
  closeSync(output);
  return daemon;
}

async function atRest(daemon: ChildProcess, socket: string, dir: string): Promise<Health | undefined> {
  if (daemon.exitCode !== null) throw new Error(`lifeboatd ended at once: see ${dir}/lifeboatd.log`);
  const health = await askControl(socket, { op: 'health' }, { timeoutMs: 1_000 }).catch(() => undefined);
  return health?.state === 'active' && health.cloud === 'ok' ? health : undefined;
}

function hasEnded({ recoveries }: Status): boolean {
  return recoveries.some(({ state }) => state === 'recovered' || state === 'failed' || state === 'released');
}

function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    peak: megabytes(status, 'VmHWM'),
    resident: megabytes(status, 'VmRSS'),
    share: megabytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss'),
  };
}
