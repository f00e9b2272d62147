import type { GateHandler } from '../api/gate-route.ts';
import { EventLog } from '../api/lifeboat/event-log.ts';
import type { ApiState } from '../api/listen.ts';
import { decide } from '../bridge/decide.ts';
import { emptyMemory } from '../bridge/memory.ts';
import type { Policy } from '../bridge/policy.ts';
import type { Config } from '../config/config.ts';
import type { DaemonState, Order, OrderAnswer } from '../control/protocol.ts';
import type { Cluster } from '../crm/cluster.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { watchCluster, type ClusterWatch } from '../crm/watch.ts';
import { Engine } from '../engine/engine.ts';
import type { Lease } from '../engine/lease.ts';
import { isUnfinished } from '../engine/recovery.ts';
import type { Store } from '../engine/store/store.ts';
import type { Cloud } from '../openstack/cloud.ts';
import type { Inventory } from '../openstack/inventory.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import { desiredAttributes } from './desired-attributes.ts';
import { FreshLook } from './fresh-look.ts';
import { gateHandler } from './gate-handler.ts';
import { MissedFailures } from './missed-failures.ts';
import { orderHandler } from './order-handler.ts';
import { Publisher } from './publisher.ts';
import { healthOf, statusOf, type ReportFacts } from './report.ts';

export interface HeartPorts {
  readonly config: Config;
  readonly cluster: Cluster;
  readonly cloud: Cloud;
  /** Without it nothing is planned. */
  readonly inventory?: Inventory;
  readonly store: Store;
  /** The right to act, over the same store. */
  readonly lease: Lease;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly localNode: string;
  readonly pid: number;
  /** Where the API is served; what is shown in crm_mon tells of it. */
  readonly apiStates: () => readonly ApiState[];
}

/** The daemon without its sockets and files: the simulator runs it as it is. */
export interface Heart {
  readonly engine: Engine;
  readonly gate: GateHandler;
  /** Does what an operator wants. */
  readonly order: (order: Order) => Promise<OrderAnswer>;
  readonly facts: () => ReportFacts;
  /** What changes of what is shown. */
  readonly events: EventLog;
  /** Takes the lease and reads the store, however long that takes. */
  start(): Promise<void>;
  /** From here on the cluster is read and acted on. */
  watch(): void;
  wake(): void;
  stopWatching(): void;
}

/** Nova may fail this long before a recovery that needs it is shown as held. */
const CLOUD_PATIENCE_MS = 5_000;
const FOLLOW_MS = 1_000;
const RELEASE_RETRY_MS = 2_000;
/** Nova shows the effect of a stop or a start at once; after this long without one the call was lost. */
const INSTANCE_SETTLE_MS = 20_000;
/** A gate gives up on us after gate.request_timeout, 15 s by default. */
const GATE_PATIENCE_MS = 10_000;

const NOT_WATCHING_YET: ClusterWatch = { wake: () => undefined, pollEvery: () => undefined, stop: () => undefined };

/** Each snapshot of the cluster goes to the bridge, its decision to the engine, and what became of it to crm_mon. */
export function createHeart(ports: HeartPorts): Heart {
  const { config, cluster, clock, logger } = ports;
  let memory = emptyMemory;
  const missed = new MissedFailures({ clock, logger });
  let watch: ClusterWatch = NOT_WATCHING_YET;
  let lastSnapshot: ClusterSnapshot | undefined;

  const engine = new Engine({
    ...ports,
    limits: {
      settleMs: config.evacuation.settleTimeMs,
      moveTimeoutMs: config.evacuation.moveTimeoutMs,
      attempts: config.evacuation.attempts,
      parallel: config.evacuation.parallel,
      retryDelayMs: config.evacuation.retryDelayMs,
      witnessSilenceMs: config.evacuation.witnessSilenceMs,
      followMs: FOLLOW_MS,
      cloudPatienceMs: CLOUD_PATIENCE_MS,
      releaseRetryMs: RELEASE_RETRY_MS,
    },
    selection: config.instances,
    retentionMs: config.store.retentionMs,
    order: config.order,
    segments: config.recovery.segments,
    addsReservedToAggregates: config.recovery.addReservedToAggregates,
    capacity: { everyMs: config.capacity.checkEveryMs, acrossZones: config.capacity.acrossZones },
    // Two polls and one command that takes its whole time: older than that, the cluster is not being read.
    maxSnapshotAgeMs: 2 * config.cluster.pollIntervalMs + config.cluster.commandTimeoutMs,
    storm: config.storm,
    flapping: config.flapping,
    instanceFailure: { ...config.instanceFailure, settleMs: INSTANCE_SETTLE_MS },
    processFailure: config.processFailure,
    notifications: config.notifications,
    onClaim: () => {
      watch.wake();
    },
    onMissed: (what) => {
      missed.tell([what]);
    },
    onChange: () => {
      publisher.touch();
    },
  });
  const startedAtMs = clock.now();
  const facts = (): ReportFacts => ({
    startedAtMs,
    engine,
    node: ports.localNode,
    pid: ports.pid,
    state: stateOf(engine),
    missed: missed.shown,
    api: ports.apiStates(),
    now: clock.now(),
  });
  const events = new EventLog({ series: startedAtMs.toString(36), clock, status: () => statusOf(facts()) });
  const publisher = new Publisher({
    cluster,
    clock,
    logger,
    // While another engine may be at work, what crm_mon shows is its to say.
    desired: () => {
      events.look();
      return engine.ownHold?.kind === 'no-lease'
        ? 'nothing'
        : desiredAttributes(engine, healthOf(facts()), clock.now());
    },
  });

  const onSnapshot = async (snapshot: ClusterSnapshot): Promise<void> => {
    const hostsKnown = engine.services.hosts !== undefined;
    lastSnapshot = snapshot;
    const decision = decide(snapshot, memory, policyOf(config, engine, snapshot), clock.now());
    memory = decision.memory;
    for (const sentence of decision.sentences) logger.info({}, sentence);
    // Its successor has answered what this one slept through.
    if (engine.phase !== 'deposed') missed.tell(decision.missed);
    await engine.observe(snapshot, decision);
    freshLook.seen(snapshot);
    publisher.compare(snapshot);
    watch.pollEvery(isQuiet(engine) ? config.cluster.pollIntervalMs : config.cluster.lostPollIntervalMs);
    // The first reading of Nova's hosts completes what the bridge could not match to a host.
    if (!hostsKnown) void engine.services.refresh(0).then(() => engine.services.hosts !== undefined && watch.wake());
  };

  const wake = (): void => {
    watch.wake();
  };
  const freshLook = new FreshLook(clock, wake, GATE_PATIENCE_MS);

  return {
    engine,
    gate: gateHandler({ engine, clock, freshLook, localNode: ports.localNode }),
    order: orderHandler({
      ...ports,
      engine,
      wake,
      snapshot: () => lastSnapshot,
      forgetMissed: (host) => missed.acknowledge(host),
    }),
    facts,
    events,
    wake,
    start: () => engine.start(),
    watch() {
      // Nova first: the bridge matches nodes to hosts with it. It is not waited for longer than a reading of the cluster.
      void engine.services.refresh(0).then(wake);
      watch = watchCluster({
        cluster,
        clock,
        logger,
        pollIntervalMs: config.cluster.pollIntervalMs,
        onSnapshot,
        onFailure: () => {
          publisher.touch();
        },
      });
    },
    stopWatching() {
      watch.stop();
      publisher.stop();
    },
  };
}

function policyOf(config: Config, engine: Engine, snapshot: ClusterSnapshot): Policy {
  return {
    acceptHumanConfirmation: config.proof.acceptHumanConfirmation,
    hostMap: config.hosts.map,
    hostAttribute: config.hosts.attribute,
    ignoredNodes: config.hosts.ignore,
    novaHosts: engine.services.hosts,
    paused: engine.heedPause(snapshot) !== undefined,
  };
}

function stateOf(engine: Engine): DaemonState {
  if (engine.phase === 'deposed') return 'deposed';
  if (engine.phase === 'waiting' || engine.snapshotAgeMs === undefined) return 'starting';
  return engine.pause === undefined ? 'active' : 'paused';
}

/** Nothing is lost and unproven, and nothing is at work: the slow poll will do. */
function isQuiet(engine: Engine): boolean {
  const lost = engine.verdicts.some((verdict) => verdict.state === 'lost');
  return !lost && !engine.recoveries.some((run) => isUnfinished(run.recovery));
}
