import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Status } from '../../../src/control/protocol.ts';
import { connectEmulator, type EmulatorControl, type EmulatorOptions } from '../../emulator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { startLab, type CibOptions, type Lab } from '../lab/index.ts';
import type { NodeFile } from '../lab/options.ts';
import { CLOUD_ADDRESS } from '../lab/network.ts';
import { ALERT_COMMANDS, CLOUD_PORT, ENABLE_COMMAND, ENGINE_COMMANDS, controllerFiles } from './configuration.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface RigOptions {
  readonly name?: string;
  readonly controllers?: number;
  readonly computes?: number;
  /** On cmp1; the other compute nodes start empty. */
  readonly instances?: number;
  readonly cib?: CibOptions;
  readonly cloud?: Partial<EmulatorOptions>;
  /** Lines to add to lifeboat.yaml. */
  readonly configuration?: string;
  /** Beside lifeboat.yaml and clouds.yaml. */
  readonly files?: readonly NodeFile[];
  /** When the lab and the cloud stand, before Lifeboat is put into the cluster. */
  readonly beforeLifeboat?: (lab: Lab) => Promise<void>;
  /** Without the alert agent only the poll finds anything. */
  readonly alerts?: 'installed' | 'missing';
  /** Each command of an operator as it is run, for the demo. */
  readonly onCommand?: (argv: readonly string[]) => void;
  readonly onStep?: (sentence: string) => void;
  readonly owner?: 'process' | 'detached';
}

/** A real cluster with an emulated cloud beside it, and Lifeboat installed and running in it as an operator would. */
export interface Rig {
  readonly lab: Lab;
  readonly cloud: EmulatorControl;
  /** The controller on which Pacemaker runs the engine; undefined while it runs nowhere. */
  engineNode(): Promise<string | undefined>;
  /** What `lifeboat status --json` says where the engine runs; undefined while it runs nowhere. */
  status(): Promise<Status | undefined>;
  /** What the daemon of one controller says, whatever Pacemaker thinks of it; undefined when there is none. */
  statusOn(node: string): Promise<Status | undefined>;
  /** What crm_mon shows of a node: its attribute `lifeboat`, or the engine's `lifeboat-of-NODE`. */
  shown(node: string): Promise<string | undefined>;
  /** The daemon's log, all controllers', oldest first within each. */
  log(): Promise<string>;
  down(): Promise<void>;
}

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const step = options.onStep ?? (() => undefined);
  const overlay = join(ROOT, 'dist/usr');
  if (!existsSync(join(overlay, 'sbin/lifeboatd'))) throw new Error('dist/ is missing: npm run build');
  step('starting corosync, Pacemaker and pacemaker_remote');
  const lab = await startLab({
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.owner === undefined ? {} : { owner: options.owner }),
    controllers: options.controllers ?? 3,
    computes: options.computes ?? 3,
    cib: options.cib ?? {},
    overlay: [overlay],
    files: [...controllerFiles(CLOUD_ADDRESS, options.configuration), ...(options.files ?? [])],
    cloudBeat: { port: CLOUD_PORT },
  });
  try {
    return await furnish(lab, options, step);
  } catch (error) {
    await lab.down();
    throw error;
  }
}

async function furnish(lab: Lab, options: RigOptions, step: (sentence: string) => void): Promise<Rig> {
  step('starting the emulated cloud');
  const controlPath = join(lab.dir, 'cloud.sock');
  lab.spawnInSwitch([
    process.execPath,
    join(ROOT, 'test/emulator/cli.ts'),
    ...['--listen', `${lab.cloudAddress}:${CLOUD_PORT}`, '--control', controlPath],
  ]);
  const cloud = await eventually(
    'the emulated cloud answers',
    () => connectEmulator(controlPath).catch(() => undefined),
    {
      withinMs: 30_000,
      everyMs: 50,
    },
  );
  if (options.cloud !== undefined) await cloud.setOptions(options.cloud);
  const computes = lab.nodes.filter(({ role }) => role === 'compute').map(({ name }) => name);
  for (const name of computes) await cloud.addHost({ name, beats: 'lab' });
  await eventually(
    'every nova-compute has reported',
    async () => (await cloud.state()).hosts.every(({ state }) => state === 'up'),
    { withinMs: 20_000, everyMs: 50 },
  );
  if ((options.instances ?? 0) > 0) await cloud.addInstances('cmp1', options.instances ?? 0, 'web');

  await options.beforeLifeboat?.(lab);
  step('putting Lifeboat into the cluster');
  const alert = options.alerts === 'missing' ? [] : ALERT_COMMANDS;
  const commands = [...ENGINE_COMMANDS, ...alert, ENABLE_COMMAND];
  for (const argv of commands) {
    options.onCommand?.(argv);
    await lab.exec('ctl1', argv);
  }
  const rig = rigOf(lab, cloud);
  await eventually('the engine is active', async () => (await rig.status())?.state === 'active', {
    withinMs: 60_000,
    everyMs: 100,
  });
  await lab.waitIdle();
  return rig;
}

function rigOf(lab: Lab, cloud: EmulatorControl): Rig {
  const controllers = lab.nodes.filter(({ role }) => role === 'controller').map(({ name }) => name);
  const askEngine = async (node: string): Promise<Status | undefined> => {
    const answer = await lab
      .exec(node, ['lifeboat', 'status', '--json'], { allowFailure: true, timeoutMs: 5_000 })
      .catch(() => undefined);
    return answer !== undefined && answer.stdout.startsWith('{') ? (JSON.parse(answer.stdout) as Status) : undefined;
  };
  const status = async (): Promise<Status | undefined> => {
    for (const node of controllers) {
      const found = await askEngine(node);
      if (found !== undefined && found.state !== 'deposed') return found;
    }
    return undefined;
  };
  return {
    lab,
    cloud,
    status,
    statusOn: askEngine,
    engineNode: async () => (await status())?.node,
    async shown(node) {
      const xml = await lab.crmMonXml();
      // While the node is offline crm_mon shows nothing of it; the engine's node says it then.
      const about = new RegExp(`<attribute name="lifeboat-of-${node}" value="([^"]*)"`).exec(xml)?.[1];
      const block = new RegExp(`<node_attributes>[\\s\\S]*?<node name="${node}">([\\s\\S]*?)</node>`).exec(xml)?.[1];
      return /<attribute name="lifeboat" value="([^"]*)"/.exec(block ?? '')?.[1] ?? about;
    },
    async log() {
      const logs = await Promise.all(
        controllers.map((node) =>
          lab.exec(node, ['cat', '/var/log/lifeboat/lifeboatd.log'], { allowFailure: true }).catch(() => undefined),
        ),
      );
      return logs.map((answer) => answer?.stdout ?? '').join('');
    },
    async down() {
      cloud.close();
      await lab.down();
    },
  };
}
