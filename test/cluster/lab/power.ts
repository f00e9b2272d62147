import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createCgroup, isPopulated, joining, killCgroup, setFrozen } from './cgroup.ts';
import { LabError } from './lab-error.ts';
import { consoleFile, initPidFile, nodeCgroup, nodeNetns } from './layout.ts';
import type { Layout } from './layout.ts';
import { CLOUD_ADDRESS, dropLink, plugIn, pullOut } from './network.ts';
import { findNode } from './plan.ts';
import type { Plan } from './plan.ts';

const NODE_INIT = join(import.meta.dirname, 'inside', 'node-init');
const BOOT_DEADLINE_MS = 20_000;

/** The environment of everything that runs in a node. Pacemaker would log to syslog, which the lab has not. */
export const NODE_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  TERM: 'dumb',
  LANG: 'C.UTF-8',
  PCMK_logfile: '/var/log/pacemaker/pacemaker.log',
  PCMK_logfacility: 'none',
  PCMK_authkey_location: '/etc/pacemaker/authkey',
  PCMK_service: 'pacemakerd',
};

export function powerOf(layout: Layout, node: string): 'on' | 'off' {
  return isPopulated(nodeCgroup(layout, node)) ? 'on' : 'off';
}

/** A power cut: the cable goes dead first, then every process at once, then what the kernel kept of the network. */
export async function cutPower(layout: Layout, node: string): Promise<void> {
  if (powerOf(layout, node) === 'on') await dropLink(layout, node);
  await killCgroup(nodeCgroup(layout, node));
  await pullOut(layout, node);
}

/**
 * Switches a node on and returns when its file system stands and its daemons are being started. Does nothing to a node
 * that is on. Throws LabError `boot-failed` with the last words of its console.
 */
export async function powerOn(layout: Layout, plan: Plan, name: string): Promise<void> {
  if (powerOf(layout, name) === 'on') return;
  const node = findNode(plan, name);
  await plugIn(layout, name, node.address);
  const cgroup = nodeCgroup(layout, name);
  createCgroup(cgroup);
  setFrozen(cgroup, 'running');
  const console = openSync(consoleFile(layout, name), 'a');
  const namespaces = ['unshare', '-m', '-u', '-i', '-p', '--fork', '--mount-proc', '--propagation', 'private'];
  const argv = joining(cgroup, ['nsenter', `--net=/run/netns/${nodeNetns(layout, name)}`, ...namespaces, NODE_INIT]);
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    detached: true,
    cwd: '/',
    stdio: ['ignore', console, console, 'pipe'],
    env: {
      ...NODE_ENVIRONMENT,
      LAB_DIR: layout.dir,
      NODE: name,
      ROLE: node.role,
      USR_LAYERS: plan.usrLayers.join(':'),
      CLOUD_ADDRESS,
      CLOUD_PORT: plan.cloudBeatPort === null ? '' : String(plan.cloudBeatPort),
    },
  });
  closeSync(console);
  child.unref();
  await readySignal(child.stdio[3] as Readable, name, layout);
  // nsenter and unshare become each other, so the child's only child is PID 1 of the node.
  const init = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  writeFileSync(initPidFile(layout, name), init);
}

function readySignal(pipe: Readable, node: string, layout: Layout): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => pipe.destroy(), BOOT_DEADLINE_MS);
    pipe.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      // unshare keeps its end open, so the line and not the end of the stream is the sign.
      if (said.includes('\n')) pipe.destroy();
    });
    pipe.on('error', () => {}); // `close` follows and decides
    pipe.on('close', () => {
      clearTimeout(timer);
      if (said === 'ready\n') resolve();
      else reject(new LabError('boot-failed', `${node} does not start: ${lastLines(consoleFile(layout, node))}`));
    });
  });
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-3).join(' / ') || 'its console is empty';
}
