import type { Clock } from '../ports.ts';
import type { Cluster } from './cluster.ts';
import { parseCrmMon } from './crm-mon.ts';
import { NO_SUCH_OBJECT } from './exit-code.ts';
import { parseFenceHistory } from './fence-history.ts';
import { joinSnapshot } from './join-snapshot.ts';
import type { CibNodes } from './node-state.ts';
import { NODE_STATE_XPATH, parseCibNodes } from './node-state.ts';
import { garbage } from './read-attribute.ts';
import type { CommandAnswer, CommandOptions } from './run-command.ts';
import { runCommand } from './run-command.ts';
import type { ClusterSnapshot } from './snapshot.ts';

export interface PacemakerOptions {
  readonly clock: Clock;
  /** Name of the cluster node that this process runs on; `localNodeName` asks for it. */
  readonly localNode: string;
  /** For one command. Default 20 s: an isolated node was seen to block crm_node for 11 s. */
  readonly timeoutMs?: number;
  /** Where Pacemaker's commands are looked for, colon-separated. */
  readonly searchPath?: string;
}

export type CommandSettings = Pick<PacemakerOptions, 'clock' | 'timeoutMs' | 'searchPath'>;

const TIMEOUT_MS = 20_000;

/** Only what a snapshot needs: the operations' history alone is half of the whole output. */
const CRM_MON = [
  '--output-as=xml',
  '--inactive',
  '--exclude=all',
  '--include=dc,options,nodes,resources,attributes,failures',
];
/**
 * All of the fencing, also what is pending (seen on 2.1.5); crm_mon would need twice its CPU to tell the same.
 * -V: without it 2.1.5 prints one event in total, however many there are.
 */
const STONITH_HISTORY = ['--history', '*', '-V', '--output-as=xml'];
const CIB_NODES = ['--query', '--no-children', '--xpath', NODE_STATE_XPATH];

/** The Pacemaker cluster that this node belongs to, read and written through its own commands. */
export function pacemakerCluster(options: PacemakerOptions): Cluster {
  return {
    read: (signal) => readSnapshot(options, signal),
    writeAttribute: async (node, name, value, lifetime = 'transient') => {
      const change = value === undefined ? '--delete' : `--update=${value}`;
      if (lifetime === 'transient') await run(options, 'attrd_updater', [`--name=${name}`, change, `--node=${node}`]);
      else await run(options, 'crm_attribute', [`--node=${node}`, `--name=${name}`, '--lifetime=forever', change]);
    },
  };
}

/**
 * The name under which Pacemaker knows this node.
 *
 * @throws LifeboatError CRM_NO_CLUSTER and the other CRM_ codes
 */
export async function localNodeName(settings: CommandSettings): Promise<string> {
  const { stdout } = await run(settings, 'crm_node', ['--name']);
  const name = stdout.trim();
  if (name === '' || /\s/.test(name)) throw garbage('crm_node', 'it named no node');
  return name;
}

/** All or nothing: when one command fails the others are stopped, and that failure is thrown. */
async function readSnapshot(options: PacemakerOptions, signal?: AbortSignal): Promise<ClusterSnapshot> {
  const readAtMs = options.clock.now();
  const giveUp = new AbortController();
  const either = signal === undefined ? giveUp.signal : AbortSignal.any([signal, giveUp.signal]);
  const ask = (command: string, args: readonly string[], accept: readonly number[] = []): Promise<CommandAnswer> =>
    run(options, command, args, { signal: either, accept });
  try {
    const [crmMon, fenceHistory, cibNodes] = await Promise.all([
      ask('crm_mon', CRM_MON).then(({ stdout }) => parseCrmMon(stdout)),
      ask('stonith_admin', STONITH_HISTORY).then(({ stdout }) => parseFenceHistory(stdout)),
      ask('cibadmin', CIB_NODES, [NO_SUCH_OBJECT]).then(cibNodesOf),
    ]);
    return joinSnapshot({ readAtMs, localNode: options.localNode, crmMon, fenceHistory, cibNodes });
  } catch (error) {
    giveUp.abort(error);
    throw error;
  }
}

function cibNodesOf({ exitCode, stdout }: CommandAnswer): CibNodes {
  return exitCode === NO_SUCH_OBJECT ? { states: new Map(), attributes: new Map() } : parseCibNodes(stdout);
}

function run(
  { clock, timeoutMs = TIMEOUT_MS, searchPath }: CommandSettings,
  command: string,
  args: readonly string[],
  rest: Pick<CommandOptions, 'signal' | 'accept'> = {},
): Promise<CommandAnswer> {
  return runCommand(command, args, { clock, timeoutMs, ...(searchPath === undefined ? {} : { searchPath }), ...rest });
}
