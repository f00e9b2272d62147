import { rmSync } from 'node:fs';
import { serveApi } from '../api/listen.ts';
import { decide } from '../bridge/decide.ts';
import type { Missed } from '../bridge/decision.ts';
import { emptyMemory } from '../bridge/memory.ts';
import type { Policy } from '../bridge/policy.ts';
import type { Config } from '../config/config.ts';
import type { DaemonState } from '../control/protocol.ts';
import { serveControl, type ControlServer } from '../control/server.ts';
import { watchWakeFile } from '../control/wake-file.ts';
import { parseAlert } from '../crm/alert-message.ts';
import type { Cluster } from '../crm/cluster.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { watchCluster, type ClusterWatch } from '../crm/watch.ts';
import { Engine } from '../engine/engine.ts';
import type { Lease } from '../engine/lease.ts';
import { isUnfinished } from '../engine/recovery.ts';
import type { Store } from '../engine/store/store.ts';
import { messageOf } from '../errors.ts';
import type { Cloud } from '../openstack/cloud.ts';
import type { Inventory } from '../openstack/inventory.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import { desiredAttributes } from './desired-attributes.ts';
import { FreshLook } from './fresh-look.ts';
import { gateHandler } from './gate-handler.ts';
import { orderHandler } from './order-handler.ts';
import { Publisher } from './publisher.ts';
import { planStatus } from './plan-status.ts';
import { healthOf, statusOf, type ReportFacts } from './report.ts';

export interface DaemonPorts {
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
  readonly socketPath: string;
  /** What the alert agent writes into; see wake-file.ts. */
  readonly wakeFilePath: string;
}

export interface Daemon {
  stop(): Promise<void>;
}

/** Nova may fail this long before a recovery that needs it is shown as held. */
const CLOUD_PATIENCE_MS = 5_000;
const FOLLOW_MS = 1_000;
const RELEASE_RETRY_MS = 2_000;
const MISSED_SHOWN_MS = 3_600_000;
/** A gate gives up on us after gate.request_timeout, 15 s by default. */
const GATE_PATIENCE_MS = 10_000;

const NOT_WATCHING_YET: ClusterWatch = { wake: () => undefined, pollEvery: () => undefined, stop: () => undefined };

/** The life of the daemon in one place: each snapshot of the cluster goes to the bridge, its decision to the engine. */
export async function startDaemon(ports: DaemonPorts): Promise<Daemon> {
  const { config, cluster, clock, logger } = ports;
  let memory = emptyMemory;
  let missed: readonly { readonly what: Missed; readonly seenAtMs: number }[] = [];
  let watch: ClusterWatch = NOT_WATCHING_YET;
  let lastSnapshot: ClusterSnapshot | undefined;

  const tellMissed = (news: readonly Missed[]): void => {
    for (const { node, reason, remedy } of news) logger.error({ node, remedy }, reason);
    missed = [...missed, ...news.map((what) => ({ what, seenAtMs: clock.now() }))].filter(
      ({ seenAtMs }) => clock.now() - seenAtMs < MISSED_SHOWN_MS,
    );
  };

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
    onMissed: (what) => {
      tellMissed([what]);
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
    missed: missed.map(({ what }) => what),
    api: api.states,
    now: clock.now(),
  });
  const publisher = new Publisher({
    cluster,
    clock,
    logger,
    // While another engine may be at work, what crm_mon shows is its to say.
    desired: () =>
      engine.ownHold?.kind === 'no-lease' ? 'nothing' : desiredAttributes(engine, healthOf(facts()), clock.now()),
  });

  const onSnapshot = async (snapshot: ClusterSnapshot): Promise<void> => {
    const hostsKnown = engine.services.hosts !== undefined;
    lastSnapshot = snapshot;
    const decision = decide(snapshot, memory, policyOf(config, engine, snapshot), clock.now());
    memory = decision.memory;
    for (const sentence of decision.sentences) logger.info({}, sentence);
    tellMissed(decision.missed);
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
  // Beside all else: it waits for the lease and for the store, and what it waits for must be told meanwhile.
  void engine.start().then(wake);
  const api = serveApi({
    places: config.api.listen.map((place) => ({ ...place, tls: config.api.tls })),
    handlers: { gate: gateHandler({ engine, clock, freshLook, localNode: ports.localNode }) },
    clock,
    logger,
  });
  const control: ControlServer = await serveControl({
    path: ports.socketPath,
    logger,
    handlers: {
      wake: (alert) => {
        watch.wake();
        const { kind, node, desc } = parseAlert(alert);
        logger.debug({ kind, node }, `woken by an alert: ${desc ?? kind}`);
      },
      health: () => healthOf(facts()),
      status: () => statusOf(facts()),
      plan: async (host) => planStatus(await engine.plan(host)),
      order: orderHandler({
        ...ports,
        engine,
        wake,
        snapshot: () => lastSnapshot,
        forgetMissed: (host) => {
          const others = missed.filter(({ what }) => what.host !== host && what.node !== host);
          const stood = others.length < missed.length;
          missed = others;
          return stood;
        },
      }),
    },
  });
  const wakeFile = wakeFileIfPossible(ports, () => {
    watch.wake();
  });
  // Nova first: the bridge matches nodes to hosts with it. It is not waited for longer than a reading of the cluster.
  void engine.services.refresh(0).then(() => watch.wake());
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
  logger.info({ node: ports.localNode, pid: ports.pid }, `lifeboatd runs on ${ports.localNode}`);

  return {
    async stop() {
      watch.stop();
      publisher.stop();
      wakeFile?.close();
      await control.close();
      await api.close();
      await engine.stop();
      await ports.store.close();
    },
  };
}

/**
 * Undefined when it cannot be made or watched (no inotify watch left, somebody else's file in its place): an alert then
 * comes over the socket, and the poll is there. What lies in its place is removed first: the alert agent prefers the
 * file, and one that nobody watches would swallow every alert.
 */
function wakeFileIfPossible(
  { wakeFilePath, logger }: DaemonPorts,
  onWake: () => void,
): ReturnType<typeof watchWakeFile> | undefined {
  try {
    return watchWakeFile(wakeFilePath, onWake);
  } catch {
    // Tried once more on a new file.
  }
  try {
    rmSync(wakeFilePath, { force: true });
    return watchWakeFile(wakeFilePath, onWake);
  } catch (error) {
    removeIfPossible(wakeFilePath);
    logger.warn({ path: wakeFilePath }, `no wake file, alerts come over the socket: ${messageOf(error)}`);
    return undefined;
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A directory, or not ours; the alert agent writes to neither.
  }
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
