import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { askBmc, readPowerLog, startBmc } from './bmc-client.ts';
import { parseBmcMode } from './bmc-mode.ts';
import type { Power, PowerEvent } from './bmc-protocol.ts';
import { createCgroup, isPopulated, killNamed, processesNamed, processesRunning, setFrozen } from './cgroup.ts';
import { initialCib } from './cib.ts';
import { corosyncConf } from './corosync-conf.ts';
import { missingNodes, parseCrmMon, parseFencingHistory } from './crm-mon.ts';
import type { FencingRecord } from './crm-mon.ts';
import { execInNode, initOf, spawnInNode, spawnInSwitch } from './exec.ts';
import type { ExecOptions, LabProcess, SpawnOptions } from './exec.ts';
import { runCommand } from './host-command.ts';
import type { CommandResult } from './host-command.ts';
import { LabError } from './lab-error.ts';
import { createNodeDisk, createSharedLayers, createUsrLayers } from './layers.ts';
import { bmcFolder, consoleFile, layoutOf, nodeCgroup, nodeDisk, powerLogFile, switchCgroup } from './layout.ts';
import type { Layout } from './layout.ts';
import { CLOUD_ADDRESS, createSwitch, cutOff, reconnect } from './network.ts';
import { checkOptions, nodesOf } from './options.ts';
import type { LabNode, LabOptions } from './options.ts';
import { ensurePackages } from './packages.ts';
import { findNode, ownerOf, readPlan, writePlan } from './plan.ts';
import type { Plan } from './plan.ts';
import { refuseLabInUse, removeLab } from './removal.ts';
import { waitFor } from './wait.ts';

/** A running cluster. All methods throw LabError; `unknown-node` for a name that is no node of it. */
export interface Lab {
  readonly name: string;
  readonly dir: string;
  readonly nodes: readonly LabNode[];
  /** The cloud's address: all nodes reach it, except those cut off or without power. */
  readonly cloudAddress: string;

  /** Runs a command in a node to its end. */
  exec(node: string, argv: readonly string[], options?: ExecOptions): Promise<CommandResult>;
  /** Starts a long-running command in a node. */
  spawn(node: string, argv: readonly string[], options?: SpawnOptions): LabProcess;
  /** This machine's pids of what runs in a node, chosen by the command line. None while it has no power. */
  processes(node: string, matches: (commandLine: string) => boolean): readonly number[];
  /** Where this machine sees a file of a node. Throws `node-off` while it has no power. */
  fileOf(node: string, path: string): string;
  /** Starts a process of this machine in the switch's network, where `cloudAddress` is its own. */
  spawnInSwitch(argv: readonly string[], options?: SpawnOptions): LabProcess;

  /** Power cut. The peers hear nothing more, not even a FIN. */
  kill(node: string): Promise<void>;
  powerOn(node: string): Promise<void>;
  /** Only the cluster's daemons die, by SIGKILL; the host and what else runs on it live on. */
  crash(node: string): Promise<void>;
  /** Starts the daemons again after `crash`. */
  startDaemons(node: string): Promise<void>;
  /** The whole host stands still, as with a hung kernel. */
  freeze(node: string): void;
  thaw(node: string): void;
  /** Cuts these nodes off from the rest and from the cloud; they see each other. A reboot does not mend it. */
  partition(...nodes: readonly string[]): Promise<void>;
  heal(...nodes: readonly string[]): Promise<void>;
  /** Clean shutdown, then power off. Resolves when the node is off. */
  stop(node: string): Promise<void>;
  /** Sets how the BMC treats fencing of a node, or of all with `*`: see bmc-mode.ts. */
  bmc(node: string, mode: string): Promise<void>;
  /** Ends nova-compute (or its stand-in, or the gate that it waits behind) on a compute node; the host lives on. */
  stopNovaCompute(node: string): void;
  /** Starts it with a new boot id, in place of a running one. */
  startNovaCompute(node: string): void;

  /** Waits until these nodes (default all) are online, clean, and remote ones connected. */
  waitOnline(options?: { readonly deadlineMs?: number; readonly nodes?: readonly string[] }): Promise<void>;
  /** Waits until at least so many nodes are online in that sense. */
  waitCount(count: number, options?: { readonly deadlineMs?: number }): Promise<void>;
  /**
   * Waits until the DC has nothing left to do. Before that a failure is handled late: Pacemaker fences only when the
   * running transition's actions have returned.
   */
  waitIdle(options?: { readonly deadlineMs?: number }): Promise<void>;
  power(): Promise<Readonly<Record<string, Power>>>;
  /** What truly happened to the nodes' power, oldest first. */
  powerLog(): readonly PowerEvent[];
  /** crm_mon's text as this controller sees it; default the first that answers. */
  crmMon(node?: string): Promise<string>;
  crmMonXml(node?: string): Promise<string>;
  fencingHistory(node?: string): Promise<readonly FencingRecord[]>;
  /** Copies all nodes' logs, their consoles and the power log into a folder. */
  keepLogs(folder: string): void;
  /** Ends everything and removes every trace. */
  down(): Promise<void>;
}

/**
 * Starts a cluster. What a killed run of the same name left is removed first. Throws LifeboatError LAB_UNAVAILABLE on a
 * machine that cannot carry one, LabError `in-use` when the name is taken; a start that fails leaves nothing behind.
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  checkOptions(options);
  const layout = layoutOf(options.name ?? 'lab', options.dir);
  const packages = await ensurePackages();
  refuseLabInUse(layout);
  await removeLab(layout);
  try {
    const plan = await createLab(layout, options, packages.remoteUsr);
    const lab = connectLab(layout, plan);
    await Promise.all(plan.nodes.map((node) => lab.powerOn(node.name)));
    if (options.until !== 'booted') {
      const deadlineMs = options.deadlineMs ?? 60_000 + 1000 * plan.nodes.length;
      await lab.waitOnline({ deadlineMs });
      await lab.waitIdle({ deadlineMs });
    }
    return lab;
  } catch (error) {
    await removeLab(layout);
    throw error;
  }
}

/** A lab that another process started. Throws LabError `not-up`. */
export function openLab(name: string, dir?: string): Lab {
  const layout = layoutOf(name, dir);
  if (!isPopulated(layout.cgroup)) throw new LabError('not-up', `no lab "${name}" is up`);
  return connectLab(layout, readPlan(layout));
}

async function createLab(layout: Layout, options: LabOptions, remoteUsr: string): Promise<Plan> {
  const nodes = nodesOf(options);
  const cib = initialCib(nodes, options.cib);
  mkdirSync(bmcFolder(layout), { recursive: true });
  const plan: Plan = {
    nodes,
    usrLayers: createUsrLayers(layout, [...(options.overlay ?? []), remoteUsr]),
    cloudBeatPort: options.cloudBeat?.port ?? null,
    owner: ownerOf(options.owner ?? 'process'),
  };
  writePlan(layout, plan);
  createSharedLayers(layout, {
    corosyncConf: corosyncConf(
      nodes.filter((node) => node.role === 'controller'),
      options.tokenMs ?? 1000,
    ),
    hosts: ['127.0.0.1 localhost', ...nodes.map((node) => `${node.address} ${node.name}`), ''].join('\n'),
    authkey: randomBytes(4096),
  });
  for (const node of nodes) createNodeDisk(layout, node, cib, options.files ?? []);
  createCgroup(switchCgroup(layout));
  await Promise.all([checkCib(cib), createSwitch(layout), startBmc(layout)]);
  return plan;
}

async function checkCib(cib: string): Promise<void> {
  const schema = '/usr/share/pacemaker/pacemaker-3.9.rng';
  const result = await runCommand(['xmllint', '--noout', '--relaxng', schema, '-'], { input: cib, allowFailure: true });
  if (result.code === 0) return;
  throw new LabError('bad-argument', `Pacemaker's schema refuses the configuration: ${result.stderr.trim()}`);
}

function connectLab(layout: Layout, plan: Plan): Lab {
  const check = (name: string): string => findNode(plan, name).name;
  const group = (name: string): string => nodeCgroup(layout, check(name));
  const byHand = async (op: 'on' | 'off', node: string): Promise<void> => {
    await askBmc(layout, { op, node: check(node), by: 'hand' });
  };
  const exec: Lab['exec'] = async (node, argv, options) => execInNode(layout, check(node), argv, options);

  async function askCluster(argv: readonly string[], node?: string): Promise<string> {
    if (node !== undefined) return (await exec(node, argv, { timeoutMs: 20_000 })).stdout;
    const controllers = plan.nodes.filter((candidate) => candidate.role === 'controller');
    const reasons: string[] = [];
    for (const { name } of controllers) {
      try {
        return (await exec(name, argv, { timeoutMs: 5_000 })).stdout;
      } catch (error) {
        reasons.push(error instanceof Error ? error.message : String(error));
      }
    }
    throw new LabError('command-failed', `no controller answers: ${reasons.join('; ')}`);
  }

  async function missing(expected: readonly string[]): Promise<readonly string[]> {
    try {
      return missingNodes(parseCrmMon(await askCluster(['crm_mon', '--output-as=xml'])), expected);
    } catch (error) {
      if (error instanceof LabError) return expected; // no cluster yet
      throw error;
    }
  }

  async function isIdle(): Promise<boolean> {
    try {
      const dc = (await askCluster(['crmadmin', '-q', '-D'])).trim();
      return (await askCluster(['crmadmin', '-S', dc])).includes('S_IDLE');
    } catch (error) {
      if (error instanceof LabError) return false; // no DC at this moment
      throw error;
    }
  }

  return {
    name: layout.name,
    dir: layout.dir,
    nodes: plan.nodes,
    cloudAddress: CLOUD_ADDRESS,
    exec,
    spawn: (node, argv, options) => spawnInNode(layout, check(node), argv, options),
    processes: (node, matches) => processesRunning(group(node), matches),
    fileOf: (node, path) => `/proc/${initOf(layout, check(node))}/root${path}`,
    spawnInSwitch: (argv, options) => spawnInSwitch(layout, argv, options),
    kill: (node) => byHand('off', node),
    powerOn: (node) => byHand('on', node),
    crash: async (node) => {
      // pacemakerd first: it would start the others again.
      for (const name of [/^pacemakerd$/, /^(pacemaker|corosync)/]) {
        killNamed(group(node), (comm) => name.test(comm));
      }
    },
    startDaemons: async (node) => {
      const running = processesNamed(group(node), (comm) => /^(pacemaker|corosync)/.test(comm));
      if (running.length > 0) throw new LabError('bad-argument', `the daemons of ${node} run already`);
      process.kill(initOf(layout, node), 'SIGUSR1');
    },
    freeze: (node) => setFrozen(group(node), 'frozen'),
    thaw: (node) => setFrozen(group(node), 'running'),
    partition: (...nodes) => cutOff(layout, nodes.map(check)),
    heal: (...nodes) => reconnect(layout, nodes.map(check)),
    stop: async (node) => {
      process.kill(initOf(layout, check(node)), 'SIGTERM');
      await waitFor(`the shutdown of ${node}`, () => !isPopulated(group(node)), { deadlineMs: 90_000 });
      await byHand('off', node);
    },
    bmc: async (node, mode) => {
      parseBmcMode(mode);
      await askBmc(layout, { op: 'mode', node: node === '*' ? node : check(node), mode });
    },
    stopNovaCompute: (node) => stopNovaCompute(group(node)),
    startNovaCompute: (node) => {
      stopNovaCompute(group(node));
      process.kill(initOf(layout, node), 'SIGUSR2');
    },
    waitOnline: async ({ deadlineMs = 60_000, nodes = plan.nodes.map((node) => node.name) } = {}) => {
      let absent: readonly string[] = nodes.map(check);
      try {
        await waitFor('all nodes', async () => (absent = await missing(nodes)).length === 0, {
          deadlineMs,
          everyMs: 200,
        });
      } catch (cause) {
        if (!(cause instanceof LabError)) throw cause;
        throw new LabError('timed-out', `not online after ${deadlineMs} ms: ${absent.join(', ')}`, { cause });
      }
    },
    waitCount: async (count, { deadlineMs = 60_000 } = {}) => {
      const all = plan.nodes.map((node) => node.name);
      if (!Number.isInteger(count) || count < 1 || count > all.length) {
        throw new LabError('bad-argument', `this lab has ${all.length} nodes; cannot wait for ${count}`);
      }
      const enough = async (): Promise<boolean> => all.length - (await missing(all)).length >= count;
      await waitFor(`${count} nodes online`, enough, { deadlineMs, everyMs: 200 });
    },
    waitIdle: async ({ deadlineMs = 60_000 } = {}) => {
      await waitFor('an idle DC', isIdle, { deadlineMs, everyMs: 200 });
    },
    power: async () => (await askBmc(layout, { op: 'list' })).nodes ?? {},
    powerLog: () => readPowerLog(layout),
    crmMon: (node) => askCluster(['crm_mon', '-1', '-A', '-n'], node),
    crmMonXml: (node) => askCluster(['crm_mon', '--output-as=xml'], node),
    fencingHistory: async (node) => {
      // Without -V, '*' prints a single event even if there are several (Pacemaker 2.1.5).
      return parseFencingHistory(await askCluster(['stonith_admin', '--history', '*', '-V', '--output-as=xml'], node));
    },
    keepLogs: (folder) => keepLogs(layout, plan, folder),
    down: () => removeLab(layout),
  };
}

function stopNovaCompute(cgroup: string): void {
  killNamed(cgroup, (comm) => ['lab-nova-comput', 'host-service', 'nova-compute'].includes(comm));
}

function keepLogs(layout: Layout, plan: Plan, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const { name } of plan.nodes) {
    cpSync(join(nodeDisk(layout, name), 'log'), join(folder, name), { recursive: true });
    if (existsSync(consoleFile(layout, name))) cpSync(consoleFile(layout, name), join(folder, name, 'console.log'));
  }
  if (existsSync(powerLogFile(layout))) cpSync(powerLogFile(layout), join(folder, 'power.jsonl'));
}
