import type { Verdict } from '../../bridge/verdict.ts';
import type { Recovery } from '../../engine/recovery.ts';
import { isUnfinished } from '../../engine/recovery.ts';
import { readMark } from '../../engine/mark.ts';
import { BY_ITSELF } from '../../engine/orders.ts';
import type { Move } from '../../engine/move.ts';
import type { Clock } from '../../ports.ts';
import type { StormLimits } from '../../engine/storm.ts';
import type { MemoryDisk } from '../../engine/store/memory-store.ts';
import { computeAnswers } from '../cloud/heartbeat.ts';
import type { EvacuateCall, Guest, Host, Run, World } from '../cloud/world.ts';
import type { Violation } from '../violation.ts';
import { Truth } from './truth.ts';

export interface MonitorPorts {
  readonly time: Clock;
  readonly cloud: World;
  /** Of every controller, whether it is up or not. */
  readonly disks: () => readonly MemoryDisk[];
  readonly nodeOfHost: (host: string) => string;
  readonly isGateAsked: boolean;
  readonly acceptsHumans: boolean;
  readonly maxSnapshotAgeMs: number;
  readonly storm: StormLimits;
  readonly onViolation: (violation: Violation) => void;
}

/** One engine, as the monitor sees it. */
export interface EngineSight {
  readonly node: string;
  readonly beganAtMs: number;
  readonly disk: MemoryDisk;
  /** Of the lease that it believes to hold. */
  readonly epoch: () => number | undefined;
  /** The last snapshot that it got to see. */
  snapshot: { readonly authority: 'granted' | 'none'; readonly atMs: number } | undefined;
}

/** Effects on Nova, as they are sent. */
export type Effect =
  | { readonly verb: 'setForcedDown'; readonly serviceId: string; readonly forcedDown: boolean }
  | { readonly verb: 'disableService' | 'enableService'; readonly serviceId: string }
  | { readonly verb: 'evacuate' | 'resetState' | 'act'; readonly instanceId: string };

/** How long an evacuation may have been on its way to Nova after the ground for it was looked at. */
const LOOK_MS = 40_000;
/** Until an engine has seen a fencing, and counted it. */
const NOT_COUNTED_YET_MS = 8_000;
/** Until Pacemaker has missed a node and a poll has shown it. */
const UNNOTICED_MS = 25_000;
/** A node that came back this shortly before a recovery began may not have been seen yet. */
const UNSEEN_MS = 3_000;
/** A heartbeat within this of our own write counts as that write. */
const SAME_WRITE_MS = 1_100;

/** Holds what the engines do against what is true of the world, at the moment when they do it. */
export class Monitor {
  readonly truth = new Truth();
  readonly #ports: MonitorPorts;
  readonly violations: Violation[] = [];
  /** Instances that ran when their host lost its power, and do not run again. */
  readonly owed = new Map<string, { readonly host: string; readonly atMs: number }>();
  /** Nodes whose loss somebody was told of because nothing can be done about it any more. */
  readonly told = new Set<string>();
  lastReadMs = 0;

  constructor(ports: MonitorPorts) {
    this.#ports = ports;
    ports.cloud.watch = {
      evacuateCalled: (call, guest) => {
        this.#evacuateCalled(call, guest);
      },
      runBegan: (run, guest) => {
        this.#runBegan(run, guest);
      },
    };
  }

  violate(rule: string, what: string): void {
    const violation = { rule, what, atMs: this.#ports.time.monotonic() };
    if (this.violations.some((known) => known.rule === rule && known.what === what)) return;
    this.violations.push(violation);
    this.#ports.onViolation(violation);
  }

  /** Whoever reports a failure and is answered need not say it again. */
  reportAnswered(host: string, uuid: string): void {
    if (this.#ports.disks().some(({ notices }) => notices.has(uuid))) return;
    this.violate('S4', `the report of ${host} was answered, and is on no disk`);
  }

  /** Before the guests of the host are gone. */
  powerIsLost(host: string): void {
    const atMs = this.#ports.time.monotonic();
    const open = this.#openRuns();
    for (const { instanceId } of open.filter((run) => run.host === host)) {
      // A copy that a lying fencing left behind is nobody's loss.
      const runsElsewhere = open.some((run) => run.instanceId === instanceId && run.host !== host);
      if (!runsElsewhere) this.owed.set(instanceId, { host, atMs });
    }
  }

  // --- what an engine sends ------------------------------------------------------------------------------------------

  effect(engine: EngineSight, effect: Effect): void {
    this.#mayAct(engine, effect);
    if (engine.epoch() === undefined || engine.epoch() !== engine.disk.lease?.epoch) {
      this.violate('S5', `${effect.verb} by ${engine.node}, which does not hold the lease`);
    }
    if (effect.verb === 'setForcedDown' && !effect.forcedDown) this.#givesBack(engine, effect.serviceId);
    if (effect.verb === 'enableService' && this.#hostOfService(effect.serviceId)?.forcedDown === true) {
      this.violate('S6', `${this.#hostOfService(effect.serviceId)?.name} is enabled before forced-down is lifted`);
    }
  }

  #mayAct({ node, snapshot }: EngineSight, { verb }: Effect): void {
    const now = this.#ports.time.monotonic();
    if (snapshot === undefined) {
      this.violate('S2', `${verb} by ${node} before it has seen the cluster`);
      return;
    }
    // What was decided before that snapshot came may be sent in the very moment when it comes.
    if (snapshot.authority === 'none' && now > snapshot.atMs) {
      this.violate('S2', `${verb} by ${node} without quorum or a DC`);
    }
    if (now - snapshot.atMs > this.#ports.maxSnapshotAgeMs + 1_000) {
      this.violate('S2', `${verb} by ${node} on a snapshot of ${Math.round((now - snapshot.atMs) / 1000)} s ago`);
    }
  }

  #givesBack({ disk, node }: EngineSight, serviceId: string): void {
    const host = this.#hostOfService(serviceId);
    if (host === undefined) return;
    const open = [...disk.recoveries.values()].find((each) => each.host === host.name && isUnfinished(each));
    if (open !== undefined) this.violate('S6', `${host.name} is given back by ${node} while it is ${open.state}`);
    const onItsWay = [...this.#ports.cloud.guests.values()].find(
      (guest) => guest.host === host.name && guest.taskState?.startsWith('rebuild') === true && !guest.wrecked,
    );
    if (onItsWay !== undefined && host.forcedDown && this.#isCarriedOut(onItsWay) && !this.#isExplained(onItsWay.id)) {
      this.violate('S6', `${host.name} is given back by ${node} while ${onItsWay.name} is on its way`);
    }
    const { isUp, lostAtMs } = this.truth.of(this.#ports.nodeOfHost(host.name));
    const isLongLost = !isUp && this.#ports.time.monotonic() - (lostAtMs ?? 0) > UNNOTICED_MS;
    if (host.forcedDown && isLongLost && host.power === 'off')
      this.violate('S6', `${host.name} is given back though its node is lost`);
  }

  #isCarriedOut(guest: Guest): boolean {
    const { cloud } = this.#ports;
    const migration = cloud.migrations.findLast((each) => each.instanceId === guest.id);
    const target = cloud.hosts.get(migration?.targetHost ?? '');
    return target !== undefined && computeAnswers(cloud, target);
  }

  // --- what arrives at Nova -------------------------------------------------------------------------------------------

  #evacuateCalled(call: EvacuateCall, guest: Guest): void {
    const { cloud, isGateAsked, nodeOfHost, time } = this.#ports;
    if (call.outcome === 'wrecks') this.violate('S3', `${guest.name} is evacuated while it is being rebuilt`);
    if (call.outcome === 'refused' || call.sourceHost === null) return;
    const host = cloud.hosts.get(call.sourceHost);
    if (host === undefined) return;
    const node = nodeOfHost(host.name);
    const atMs = time.monotonic();
    if (!this.#isOnDisk(host.name)) {
      this.violate('S4', `${guest.name} is evacuated from ${host.name}, and no disk holds an open recovery of it`);
    }
    const mark = readMark(host.disabledReason ?? undefined);
    if (!host.forcedDown) this.violate('S6', `${guest.name} is evacuated before ${host.name} is forced down`);
    else if (host.status !== 'disabled' || mark?.kind !== 'recovery') {
      this.violate('S6', `${guest.name} is evacuated from ${host.name} before its mark stands in Nova`);
    } else if (mark.ended !== undefined) {
      this.violate('S6', `${guest.name} is evacuated from ${host.name} after its mark said that all had ended`);
    }
    const runsThere = this.#openRuns().some((run) => run.instanceId === guest.id && run.host === host.name);
    const wasLie = this.truth.wasLiedAbout(node);
    if (runsThere && !wasLie) this.violate('S1', `${guest.name} is evacuated while it runs on ${host.name}`);
    if (wasLie) this.#heedsHeartbeat(host, guest);
    const last = this.truth.of(node).fencings.at(-1);
    const letInMs = host.computeStartedAtMs - (time.now() - atMs);
    const isLetIn = host.compute === 'running' && last?.isTrue === true && letInMs > last.atMs;
    if (isLetIn && isGateAsked && atMs - letInMs > LOOK_MS) {
      this.violate('S6', `${guest.name} is evacuated after nova-compute was let in on ${host.name}`);
    }
  }

  /** S9: nova-compute of the host was heard after our last write, long enough ago to be known. */
  #heedsHeartbeat(host: Host, guest: Guest): void {
    const { cloud, time } = this.#ports;
    if (!computeAnswers(cloud, host)) return;
    const { reportIntervalMs } = cloud.options;
    const writtenMs = host.lastPutMs ?? 0;
    // One that began, or was heard again, after the write beats at that moment.
    const sinceStart = Math.max(0, writtenMs + SAME_WRITE_MS - host.computeStartedAtMs);
    const firstBeatMs = host.computeStartedAtMs + Math.ceil(sinceStart / reportIntervalMs) * reportIntervalMs;
    if (time.now() - firstBeatMs > LOOK_MS) {
      this.violate('S9', `${guest.name} is evacuated from ${host.name}, whose nova-compute is heard since its fencing`);
    }
  }

  #isOnDisk(host: string): boolean {
    return this.#ports
      .disks()
      .some((disk) => [...disk.recoveries.values()].some((each) => each.host === host && isUnfinished(each)));
  }

  #runBegan(run: Run, guest: Guest): void {
    this.owed.delete(guest.id);
    for (const other of this.#openRuns()) {
      if (other === run || other.instanceId !== run.instanceId || other.host === run.host) continue;
      const { nodeOfHost } = this.#ports;
      if (this.truth.wasLiedAbout(nodeOfHost(other.host)) || this.truth.wasLiedAbout(nodeOfHost(run.host))) continue;
      this.violate('S1', `${guest.name} runs on ${other.host} and on ${run.host} at once`);
    }
  }

  #openRuns(): readonly Run[] {
    return this.#ports.cloud.runs.filter(({ toMs }) => toMs === undefined);
  }

  #hostOfService(serviceId: string): Host | undefined {
    for (const host of this.#ports.cloud.hosts.values()) if (host.serviceId === serviceId) return host;
    return undefined;
  }

  // --- what is written down -------------------------------------------------------------------------------------------

  recoveryAdded(engine: EngineSight, { host, node, proof, state }: Recovery): void {
    if (state !== 'accepted') return;
    const { acceptsHumans, cloud, time } = this.#ports;
    const fencing = this.truth.fencingOf(node, proof.completedAtMs);
    if (fencing === undefined) {
      this.violate('S1', `a recovery of ${host} begins, and nothing has fenced ${node}`);
      return;
    }
    // An engine that began after it cannot know whether there was quorum then; the node is down all the same.
    const isKnown = engine.beganAtMs < fencing.atMs;
    if (!fencing.quorate && isKnown) this.violate('S1', `a recovery of ${host} begins by a fencing without quorum`);
    if (fencing.by === 'a human' && !acceptsHumans) this.violate('S1', `a human’s word is taken for ${host}`);
    const mark = readMark(cloud.hosts.get(host)?.disabledReason ?? undefined);
    const isTakenUp = mark?.kind === 'recovery' && Math.abs(mark.proof.completedAtMs - proof.completedAtMs) <= 5_000;
    const { isUp, lostAtMs, markSinceMs, upAtMs } = this.truth.of(node);
    const now = time.monotonic();
    const isBack = upAtMs > fencing.atMs && (isUp || (lostAtMs ?? 0) > upAtMs);
    if (isBack && now - upAtMs > UNSEEN_MS && !isTakenUp) {
      this.violate('S1', `a recovery of ${host} begins by a fencing from before ${node} was last up`);
    }
    const wasMarked = fencing.underMark && markSinceMs !== undefined && engine.beganAtMs < fencing.atMs;
    if (wasMarked) this.violate('S8', `a recovery of ${host} begins, which an administrator had taken out`);
  }

  /** `before`: as it stood on the disk. */
  recoverySaved(engine: EngineSight, before: Recovery | undefined, recovery: Recovery, moves: readonly Move[]): void {
    if (before?.orders.admitted === undefined && recovery.orders.admitted?.by === BY_ITSELF) {
      this.#heedsStorm(engine, recovery.host);
    }
    // One that another engine has ended speaks of no instance.
    if (recovery.state !== 'recovered' || recovery.reason?.startsWith('another engine') === true) return;
    const { cloud } = this.#ports;
    for (const move of moves) {
      const guest = cloud.guests.get(move.instanceId);
      if (move.state === 'waiting' || move.state === 'sending' || move.state === 'accepted') {
        this.violate('S10', `${recovery.host} is called recovered, and ${move.name} is ${move.state}`);
      }
      if (guest === undefined || move.state !== 'done' || move.wantedState !== 'active') continue;
      if (this.#runsOrDiedSince(guest, recovery.host)) continue;
      this.violate('S10', `${recovery.host} is called recovered, and ${move.name} runs nowhere`);
    }
    for (const guest of cloud.guests.values()) {
      const isLeft = guest.host === recovery.host && guest.vmState === 'active' && guest.taskState === null;
      if (!isLeft || moves.some((move) => move.instanceId === guest.id)) continue;
      this.violate('S10', `${recovery.host} is called recovered, and ${guest.name} is still on it`);
    }
  }

  /** S7: an engine that has seen so many hosts being fenced lets none begin by itself. */
  #heedsStorm({ beganAtMs, disk }: EngineSight, host: string): void {
    const { cloud, nodeOfHost, storm, time } = this.#ports;
    const now = time.monotonic();
    const written = new Set([...disk.recoveries.values()].map((recovery) => recovery.host));
    // One that was back before the engine could look was never a loss to it.
    const seen = [...cloud.hosts.keys()].filter((name) => written.has(name) || !this.truth.of(nodeOfHost(name)).isUp);
    const lost = seen.filter((name) =>
      this.truth.of(nodeOfHost(name)).fencings.some(({ atMs, isMarked, quorate }) => {
        const isCounted = quorate && !isMarked && atMs > beganAtMs;
        return isCounted && atMs < now - NOT_COUNTED_YET_MS && atMs > now - storm.windowMs + NOT_COUNTED_YET_MS;
      }),
    );
    const { hosts, percent } = storm.cluster;
    const allowed = Math.max(1, Math.min(hosts, Math.floor((cloud.hosts.size * percent) / 100)));
    if (lost.length > allowed) {
      this.violate('S7', `${host} begins by itself while ${lost.length} of ${cloud.hosts.size} hosts are lost`);
    }
  }

  #runsOrDiedSince(guest: Guest, deadHost: string): boolean {
    if (this.#openRuns().some((run) => run.instanceId === guest.id && run.host !== deadHost)) return true;
    const ran = this.#ports.cloud.runs.findLast((run) => run.instanceId === guest.id);
    return ran !== undefined && ran.host !== deadHost && ran.toMs !== undefined;
  }

  /** What is owed when everything has long been well: failures that were lost, and hosts that nobody gives back. */
  owedAtTheEnd(
    verdicts: readonly Verdict[],
    recoveries: readonly Recovery[],
    flapping: ReadonlySet<string>,
  ): readonly Omit<Violation, 'atMs'>[] {
    const { cloud, nodeOfHost } = this.#ports;
    const found: Omit<Violation, 'atMs'>[] = [];
    for (const { hold, host, node, state } of recoveries) {
      const isUp = verdicts.some((verdict) => verdict.node === node && verdict.state === 'up');
      if (state === 'recovered' || state === 'failed') {
        // Nova refuses while nova-compute has not cleaned up: it was not restarted since the last evacuation ended.
        const isDirty = cloud.migrations.some((each) => each.sourceHost === host && each.status === 'done');
        if (isUp && !isDirty && !flapping.has(host))
          found.push({ rule: 'S6', what: `${host} is back and well, and is still kept out at the end` });
      } else if (state === 'held') {
        if (hold !== undefined && PASSING.includes(hold.kind)) {
          found.push({ rule: 'S4', what: `the recovery of ${host} is still held at the end: ${hold.reason}` });
        }
      } else if (state !== 'released' && state !== 'superseded') {
        found.push({ rule: 'S4', what: `the recovery of ${host} is still ${state} at the end` });
      }
    }
    for (const [id, { atMs, host }] of this.owed) {
      const guest = cloud.guests.get(id);
      const node = nodeOfHost(host);
      if (guest === undefined || guest.vmState !== 'active' || !this.#wasFenced(node, atMs)) continue;
      if (this.told.has(node) || this.truth.of(node).markSinceMs !== undefined) continue;
      if (this.#isExplained(id) || verdicts.some((each) => each.node === node && each.state === 'lost')) continue;
      // Or it is on another host by now, whose recovery is held.
      if (recoveries.some((each) => [host, guest.host].includes(each.host) && each.state === 'held')) continue;
      found.push({ rule: 'S4', what: `${guest.name} was lost with ${host}, runs nowhere, and nothing tells why` });
    }
    return found;
  }

  #wasFenced(node: string, lostAtMs: number): boolean {
    const { acceptsHumans } = this.#ports;
    return this.truth.of(node).fencings.some(({ atMs, by, isMarked, quorate }) => {
      const isTaken = quorate && !isMarked && (acceptsHumans || by !== 'a human');
      return isTaken && atMs >= lostAtMs - 1_000;
    });
  }

  #isExplained(instanceId: string): boolean {
    return this.#ports.disks().some((disk) =>
      [...disk.moves.values()].some((move) => {
        return move.instanceId === instanceId && (move.state === 'failed' || move.state === 'skipped');
      }),
    );
  }
}

/** Holds that end by themselves once everything is well. */
const PASSING: readonly string[] = ['no-quorum', 'no-dc', 'cloud-unavailable', 'store-unusable'];
