import type { Clock } from '../../ports.ts';
import type { Chance } from '../chance.ts';
import {
  about,
  changed,
  machineOf,
  nodeOf,
  quoratePartition,
  type ClusterEvents,
  type ClusterWorld,
} from './cluster-world.ts';
import { noticeLater, noticeReturn } from './connections.ts';
import { engineDied, takenForDead } from './engine-place.ts';
import { confirmByHand, fenceByHand } from './fencing.ts';
import { newMachine, type BmcMode, type MachineSpec } from './machine.ts';
import { firstPartition, regroup } from './membership.ts';
import { cutPower, setBmcMode, switchOn } from './power.ts';
import type { BelievedNode, Partition } from './partition.ts';
import { CLUSTER_TIMINGS, type ClusterTimings } from './timings.ts';
import { transition } from './transition.ts';

export interface ClusterSpec {
  readonly machines: readonly MachineSpec[];
  readonly timings: Partial<ClusterTimings>;
}

/** What can be done to the cluster and its machines, by fate or by an administrator. */
export interface ClusterVerbs {
  readonly world: ClusterWorld;
  /** The power goes. */
  kill(name: string): void;
  powerOn(name: string): void;
  /** The daemon (Pacemaker, pacemaker_remoted) is gone, and the machine runs on. */
  crash(name: string): void;
  /** It runs again. */
  startDaemon(name: string): void;
  /** A clean stop of the cluster on a controller; the machine is switched off then. */
  shutdown(name: string): void;
  /** The machine is cut off the network, or connected again. */
  setNetwork(name: string, network: 'connected' | 'cut'): void;
  /** Who hears whom: each group is a side of its own, and all others are on side 0. */
  split(groups: readonly (readonly string[])[]): void;
  setBmc(name: string, mode: BmcMode): void;
  setStandby(name: string, standby: boolean): void;
  setMaintenance(name: string, maintenance: boolean): void;
  /** target-role of the connection of a remote node. */
  setConnection(name: string, change: 'disabled' | 'enabled' | 'unmanaged' | 'managed'): void;
  setOption(option: 'stonithEnabled' | 'maintenanceMode' | 'stopAllResources', value: boolean): void;
  fence(name: string): void;
  confirm(name: string): void;
  cleanHistory(): void;
  engineDied(node: string): void;
  /** Another engine is started beside the one on this node. */
  takenForDead(node: string): void;
}

export function createCluster(spec: ClusterSpec, time: Clock, chance: Chance, events: ClusterEvents): ClusterVerbs {
  const machines = new Map(spec.machines.map((each) => [each.name, newMachine(each)]));
  const world: ClusterWorld = {
    time,
    chance,
    timings: { ...CLUSTER_TIMINGS, ...spec.timings },
    machines,
    controllers: spec.machines.filter(({ kind }) => kind === 'cluster').map(({ name }) => name),
    events,
    options: { stonithEnabled: true, maintenanceMode: false, stopAllResources: false, noQuorumPolicy: 'stop' },
    partitions: [],
    sides: new Map(),
    permanent: new Map(),
    transient: new Map(),
    standby: new Set(),
    maintenance: new Set(),
    disabled: new Set(),
    unmanaged: new Set(),
    counter: 0,
    transition: (partition) => {
      transition(world, partition);
    },
    power: {
      lost: ({ kind, name }, how) => {
        events.lost(name);
        if (kind === 'remote') noticeLater(world, name, how);
        else regroupLater(world.timings.tokenMs);
      },
      back: ({ kind, name }) => {
        if (kind === 'remote') noticeReturn(world, name);
        else regroupLater(500);
      },
    },
  };
  world.partitions = [firstPartition(world)];

  const regroupLater = (delayMs: number): void => {
    time.schedule(delayMs, () => {
      regroup(world);
    });
  };
  const everywhere = (name: string, change: (node: BelievedNode, partition: Partition) => void): void => {
    for (const partition of world.partitions) {
      change(nodeOf(partition, name), partition);
      changed(world, partition);
    }
  };
  const heardAnew = (): void => {
    regroupLater(world.timings.tokenMs);
    for (const { kind, name } of machines.values()) {
      if (kind !== 'remote') continue;
      noticeLater(world, name, 'silent');
      noticeReturn(world, name);
    }
  };

  return {
    world,
    kill: (name) => {
      cutPower(world, machineOf(world, name));
    },
    powerOn: (name) => {
      switchOn(world, machineOf(world, name));
    },
    crash: (name) => {
      const machine = machineOf(world, name);
      if (machine.power !== 'on') return;
      machine.daemon = 'gone';
      world.power.lost(machine, 'reset');
    },
    startDaemon: (name) => {
      const machine = machineOf(world, name);
      if (machine.power !== 'on' || machine.daemon === 'running') return;
      machine.daemon = 'running';
      world.power.back(machine);
    },
    shutdown: (name) => {
      const machine = machineOf(world, name);
      if (machine.kind === 'cluster') everywhere(name, (node) => (node.shutdown = true));
      time.schedule(about(world, 1_000), () => {
        if (machine.power !== 'on') return;
        machine.daemon = 'gone';
        if (machine.kind === 'remote') world.power.lost(machine, 'reset');
        // A clean leave needs no token to be missed.
        else regroupLater(50);
        time.schedule(about(world, 3_000), () => {
          if (machine.daemon === 'gone') cutPower(world, machine);
        });
      });
    },
    setNetwork: (name, network) => {
      const machine = machineOf(world, name);
      if (machine.network === network) return;
      machine.network = network;
      events.networkChanged(machine);
      if (machine.kind === 'cluster') {
        if (network === 'cut') events.lost(name);
        heardAnew();
      } else if (network === 'cut') world.power.lost(machine, 'silent');
      else noticeReturn(world, name);
    },
    split: (groups) => {
      world.sides.clear();
      for (const [index, group] of groups.entries()) for (const name of group) world.sides.set(name, index + 1);
      heardAnew();
    },
    setBmc: (name, mode) => {
      setBmcMode(machineOf(world, name), mode);
    },
    setStandby: (name, standby) => {
      put(world.standby, name, standby);
      everywhere(name, (node) => (node.standby = standby || (node.pending && node.kind === 'cluster')));
    },
    setMaintenance: (name, maintenance) => {
      put(world.maintenance, name, maintenance);
      everywhere(name, (node) => (node.maintenance = maintenance));
    },
    setConnection: (name, change) => {
      if (change === 'unmanaged' || change === 'managed') put(world.unmanaged, name, change === 'unmanaged');
      else put(world.disabled, name, change === 'disabled');
      everywhere(name, ({ connection }) => {
        if (connection === undefined) return;
        connection.managed = !world.unmanaged.has(name);
        connection.targetRole = world.disabled.has(name) ? 'Stopped' : undefined;
      });
    },
    setOption: (option, value) => {
      world.options = { ...world.options, [option]: value };
      for (const partition of world.partitions) changed(world, partition);
    },
    fence: (name) => {
      const partition = quoratePartition(world);
      if (partition !== undefined) fenceByHand(world, partition, name);
    },
    confirm: (name) => {
      const partition = quoratePartition(world);
      if (partition !== undefined) confirmByHand(world, partition, name);
    },
    cleanHistory: () => {
      for (const partition of world.partitions) {
        partition.fencings = partition.fencings.filter(({ status }) => status === 'pending');
      }
    },
    engineDied: (node) => {
      engineDied(world, node);
    },
    takenForDead: (node) => {
      takenForDead(world, node);
    },
  };
}

function put(set: Set<string>, name: string, isIn: boolean): void {
  if (isIn) set.add(name);
  else set.delete(name);
}
