import type { Cluster } from '../../crm/cluster.ts';
import type { CrmMon } from '../../crm/crm-mon.ts';
import { joinSnapshot } from '../../crm/join-snapshot.ts';
import type { CibNodes } from '../../crm/node-state.ts';
import type { ClusterSnapshot, Fencing } from '../../crm/snapshot.ts';
import { LifeboatError } from '../../errors.ts';
import type { SimulatedProcess } from '../process.ts';
import { partitionOf, type ClusterWorld } from './cluster-world.ts';
import type { BelievedNode, Partition } from './partition.ts';

export interface ReadingPorts {
  readonly world: ClusterWorld;
  readonly process: SimulatedProcess;
  /** The cluster node where it runs. */
  readonly localNode: string;
  /** How long a reading takes; Infinity: Pacemaker does not answer, and the command is ended after `timeoutMs`. */
  readonly readMs: () => number;
  readonly timeoutMs: number;
}

/**
 * The cluster as one process reads it. The three commands of a reading see the state at moments of their own, as the real
 * ones do, so that a reading can show what never was at one moment.
 */
export function simulatedCluster(ports: ReadingPorts): Cluster {
  const { localNode, process, timeoutMs, world } = ports;
  return {
    read: () =>
      new Promise<ClusterSnapshot>((resolve, reject) => {
        const readAtMs = process.clock.now();
        const totalMs = ports.readMs();
        if (totalMs > timeoutMs) {
          process.clock.schedule(timeoutMs, () => {
            reject(new LifeboatError('CRM_TIMED_OUT', `crm_mon on ${localNode} did not answer within ${timeoutMs} ms`));
          });
          return;
        }
        let crmMon: CrmMon | undefined;
        let cibNodes: CibNodes | undefined;
        let fenceHistory: readonly Fencing[] | undefined;
        const partAt = (share: number, take: (partition: Partition) => void): void => {
          process.clock.schedule(totalMs * share, () => {
            const partition = partitionOf(world, localNode);
            if (partition === undefined) {
              reject(new LifeboatError('CRM_NO_CLUSTER', `Pacemaker does not run on ${localNode}`));
              return;
            }
            take(partition);
            if (crmMon === undefined || cibNodes === undefined || fenceHistory === undefined) return;
            resolve(joinSnapshot({ readAtMs, localNode, crmMon, cibNodes, fenceHistory }));
          });
        };
        partAt(world.chance.next(), (partition) => (crmMon = crmMonOf(world, partition)));
        partAt(world.chance.next(), (partition) => (cibNodes = cibNodesOf(world, partition)));
        partAt(1, (partition) => (fenceHistory = historyOf(world, partition, localNode)));
      }),
    writeAttribute: (node, name, value, lifetime = 'transient') =>
      new Promise<void>((resolve) => {
        process.clock.schedule(30, () => {
          write(lifetime === 'permanent' ? world.permanent : world.transient, node, name, value);
          resolve();
        });
      }),
  };
}

function write(
  attributes: Map<string, Map<string, string>>,
  node: string,
  name: string,
  value: string | undefined,
): void {
  const known = attributes.get(node) ?? new Map<string, string>();
  if (value === undefined) known.delete(name);
  else known.set(name, value);
  attributes.set(node, known);
}

export function crmMonOf(world: ClusterWorld, partition: Partition): CrmMon {
  const nodes = [...partition.nodes.values()];
  const connections = nodes.flatMap(({ connection, name }): [string, NonNullable<typeof connection>][] =>
    connection === undefined ? [] : [[name, { ...connection }]],
  );
  return {
    // Quorum is shown as an attribute of the DC.
    quorate: partition.dc !== undefined && partition.quorate,
    dc: partition.dc,
    options: { ...world.options },
    nodes: nodes.map(shownNode),
    connections: new Map(connections),
    attributes: new Map(nodes.filter(({ online }) => online).map(({ name }) => [name, attributesOf(world, name)])),
    failures: [],
    fencings: [],
  };
}

function shownNode(node: BelievedNode): CrmMon['nodes'][number] {
  const { kind, maintenance, name, online, pending, shutdown, standby, unclean } = node;
  return { kind, maintenance, name, online, pending, shutdown, standby, unclean };
}

function attributesOf(world: ClusterWorld, name: string): ReadonlyMap<string, string> {
  return new Map([...(world.permanent.get(name) ?? []), ...(world.transient.get(name) ?? [])]);
}

export function cibNodesOf(world: ClusterWorld, partition: Partition): CibNodes {
  const states = [...partition.nodes.values()].flatMap(({ name, state }): [string, NonNullable<typeof state>][] =>
    state === undefined ? [] : [[name, { ...state }]],
  );
  return { states: new Map(states), attributes: world.permanent };
}

/** A controller that has just joined does not list what the others know. */
export function historyOf(world: ClusterWorld, partition: Partition, localNode: string): readonly Fencing[] {
  if (world.time.now() < (partition.historyFromMs.get(localNode) ?? 0)) return [];
  return partition.fencings.map((record) => ({ ...record }));
}
