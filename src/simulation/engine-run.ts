import { createHeart, type Heart } from '../daemon/heart.ts';
import { Lease } from '../engine/lease.ts';
import { nameOf } from '../engine/store/lease-record.ts';
import { memoryStore, type MemoryDisk } from '../engine/store/memory-store.ts';
import type { Recovery } from '../engine/recovery.ts';
import type { Store } from '../engine/store/store.ts';
import type { Cloud } from '../openstack/cloud.ts';
import { LifeboatError } from '../errors.ts';
import { sleep, type Logger } from '../ports.ts';
import type { Cluster } from '../crm/cluster.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import type { Config } from '../config/config.ts';
import type { Chance } from './chance.ts';
import type { Effect, EngineSight, Monitor } from './monitor/monitor.ts';
import { mortal, type DeathWish, type Mortality } from './mortal.ts';
import type { SimulatedProcess } from './process.ts';

export interface EngineRunPorts {
  readonly node: string;
  readonly process: SimulatedProcess;
  readonly disk: MemoryDisk;
  /** The clock of the store's machine. */
  readonly storeNow: () => number;
  readonly isDiskFull: () => boolean;
  readonly cluster: Cluster;
  readonly cloud: Cloud;
  readonly config: Config;
  readonly chance: Chance;
  readonly logger: Logger;
  readonly monitor: Monitor;
  readonly monotonicMs: () => number;
  readonly deathWish: () => DeathWish | undefined;
  /** It died of itself, or of the wish. */
  readonly onDeath: () => void;
}

/** One lifeboatd: the heart of the real one, on simulated ports, under the eyes of the monitor. */
export interface EngineRun {
  readonly node: string;
  readonly heart: Heart;
  readonly isAlive: boolean;
  readonly beganAtMs: number;
  kill(): void;
  /** It stands still, and Pacemaker takes it for dead. */
  freeze(): void;
  thaw(): void;
  wake(): void;
}

const WRITE_MS = 3;
const EFFECTS: ReadonlySet<string> = new Set([
  ...['setForcedDown', 'disableService', 'enableService', 'evacuate', 'resetState', 'act'],
  ...['addRecovery', 'addNotification', 'setNotificationStatus', 'saveRecovery', 'saveMoves'],
  ...['saveSuspect', 'removeSuspect', 'replaceSegments', 'saveTaking', 'removeTaking'],
  ...['addSegment', 'saveSegment', 'removeSegment', 'addHost', 'saveHost', 'removeHost'],
  ...['addNotice', 'saveNotice', 'joinNotice'],
]);

export function startEngine(ports: EngineRunPorts): EngineRun {
  const { config, logger, monotonicMs, node, process } = ports;
  const sight: EngineSight = {
    node,
    beganAtMs: monotonicMs(),
    disk: ports.disk,
    epoch: () => lease.epoch,
    snapshot: undefined,
  };
  const die = (): void => {
    if (!process.isAlive) return;
    process.kill();
    ports.onDeath();
  };
  const mortality: Mortality = { process, wish: ports.deathWish, die };
  const store = mortal(watchedStore(ports, sight), mortality, EFFECTS);
  const ownLogger = whileAlive(logger, process, ports.monitor);
  const lease = new Lease({
    store,
    clock: process.clock,
    logger: ownLogger,
    holder: `${node} ${ports.chance.uuid()}`,
    // A machine runs one engine at a time.
    isGone: (holder) => nameOf(holder) === node,
    durationMs: config.store.leaseDurationMs,
  });
  const heart = createHeart({
    config,
    cluster: mortal(seen(ports, sight), mortality, EFFECTS),
    cloud: mortal(watchedCloud(ports, sight), mortality, EFFECTS),
    store,
    lease,
    clock: process.clock,
    randomness: ports.chance,
    logger: ownLogger,
    localNode: node,
    pid: 1,
    apiStates: () => [],
  });
  heart.start().then(
    () => {
      heart.wake();
    },
    (error: unknown) => {
      logger.error({}, `lifeboatd ends: ${String(error)}`);
      die();
    },
  );
  heart.watch();
  return {
    node,
    heart,
    get isAlive() {
      return process.isAlive;
    },
    beganAtMs: sight.beganAtMs,
    kill: () => {
      process.kill();
    },
    freeze: () => {
      process.freeze();
    },
    thaw: () => {
      process.thaw();
    },
    wake: () => {
      process.deliver(() => {
        heart.wake();
      });
    },
  };
}

function seen({ cluster, monitor, monotonicMs }: EngineRunPorts, sight: EngineSight): Cluster {
  return {
    read: async (signal) => {
      const snapshot: ClusterSnapshot = await cluster.read(signal);
      const authority = snapshot.quorate && snapshot.dc !== undefined ? 'granted' : 'none';
      sight.snapshot = { authority, atMs: monotonicMs() };
      monitor.lastReadMs = monotonicMs();
      return snapshot;
    },
    writeAttribute: (...all) => cluster.writeAttribute(...all),
  };
}

function watchedCloud({ cloud, monitor }: EngineRunPorts, sight: EngineSight): Cloud {
  const told = <T>(effect: Effect, send: () => Promise<T>): Promise<T> => {
    monitor.effect(sight, effect);
    return send();
  };
  return {
    ...cloud,
    setForcedDown: (serviceId, forcedDown, signal) =>
      told({ verb: 'setForcedDown', serviceId, forcedDown }, () => cloud.setForcedDown(serviceId, forcedDown, signal)),
    disableService: (serviceId, reason, signal) =>
      told({ verb: 'disableService', serviceId }, () => cloud.disableService(serviceId, reason, signal)),
    enableService: (serviceId, signal) =>
      told({ verb: 'enableService', serviceId }, () => cloud.enableService(serviceId, signal)),
    evacuate: (instanceId, target, signal) =>
      told({ verb: 'evacuate', instanceId }, () => cloud.evacuate(instanceId, target, signal)),
    resetState: (instanceId, signal) =>
      told({ verb: 'resetState', instanceId }, () => cloud.resetState(instanceId, signal)),
    act: (instanceId, action, signal) => told({ verb: 'act', instanceId }, () => cloud.act(instanceId, action, signal)),
  };
}

function watchedStore(ports: EngineRunPorts, sight: EngineSight): Store {
  const { disk, isDiskFull, monitor, node, process } = ports;
  const commit = async (): Promise<void> => {
    await sleep(process.clock, WRITE_MS);
    if (isDiskFull()) throw new LifeboatError('STORE_UNUSABLE', `database or disk is full (${node})`);
  };
  const store = memoryStore(disk, { now: ports.storeNow, commit });
  return {
    ...store,
    addRecovery: async (notification, recovery) => {
      const answer = await store.addRecovery(notification, recovery);
      if (answer === 'added') monitor.recoveryAdded(sight, recovery);
      return answer;
    },
    saveRecovery: async (recovery: Recovery) => {
      const before = disk.recoveries.get(recovery.id);
      await store.saveRecovery(recovery);
      monitor.recoverySaved(
        sight,
        before,
        recovery,
        [...disk.moves.values()].filter(({ recoveryId }) => recoveryId === recovery.id),
      );
    },
  };
}

/** What it says of a loss that cannot be answered any more, the monitor hears too. */
function whileAlive(logger: Logger, process: SimulatedProcess, monitor: Monitor): Logger {
  return {
    debug: (fields, message) => {
      if (process.isAlive) logger.debug(fields, message);
    },
    info: (fields, message) => {
      if (process.isAlive) logger.info(fields, message);
    },
    warn: (fields, message) => {
      if (process.isAlive) logger.warn(fields, message);
    },
    error: (fields, message) => {
      if (!process.isAlive) return;
      if (typeof fields.node === 'string') monitor.told.add(fields.node);
      logger.error(fields, message);
    },
  };
}
