import { decide } from '../../bridge/decide.ts';
import { emptyMemory } from '../../bridge/memory.ts';
import type { Verdict } from '../../bridge/verdict.ts';
import type { Config } from '../../config/config.ts';
import type { Order, OrderAnswer } from '../../control/protocol.ts';
import type { Cluster } from '../../crm/cluster.ts';
import type { ClusterSnapshot } from '../../crm/snapshot.ts';
import { watchCluster, type ClusterWatch } from '../../crm/watch.ts';
import { lossesOf } from '../../engine/failure.ts';
import { Services } from '../../engine/services.ts';
import { StormGuard } from '../../engine/storm-guard.ts';
import type { Cloud } from '../../openstack/cloud.ts';
import type { MasakariApi } from '../../openstack/masakari.ts';
import type { Clock, Logger, Randomness } from '../../ports.ts';
import { MasakariSink } from '../../sink/masakari-sink.ts';
import type { Report } from '../../sink/report.ts';
import type { Spool } from '../../sink/spool.ts';
import { MissedFailures } from '../missed-failures.ts';
import { Publisher } from '../publisher.ts';
import { Authority } from './authority.ts';
import { bridgeOnlyAttributes } from './attributes.ts';
import { bridgeOnlyHealth, type BridgeOnlyFacts } from './report.ts';
import { bridgeOnlyOrders } from './orders.ts';
import { Witness } from './witness.ts';

export interface BridgeOnlyPorts {
  readonly config: Config;
  readonly cluster: Cluster;
  /** Only read: which hosts there are, and when nova-compute reported last. */
  readonly cloud: Cloud;
  readonly masakari: MasakariApi;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly localNode: string;
  readonly pid: number;
}

export interface BridgeOnlyHeart {
  readonly sink: MasakariSink;
  readonly order: (order: Order) => Promise<OrderAnswer>;
  readonly facts: () => BridgeOnlyFacts;
  /** Takes up what an earlier process has left, and reads the cluster from here on. Throws STORE_UNUSABLE. */
  start(): void;
  wake(): void;
  stop(): void;
}

const SERVICES_MS = 30_000;
const SERVICES_WHILE_LOST_MS = 2_000;
const NOT_WATCHING_YET: ClusterWatch = { wake: () => undefined, pollEvery: () => undefined, stop: () => undefined };

/** The daemon without an engine: each snapshot goes to the bridge, and what it proves to Masakari. */
export function createBridgeOnlyHeart(ports: BridgeOnlyPorts): BridgeOnlyHeart {
  const { cloud, clock, cluster, config, logger } = ports;
  const startedAtMs = clock.now();
  let memory = emptyMemory;
  let verdicts: readonly Verdict[] = [];
  const missed = new MissedFailures({ clock, logger });
  let watch = NOT_WATCHING_YET;
  // Two polls and one command that takes its whole time: older than that, the cluster is not being read.
  const maxSnapshotAgeMs = 2 * config.cluster.pollIntervalMs + config.cluster.commandTimeoutMs;
  const authority = new Authority(clock, maxSnapshotAgeMs);
  const services = new Services(cloud, clock, logger, () => {
    watch.wake();
  });
  const proceeding = new Set<string>();
  const guard: StormGuard = new StormGuard({
    ...ports,
    limits: config.storm,
    // Segments are Masakari's own affair: the limits of the whole cluster count.
    segmentOf: () => undefined,
    view: () => (authority.hasQuorum ? stormView(verdicts, sink.reports, clock.now()) : undefined),
    onCalm: () => {
      sink.observe({ verdicts });
    },
  });
  const witness = new Witness({ services, clock, silenceMs: config.evacuation.witnessSilenceMs });
  const sink: MasakariSink = new MasakariSink({
    ...ports,
    permission: (report) =>
      authority.permission() ?? (proceeding.has(report.proofId) ? undefined : guard.holdOn(report)),
    witness: (report, signal) => witness.ask(report, signal),
    onChange: () => {
      publisher.touch();
    },
  });
  const facts = (): BridgeOnlyFacts => ({
    startedAtMs,
    now: clock.now(),
    node: ports.localNode,
    pid: ports.pid,
    verdicts,
    missed: missed.shown,
    sink,
    authority,
    cloud: services.failure !== undefined ? 'unavailable' : services.hosts === undefined ? 'unknown' : 'ok',
  });
  const publisher = new Publisher({
    cluster,
    clock,
    logger,
    desired: () => bridgeOnlyAttributes(facts(), bridgeOnlyHealth(facts())),
  });

  const onSnapshot = (snapshot: ClusterSnapshot): void => {
    authority.see(snapshot);
    const decision = decide(snapshot, memory, policyOf(config, services, authority), clock.now());
    memory = decision.memory;
    for (const sentence of decision.sentences) logger.info({}, sentence);
    verdicts = decision.verdicts;
    missed.tell(decision.missed);
    if (authority.hasQuorum) {
      guard.weigh();
      sink.observe(decision);
    }
    publisher.compare(snapshot);
    const isQuiet = verdicts.every(({ state }) => state !== 'lost') && sink.holds.size === 0;
    watch.pollEvery(isQuiet ? config.cluster.pollIntervalMs : config.cluster.lostPollIntervalMs);
    refreshServices(isQuiet ? SERVICES_MS : SERVICES_WHILE_LOST_MS);
  };

  /** The first reading completes what the bridge could not match to a host. */
  const refreshServices = (maxAgeMs: number): void => {
    const wasKnown = services.hosts !== undefined;
    void services.refresh(maxAgeMs).then(() => {
      if (!wasKnown && services.hosts !== undefined) watch.wake();
    });
  };

  const wake = (): void => {
    watch.wake();
  };
  return {
    sink,
    facts,
    wake,
    order: bridgeOnlyOrders({
      ...ports,
      sink,
      authority,
      proceed: (hosts) => {
        const waiting = sink.reports.filter(({ state }) => state === 'waiting');
        const those = waiting.filter(
          ({ host, node }) => hosts.length === 0 || hosts.includes(host) || hosts.includes(node),
        );
        for (const { proofId } of those) proceeding.add(proofId);
        return those.map(({ host }) => host);
      },
      forgetMissed: (host) => missed.acknowledge(host),
      wake,
    }),
    start() {
      sink.start();
      refreshServices(0);
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
    stop() {
      watch.stop();
      publisher.stop();
      sink.stop();
    },
  };
}

function stormView(verdicts: readonly Verdict[], reports: readonly Report[], now: number) {
  const failures = reports.map(({ fencedAtMs, host, proofId }) => ({
    host,
    recoveryId: proofId,
    atMs: fencedAtMs,
    acknowledgedAtMs: undefined,
  }));
  return { losses: lossesOf(failures, verdicts, now), hosts: verdicts.map(({ host, node }) => host ?? node) };
}

function policyOf(config: Config, services: Services, { pause }: Authority) {
  return {
    acceptHumanConfirmation: config.proof.acceptHumanConfirmation,
    hostMap: config.hosts.map,
    hostAttribute: config.hosts.attribute,
    ignoredNodes: config.hosts.ignore,
    novaHosts: services.hosts,
    paused: pause.current !== undefined,
  };
}
