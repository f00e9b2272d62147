import type { Decision, Missed } from '../bridge/decision.ts';
import type { Pause } from '../bridge/pause.ts';
import type { Proof } from '../bridge/proof.ts';
import type { Hold, Verdict } from '../bridge/verdict.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { isLifeboatError, LifeboatError, messageOf } from '../errors.ts';
import type { Instance } from '../openstack/cloud.ts';
import type { Inventory } from '../openstack/inventory.ts';
import { sleep } from '../ports.ts';
import { FailureBook } from './failure-book.ts';
import type { FlappingLimits } from './flapping.ts';
import { judgeGate, type GateAnswer, type GatePurpose } from './gate.ts';
import type { Rank } from './order/rank.ts';
import { ranksOf } from './order/ranks.ts';
import { USUAL_ORDER, type OrderRules } from './order/rules.ts';
import { StartAfter } from './order/start-after.ts';
import { answerPlan, type PlanAnswer } from './plan/answer-plan.ts';
import type { CapacityWatch } from './plan/capacity-watch.ts';
import { Planning } from './plan/planning.ts';
import { Operator } from './operator.ts';
import { BY_ITSELF } from './orders.ts';
import { PauseWatch } from './pause-watch.ts';
import { guardedCloud, guardedInventory } from './guarded-cloud.ts';
import { Lease, storeHold } from './lease.ts';
import { mayOnlyFollow, permissionFrom } from './permission.ts';
import { Places } from './places.ts';
import { newRecovery, owedByMarks } from './rebuild.ts';
import { isOfTheStore, Recover, type RecoverPorts } from './recover.ts';
import { hasBegun, isolationAfter, isUnfinished, keepsOut, type Recovery } from './recovery.ts';
import { Releases } from './releases.ts';
import { Retention } from './retention.ts';
import { declareSegments, type DeclaredSegment } from './segments/declare.ts';
import { ReservedHosts } from './segments/reserved-hosts.ts';
import { Segments } from './segments/segments.ts';
import { isSameFailure } from './same-failure.ts';
import { NOT_READ } from './select.ts';
import { Services } from './services.ts';
import { StormGuard, type StormGuardPorts } from './storm-guard.ts';
import type { SegmentOf, StormLimits } from './storm.ts';
import { Suspects } from './suspects.ts';
import { takeUp } from './take-up.ts';
import { unansweredFencings, type Unanswered } from './unanswered.ts';
import { watchedStore } from './watched-store.ts';
import { ROUNDING_MS } from './witness.ts';

export interface EnginePorts extends Omit<
  RecoverPorts,
  | 'permission'
  | 'stormHold'
  | 'services'
  | 'knownService'
  | 'knownServices'
  | 'forgetServices'
  | 'othersIsolated'
  | 'places'
  | 'isKeptOut'
  | 'isProvenDown'
  | 'ranks'
  | 'blockedBy'
  | 'waysOf'
  | 'reserved'
  | 'needsOn'
  | 'tagged'
  | 'readLabels'
  | 'onChange'
> {
  /** A snapshot older than this allows nothing any more (S2). */
  readonly maxSnapshotAgeMs: number;
  readonly storm: StormLimits;
  readonly flapping: FlappingLimits;
  /** Without it: as the segments say. */
  readonly segmentOf?: SegmentOf;
  /** A fencing that cannot be answered any more, for an operator to see to. */
  readonly onMissed: (missed: Missed) => void;
  /** Something that is shown has changed. */
  readonly onChange: () => void;
  /** The right to act; one of the engine's own when left out. */
  readonly lease?: Lease;
  /** How long closed records are kept, in ms; left out: for ever. */
  readonly retentionMs?: number;
  /** Without them: as the configuration has them when it says nothing. */
  readonly order?: OrderRules;
  /** Without it nothing is planned ahead, and images say nothing. */
  readonly inventory?: Inventory;
  /** As the configuration declares them. */
  readonly segments?: readonly DeclaredSegment[];
  /** Whether reserved hosts are added to the aggregates of the host that they stand in for. */
  readonly addsReservedToAggregates?: boolean;
  readonly capacity?: { readonly everyMs: number; readonly acrossZones: boolean };
  /** Of an instance that was moved; undefined when nothing is known of an agent in it. */
  readonly agentAnswers?: (instanceId: string) => boolean | undefined;
}

/** `waiting`: for the lease, or for the store. `deposed`: another engine has taken over, and nothing is done any more. */
export type EnginePhase = 'waiting' | 'active' | 'deposed';

type Proven = Extract<Verdict, { state: 'proven' }>;

/** Nova's list of services is read again after this long, and sooner while a host is lost. */
const SERVICES_MS = 30_000;
const SERVICES_WHILE_LOST_MS = 2_000;
/** How long one lost host's force-down may keep the others' evacuations waiting. */
const OTHERS_ISOLATED_MS = 5_000;
const RESTART_MS = 5_000;
/** Of an engine that was given no lease. */
const LEASE_MS = 15_000;

/**
 * The engine: takes what the bridge decided, keeps a durable recovery for each proven loss, runs them, and gives hosts
 * back. Crash-only: everything it needs after a kill is in the store, in Pacemaker and in Nova.
 */
export class Engine {
  readonly services: Services;
  /** What an operator may say about recoveries. */
  readonly operator: Operator;
  readonly #ports: EnginePorts;
  readonly #lease: Lease;
  readonly #retention: Retention | undefined;
  readonly #suspects: Suspects;
  readonly #releases: Releases;
  readonly #places: Places;
  readonly #startAfter: StartAfter;
  readonly #planning: Planning | undefined;
  readonly #reserved: ReservedHosts;
  #segments = new Segments([]);
  /** By host that is proven down: why its failure is none of ours. */
  #leftAlone: ReadonlyMap<string, Hold> = new Map();
  readonly #guard: StormGuard;
  readonly #failures: FailureBook;
  readonly #pause = new PauseWatch();
  /** By host: what could not be written down, and why. Nothing is done for it before it is (S4). */
  readonly #unwritten = new Map<string, { readonly verdict: Proven; readonly hold: Hold }>();
  readonly #stop = new AbortController();
  readonly #runs = new Map<string, Recover>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #accepted = new Set<string>();
  #snapshot: { readonly value: ClusterSnapshot; readonly readAtMs: number } | undefined;
  #verdicts: readonly Verdict[] = [];
  #hasRead = false;
  #storeFailure: LifeboatError | undefined;
  #takenUp = false;
  /** Nodes of which it is still to be asked whether a fencing of them was left unanswered; undefined before the first look. */
  #unasked: Set<string> | undefined;
  readonly #toldNews = new WeakSet<Missed>();
  #owedNews: { readonly nodes: readonly string[]; readonly found: readonly Unanswered[] } | undefined;
  #isAsking = false;

  constructor(given: EnginePorts) {
    this.#lease = given.lease ?? ownLease(given);
    this.#lease.onLost(() => this.#stepDown());
    const mayChange = (): void => this.#mayChange();
    // From here on nobody in this folder can change the cloud without the lease, or miss that it is lost.
    const ports = {
      ...given,
      store: watchedStore(given.store, (error) => this.#lease.note(error)),
      cloud: guardedCloud(given.cloud, mayChange),
      ...(given.inventory && { inventory: guardedInventory(given.inventory, mayChange) }),
    };
    this.#ports = ports;
    const { retentionMs } = ports;
    this.#retention = retentionMs === undefined ? undefined : new Retention({ ...ports, retentionMs });
    this.services = new Services(ports.cloud, ports.clock, ports.logger, () => {
      for (const run of this.#running) run.nudge();
    });
    this.#places = new Places(ports.limits.parallel, ports.clock, () => this.#inFlight());
    this.#startAfter = new StartAfter({
      clock: ports.clock,
      logger: ports.logger,
      moves: () => this.recoveries.filter(({ recovery }) => keepsOut(recovery)).flatMap(({ moves }) => moves),
      timeoutMs: (ports.order ?? USUAL_ORDER).groupTimeoutMs,
      agentAnswers: ports.agentAnswers ?? (() => undefined),
    });
    this.#failures = new FailureBook({ ...ports, runs: () => this.#runs.values() });
    this.#guard = new StormGuard({
      ...ports,
      limits: ports.storm,
      segmentOf: ports.segmentOf ?? ((host) => this.#segments.of(host)?.name),
      view: () => this.#stormView(),
      onCalm: () => {
        for (const run of this.#inOrderOfLoss()) run.nudge();
      },
    });
    this.operator = new Operator({
      ...ports,
      runs: () => this.recoveries,
      verdictOf: (node) => this.#verdictOf(node),
      permission: () => this.permission(),
      stormHoldOf: ({ recovery }) => (hasBegun(recovery) ? undefined : this.#guard.holdOn(recovery)),
      flappingHoldOf: (run) => this.flappingHoldOf(run),
      launch: (run) => this.#launch(run),
    });
    this.#suspects = new Suspects({
      ...ports,
      services: this.services,
      view: () => ({
        verdicts: this.#verdicts,
        recovering: this.#isRecovering() && this.permission() === undefined,
        mayGiveBack: this.permission() === undefined,
        keptOut: (host) => this.#keptOut(host),
        unanswered: (host) => this.#leftAlone.has(host) || this.#unwritten.has(host),
      }),
    });
    const { capacity, inventory, order = USUAL_ORDER } = ports;
    this.#planning =
      inventory &&
      new Planning({
        ...ports,
        inventory,
        services: () => this.services.all,
        isSound: (host) => this.#isSound(host),
        ranks: (instances) => this.#ranksOf(instances),
        acrossZones: capacity?.acrossZones ?? false,
        method: (host) => ({ ways: this.#segments.waysOf(host), reserved: this.#segments.reservedFor(host) }),
        order,
        capacityEveryMs: capacity?.everyMs ?? 0,
      });
    this.#reserved = new ReservedHosts({
      ...ports,
      inventory: ports.inventory,
      stock: this.#planning?.stock,
      segments: () => this.#segments,
      service: (host) => this.services.get(host),
      isUp: (host) => this.#isUp(host) && !this.#keptOut(host),
      mayAct: () => this.permission() === undefined,
      failedHosts: () =>
        this.recoveries
          .map(({ recovery }) => recovery)
          .filter(isUnfinished)
          .map(({ host }) => host),
      addsToAggregates: ports.addsReservedToAggregates ?? false,
    });
    this.#releases = new Releases({ ...ports, mayRelease: (run) => this.#mayRelease(run) });
  }

  /**
   * Waits for the lease, then reads the store; both for as long as it takes. Nothing is done before that, nor before the
   * first `observe`. Resolves also when the engine is stopped meanwhile.
   */
  async start(): Promise<void> {
    const { logger } = this.#ports;
    try {
      await this.#lease.acquire(this.#stop.signal);
      this.#inBackground('the lease', () => this.#lease.keep(this.#stop.signal));
      await this.#withStore(() => this.#read());
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      throw error;
    }
    this.#hasRead = true;
    if (this.recoveries.some(({ recovery }) => recovery.hold?.kind === 'storm')) this.#guard.inherit();
    if (this.#runs.size > 0)
      logger.info({ recoveries: this.#runs.size }, `${this.#runs.size} open recoveries found in the store`);
    this.#ports.onChange();
  }

  async #read(): Promise<void> {
    const { store } = this.#ports;
    for (const recovery of await store.openRecoveries()) this.#adopt(recovery, await store.movesOf(recovery.id));
    await this.#suspects.load();
    await this.#reserved.load();
    this.#segments = new Segments(await declareSegments(this.#ports.segments ?? [], this.#ports));
    await this.#failures.load();
  }

  /** Does it again until the store answers. */
  async #withStore<T>(work: () => Promise<T>): Promise<T> {
    const { clock, logger } = this.#ports;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isLifeboatError(error, 'STORE_UNUSABLE', 'STORE_DAMAGED')) throw error;
        this.#storeFailure = error;
        logger.warn({ error: messageOf(error) }, `the store cannot be read, trying again: ${messageOf(error)}`);
        await sleep(clock, RESTART_MS, this.#stop.signal);
        this.#storeFailure = undefined;
      }
    }
  }

  get phase(): EnginePhase {
    if (this.#lease.isLost) return 'deposed';
    return this.#hasRead ? 'active' : 'waiting';
  }

  /** Why this engine does nothing at all, if so: no lease, or no store. */
  get ownHold(): Hold | undefined {
    const lease = this.#lease.hold();
    if (lease !== undefined || this.#hasRead) return lease;
    return this.#storeFailure && storeHold(this.#storeFailure);
  }

  /** Newest first. */
  get recoveries(): readonly Recover[] {
    return [...this.#runs.values()].toSorted((a, b) => b.recovery.createdAtMs - a.recovery.createdAtMs);
  }

  get verdicts(): readonly Verdict[] {
    return this.#verdicts;
  }

  get snapshotAgeMs(): number | undefined {
    return this.#snapshot && this.#ports.clock.monotonic() - this.#snapshot.readAtMs;
  }

  /** Why no effect is allowed now, if so. */
  permission(): Hold | undefined {
    const own = this.#lease.hold();
    if (own !== undefined) return own;
    const { maxSnapshotAgeMs } = this.#ports;
    return permissionFrom(this.#snapshot?.value, this.snapshotAgeMs ?? 0, maxSnapshotAgeMs, this.pause);
  }

  /** Undefined while Lifeboat is not paused. */
  get pause(): Pause | undefined {
    return this.#pause.current;
  }

  /** What the snapshot says of a pause, unless it was read before the last word of an operator. Safe to repeat. */
  heedPause(snapshot: ClusterSnapshot): Pause | undefined {
    return this.#pause.see(snapshot);
  }

  /** Takes effect now; the next snapshots have to say the same. */
  notePause(pause: Pause | undefined): void {
    this.#pause.note(pause, this.#ports.clock.now());
    for (const run of this.#running) run.nudge();
  }

  /** Why the recovery waits, as things stand now; undefined when it does not. */
  holdOf({ recovery }: Recover): Hold | undefined {
    if (recovery.state !== 'held') return undefined;
    return recovery.hold?.kind === 'storm' ? (this.#guard.holdOn(recovery) ?? recovery.hold) : recovery.hold;
  }

  /** Why its host is not given back for its many failures. */
  flappingHoldOf({ recovery }: Recover): Hold | undefined {
    return this.#failures.flappingHoldOf(recovery);
  }

  /** Whether what would run guests on the host may start; only as good as the last snapshot is new. */
  gateOf(host: string, purpose: GatePurpose): GateAnswer {
    return judgeGate(host, purpose, {
      // A pause forbids effects; what is known is known all the same.
      forbidden: mayOnlyFollow(this.permission()) ? undefined : this.permission(),
      takenUp: this.#takenUp,
      recoveries: this.recoveries.map(({ recovery }) => recovery),
      verdicts: this.#verdicts,
      unwritten: this.unwritten,
      services: this.services.hosts && this.services.all,
    });
  }

  /**
   * Asked last, before every change of the cloud. Between the moment when a step was allowed and the one when its call goes
   * out it is written to the store, and quorum may go meanwhile (S2; found by the simulator). Throws NOT_ALLOWED or LEASE_….
   */
  #mayChange(): void {
    this.#lease.check();
    const forbidden = this.permission();
    if (forbidden !== undefined && !mayOnlyFollow(forbidden)) throw new LifeboatError('NOT_ALLOWED', forbidden.reason);
  }

  /** Takes one decision of the bridge. When it resolves, every proven loss in it is on disk and its recovery runs (S4). */
  async observe(snapshot: ClusterSnapshot, decision: Decision): Promise<void> {
    this.#snapshot = { value: snapshot, readAtMs: this.#ports.clock.monotonic() };
    this.#pause.see(snapshot);
    this.#verdicts = decision.verdicts;
    if (this.phase === 'deposed') return;
    if (!this.#hasRead) {
      this.#inBackground('the services', () => this.services.refresh(SERVICES_MS));
      return;
    }
    this.#leaveAlone(decision.verdicts);
    this.#guard.weigh();
    for (const verdict of decision.verdicts) if (verdict.state === 'proven') await this.#writeDown(verdict);
    this.#tellReturned();
    this.#inBackground('the services', () =>
      this.services.refresh(this.#someLost() ? SERVICES_WHILE_LOST_MS : SERVICES_MS),
    );
    const forbidden = this.permission();
    try {
      for (const proof of decision.fencedAgain) await this.#renew(proof);
      await this.#writeWhatIsOwed();
      if (forbidden !== undefined && !mayOnlyFollow(forbidden)) return;
      if (!this.#takenUp && this.services.hosts !== undefined) await this.#takeUp();
      if (!this.#takenUp) return;
      await this.#forgetRetriesOfReturned();
    } catch (error) {
      if (!isOfTheStore(error)) throw error;
      // With the next snapshot again; nothing below is done by what could not be written.
      this.#ports.logger.warn({ error: messageOf(error) }, `waits for the store: ${messageOf(error)}`);
      return;
    }
    // Whatever ended a loop: what is unfinished and does not run is begun again.
    for (const run of this.#runs.values()) this.#launch(run);
    if (forbidden !== undefined) return;
    this.#inBackground('the suspects', () => this.#suspects.settle());
    this.#inBackground('old records', () => this.#sweep(snapshot));
    this.#inBackground('the release of hosts', () => this.#releases.settle(this.recoveries));
    this.#inBackground('the reserved hosts', () => this.#reserved.settle());
    const planning = this.#planning;
    if (planning !== undefined && !this.#someLost()) this.#inBackground('planning', () => planning.whileQuiet());
    this.#inBackground('unanswered fencings', () => this.#tellUnanswered(snapshot));
  }

  /** Stops taking steps. Nothing depends on it: a kill does as well. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the engine is stopping'));
    await Promise.allSettled(this.#tasks);
    await this.#lease.release();
  }

  /** Another engine is at work (S5). What it needs to know is in the store; this one is only in its way. */
  #stepDown(): void {
    const reason = this.#lease.hold()?.reason ?? 'the lease is lost';
    this.#ports.logger.error({}, `this engine steps down, and does nothing more: ${reason}`);
    this.#stop.abort(new LifeboatError('LEASE_LOST', reason));
    this.#ports.onChange();
  }

  async #sweep(snapshot: ClusterSnapshot): Promise<void> {
    const gone = await this.#retention?.sweep(snapshot, this.#stop.signal);
    if (gone === undefined || gone.length === 0) return;
    const ids = new Set(gone);
    for (const [id, { recovery }] of this.#runs) if (ids.has(recovery.notificationId)) this.#runs.delete(id);
  }

  /** What ended while the store was away, and could not be written then. */
  async #writeWhatIsOwed(): Promise<void> {
    for (const run of this.#runs.values()) {
      if (!run.isUnsaved || this.#isRunning(run) || isUnfinished(run.recovery)) continue;
      await run.saveAgain();
    }
  }

  // --- a proven loss -------------------------------------------------------------------------------------------------

  async #writeDown(verdict: Proven): Promise<void> {
    if (this.#leftAlone.has(verdict.host)) return;
    try {
      await this.#accept(verdict);
      this.#unwritten.delete(verdict.host);
    } catch (error) {
      const { host } = verdict;
      this.#ports.logger.error(
        { host, error: messageOf(error) },
        `${host} is proven down, and that cannot be written down`,
      );
      const remedy = isLifeboatError(error) ? error.hint : 'see to the store: its disk (full, read-only, rights)';
      this.#unwritten.set(host, { verdict, hold: { kind: 'store-unusable', reason: messageOf(error), remedy } });
    }
  }

  /** The host came back before its failure could be written down: nothing may be evacuated, and nothing is kept silent. */
  #tellReturned(): void {
    for (const [host, { hold, verdict }] of this.#unwritten) {
      const { node, proof } = verdict;
      if (this.#verdictOf(node)?.state !== 'up') continue;
      this.#unwritten.delete(host);
      this.#ports.onMissed({
        node,
        host,
        proof,
        reason: `${node} was fenced by ${proof.by}, that could not be written down (${hold.reason}), and it is up again`,
        remedy: `see which of its instances run: openstack server list --all-projects --host ${host}`,
      });
    }
  }

  #leaveAlone(verdicts: readonly Verdict[]): void {
    const left = new Map<string, Hold>();
    for (const verdict of verdicts) {
      if (verdict.state !== 'proven' || this.#accepted.has(verdict.proof.id)) continue;
      const hold = this.#segments.leftAlone(verdict.host);
      if (hold === undefined) continue;
      left.set(verdict.host, hold);
      const { host } = verdict;
      if (!this.#leftAlone.has(host))
        this.#ports.logger.warn({ host }, `${host} is down and left alone: ${hold.reason}`);
    }
    this.#leftAlone = left;
  }

  /** Hosts that are proven down and whose failure is none of ours, with the reason (S8). */
  get leftAlone(): ReadonlyMap<string, Hold> {
    return this.#leftAlone;
  }

  /** Hosts that are proven down and wait for the store. */
  get unwritten(): ReadonlyMap<string, Hold> {
    return new Map([...this.#unwritten].map(([host, { hold }]) => [host, hold]));
  }

  async #accept(verdict: Proven): Promise<void> {
    if (this.#accepted.has(verdict.proof.id)) return;
    const { clock, logger, randomness, store } = this.#ports;
    const { host, node, proof, lostSinceMs } = verdict;
    const open = this.recoveries.find((run) => run.recovery.host === host && keepsOut(run.recovery));
    if (open !== undefined && isSameFailure(open.recovery.proof, proof)) {
      this.#accepted.add(proof.id);
      return;
    }
    const made = newRecovery({ host, node, proof, lostSinceMs, now: clock.now() }, randomness);
    await this.#releases.interrupt(host);
    // One that does not run is an old store's: what it did then says nothing of today's instances.
    if (open !== undefined && isUnfinished(open.recovery) && this.#running.has(open)) {
      // In this order: a notification without the renewed recovery would make the next engine take the proof for answered.
      await open.renewProof(proof);
      await store.addNotification({ ...made.notification, status: 'ignored' });
      logger.warn({ host, proof: proof.id }, `${host} was fenced again during its recovery; the recovery goes on`);
    } else {
      const isolation = isolationAfter(open?.recovery, clock.now()) ?? this.#suspects.isolationOf(host, clock.now());
      const recovery = { ...made.recovery, isolation };
      if (open !== undefined) await this.#close(open, `${host} failed again`);
      if ((await store.addRecovery(made.notification, recovery)) === 'added') {
        logger.info(
          { host, proof: proof.id, by: proof.by },
          `${host} is proven down, fenced by ${proof.by}: recovery begins`,
        );
        await this.#suspects.handOver(host);
        this.#launch(this.#adopt(recovery, []));
      } else await this.#adoptUnheard(proof);
    }
    this.#accepted.add(proof.id);
  }

  /** It is known because an earlier try has written it, and the store went away before it could say so (S4). */
  async #adoptUnheard(proof: Proof): Promise<void> {
    const { store } = this.#ports;
    const unheard = (await store.openRecoveries()).find(
      (recovery) => recovery.proof.id === proof.id && !this.#runs.has(recovery.id),
    );
    if (unheard === undefined) return;
    await this.#suspects.handOver(unheard.host);
    this.#launch(this.#adopt(unheard, await store.movesOf(unheard.id)));
  }

  /** A fencing that lied (S9) is made good by a later one, of a node that has not come back. */
  async #renew(proof: Proof): Promise<void> {
    const run = this.recoveries.find(({ recovery }) => recovery.node === proof.node && isUnfinished(recovery));
    const kind = run?.recovery.hold?.kind;
    if (run === undefined || (kind !== 'heartbeat' && kind !== 'gate-was-open')) return;
    const doubtedAtMs = Math.max(run.recovery.proof.completedAtMs, run.recovery.orders.reopened?.atMs ?? 0);
    if (proof.completedAtMs <= doubtedAtMs) return;
    await run.renewProof(proof);
    const { host } = run.recovery;
    this.#ports.logger.warn(
      { host, proof: proof.id },
      `${host} was fenced again, by ${proof.by}: its recovery goes on`,
    );
  }

  #verdictOf(node: string): Verdict | undefined {
    return this.#verdicts.find((verdict) => verdict.node === node);
  }

  // --- what a former engine left ------------------------------------------------------------------------------------

  async #takeUp(): Promise<void> {
    const { clock, logger, randomness, store } = this.#ports;
    const owed = owedByMarks(this.services.all, clock.now(), randomness);
    await this.#suspects.adopt(owed.suspects);
    for (const { notification, recovery } of owed.recoveries) {
      if (this.recoveries.some((run) => run.recovery.host === recovery.host && keepsOut(run.recovery))) continue;
      if ((await store.addRecovery(notification, recovery)) === 'known') continue;
      logger.warn(
        { host: recovery.host },
        `${recovery.host} is kept out by a former engine: its recovery is taken up from Nova`,
      );
      this.#adopt(recovery, []);
    }
    for (const run of this.#runs.values()) {
      if (this.#isRunning(run) || !keepsOut(run.recovery)) continue;
      const service = this.services.get(run.recovery.host);
      const verdict = this.#verdictOf(run.recovery.node);
      const found = takeUp(run.recovery, service, verdict, clock.now());
      if (found.kind === 'close') await this.#close(run, found.reason);
      if (found.kind === 'ended') await run.endAsElsewhere(found.elsewhere);
    }
    this.#takenUp = true;
    this.#reserved.tellEnabled();
  }

  /**
   * Each node that was there when this engine began is asked about once, when it is up: it may have been down then, fenced
   * too long ago to be a proof. One that is lost under our eyes is no question any more.
   */
  async #tellUnanswered(snapshot: ClusterSnapshot): Promise<void> {
    const unasked = (this.#unasked ??= new Set(this.#verdicts.map(({ node }) => node)));
    for (const { node, state } of this.#verdicts) if (state === 'lost' || state === 'proven') unasked.delete(node);
    const up = this.#verdicts.filter(({ node, state }) => state === 'up' && unasked.has(node));
    if (up.length === 0 || this.#isAsking) return;
    this.#isAsking = true;
    try {
      const ports = { ...this.#ports, services: this.services };
      // Kept: what was told already is not told again when it could not be written down.
      this.#owedNews ??= { nodes: up.map(({ node }) => node), found: await unansweredFencings(snapshot, up, ports) };
      const { store, onMissed } = this.#ports;
      for (const { missed, notification } of this.#owedNews.found) {
        // Told first: an engine that is killed in between says it twice rather than never (found by the simulator).
        if (!this.#toldNews.has(missed) && !(await store.isNotified(notification.proof.id))) onMissed(missed);
        this.#toldNews.add(missed);
        await store.addNotification({ ...notification, status: 'failed' });
      }
      for (const node of this.#owedNews.nodes) unasked.delete(node);
      this.#owedNews = undefined;
    } finally {
      this.#isAsking = false;
    }
  }

  // --- running --------------------------------------------------------------------------------------------------------

  #adopt(recovery: Recovery, moves: Recover['moves']): Recover {
    const run = new Recover(
      {
        ...this.#ports,
        onChange: () => {
          this.#startAfter.forget();
          this.#ports.onChange();
        },
        permission: () => this.permission() ?? this.#segments.disabledOf(recovery.host),
        waysOf: (host) => this.#segments.waysOf(host),
        reserved: this.#reserved,
        tagged: () => this.#planning?.tagged ?? NOT_READ,
        readLabels: (signal) => this.#planning?.labelsAtLeastOnce(signal) ?? Promise.resolve(),
        needsOn: (host, signal) => this.#planning?.stock.needsOn(host, signal) ?? Promise.resolve(undefined),
        stormHold: (held) => this.#guard.holdOn(held),
        services: (maxAgeMs, signal) => this.services.within(maxAgeMs, signal),
        knownServices: () => this.services.all,
        knownService: (host) => this.services.get(host),
        forgetServices: () => this.services.forget(),
        othersIsolated: () => this.#othersIsolated(),
        places: this.#places,
        isKeptOut: (host) => this.#keptOut(host) && !this.#releases.mayBeInService(host),
        isProvenDown: (host) => this.#provenDown(host) && !this.#releases.mayBeInService(host),
        ranks: (instances) => this.#ranksOf(instances),
        blockedBy: (move) => this.#startAfter.blockedBy(move),
      },
      recovery,
      moves,
    );
    this.#runs.set(recovery.id, run);
    this.#startAfter.forget();
    this.#accepted.add(recovery.proof.id);
    return run;
  }

  /** Only of what is at work: a recovery that was closed leaves moves behind that nobody follows any more. */
  #inFlight(): number {
    let sum = 0;
    for (const { recovery, inFlight } of this.#runs.values()) if (isUnfinished(recovery)) sum += inFlight;
    return sum;
  }

  readonly #running = new Set<Recover>();

  #isRunning(run: Recover): boolean {
    return this.#running.has(run);
  }

  #launch(run: Recover): void {
    if (this.#running.has(run) || !isUnfinished(run.recovery)) return;
    this.#running.add(run);
    this.#inBackground(`the recovery of ${run.recovery.host}`, async () => {
      try {
        await run.run(this.#stop.signal);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (isOfTheStore(error)) run.showHeld(storeHold(error));
        const { clock, logger } = this.#ports;
        const { host } = run.recovery;
        logger.error({ host, error: messageOf(error) }, `the recovery of ${host} stumbled: ${messageOf(error)}`);
        await sleep(clock, RESTART_MS, this.#stop.signal);
        await this.#withStore(() => this.#beginAgain(run));
      } finally {
        this.#running.delete(run);
      }
    });
  }

  /**
   * Neither a defect nor a store that went away may lose a failure: the recovery goes on from what the store holds, as
   * after a kill. What this process remembers of it may be more than was ever written.
   */
  async #beginAgain({ recovery: { id } }: Recover): Promise<void> {
    const { store } = this.#ports;
    const recovery = (await store.openRecoveries()).find((each) => each.id === id);
    if (recovery !== undefined) this.#launch(this.#adopt(recovery, await store.movesOf(id)));
  }

  /** Every lost host must be forced down before any is evacuated: the scheduler would choose a dead one as a target. */
  async #othersIsolated(): Promise<void> {
    const { clock } = this.#ports;
    const deadlineMs = clock.monotonic() + OTHERS_ISOLATED_MS;
    await this.#suspects.settle();
    while (clock.monotonic() < deadlineMs) {
      const waiting = [...this.#running].some((run) => ['accepted', 'isolating'].includes(run.recovery.state));
      if (!waiting || this.#stop.signal.aborted) return;
      await sleep(clock, 10, this.#stop.signal);
    }
  }

  // --- storms and failures --------------------------------------------------------------------------------------------

  #stormView(): ReturnType<StormGuardPorts['view']> {
    const forbidden = this.permission();
    if (forbidden !== undefined && !mayOnlyFollow(forbidden)) return undefined;
    return this.#failures.losses(this.#verdicts, this.#ports.clock.now());
  }

  #inOrderOfLoss(): readonly Recover[] {
    return [...this.#running].toSorted((a, b) => a.recovery.lostSinceMs - b.recovery.lostSinceMs);
  }

  /** What was tried again waits for a new fencing; a host that is back instead is not going to be fenced. */
  async #forgetRetriesOfReturned(): Promise<void> {
    for (const run of this.recoveries) {
      const { hold, host, node, orders } = run.recovery;
      if (hold?.kind !== 'gate-was-open' || orders.cancelled !== undefined) continue;
      if (this.#verdictOf(node)?.state !== 'up') continue;
      const reason = `${host} came back before it was fenced again`;
      await run.cancel({ by: BY_ITSELF, atMs: this.#ports.clock.now(), reason });
    }
  }

  #isRecovering(): boolean {
    return this.#some(isUnfinished);
  }

  /** Asked for each move of a storm, so not in any order. */
  #some(holds: (recovery: Recovery) => boolean): boolean {
    for (const { recovery } of this.#runs.values()) if (holds(recovery)) return true;
    return false;
  }

  #someLost(): boolean {
    return this.#verdicts.some((verdict) => verdict.state === 'lost') || this.#isRecovering();
  }

  // --- planning ahead ------------------------------------------------------------------------------------------------

  #isSound(host: string): boolean {
    const verdict = this.#verdicts.find((each) => each.host === host);
    return (verdict === undefined || verdict.state === 'up') && !this.#keptOut(host);
  }

  #ranksOf(instances: readonly Instance[]): ReadonlyMap<string, Rank> {
    return ranksOf(instances, {
      rules: this.#ports.order ?? USUAL_ORDER,
      markKey: this.#ports.selection.markKey,
      imageProperties: (id) => this.#planning?.stock.image(id)?.properties,
    });
  }

  /** What would be left without a place if a host died; undefined when this engine does not look ahead. */
  get capacity(): CapacityWatch | undefined {
    return this.#planning?.capacity;
  }

  /** What a recovery of the host would do. Throws what Nova answers. */
  async plan(asked: string): Promise<PlanAnswer> {
    const planning = this.#planning;
    if (planning === undefined) throw new Error('this engine has no inventory to plan with');
    await this.services.refresh(SERVICES_WHILE_LOST_MS);
    return answerPlan(asked, {
      services: this.services.all,
      verdicts: this.#verdicts,
      snapshot: this.#snapshot?.value,
      forbidden: this.permission(),
      leftAlone: (host) => this.#segments.leftAlone(host),
      stormHold: (host) => this.#guard.holdOn({ host }),
      plan: (host) => planning.plan(host),
    });
  }

  // --- giving hosts back ---------------------------------------------------------------------------------------------

  #mayRelease(run: Recover): boolean {
    const { recovery, turning } = run;
    if (turning !== undefined) return false;
    if (recovery.state !== 'recovered' && recovery.state !== 'failed') return false;
    if (this.#isRunning(run)) return false; // its end is not written yet
    if (this.#verdictOf(recovery.node)?.state !== 'up' || this.permission() !== undefined) return false;
    return this.#failures.flappingHoldOf(recovery) === undefined;
  }

  #isUp(host: string): boolean {
    return this.#verdicts.some((verdict) => verdict.host === host && verdict.state === 'up');
  }

  #keptOut(host: string): boolean {
    return this.#some((recovery) => recovery.host === host && keepsOut(recovery));
  }

  /** A recovery begins with a proof (S1); a heartbeat after it takes that back (S9). */
  #provenDown(host: string): boolean {
    const isOfHost = (recovery: Recovery): boolean => recovery.host === host && keepsOut(recovery);
    return this.#some(isOfHost) && !this.#some((recovery) => isOfHost(recovery) && !this.#isStillDown(recovery));
  }

  /**
   * Once its moves have ended the gate lets nova-compute of the host in, which takes up what waits in its queue; from then
   * on only a node that was not seen back, and a nova-compute that was not heard since, are down (found by the simulator).
   */
  #isStillDown(recovery: Recovery): boolean {
    const { host, isolation, node } = recovery;
    if (isolation?.aliveSinceMs !== undefined) return false;
    if (isUnfinished(recovery)) return true;
    const heardMs = this.services.get(host)?.updatedAtMs;
    if (this.#verdictOf(node)?.state !== 'proven' || isolation?.baselineUpdatedAtMs === undefined) return false;
    return heardMs !== undefined && heardMs <= isolation.baselineUpdatedAtMs + ROUNDING_MS;
  }

  async #close(run: Recover, reason: string): Promise<void> {
    await run.end('superseded', reason);
  }

  /** Errors of background work are logged and tried again with the next snapshot; they never end the daemon. */
  #inBackground(what: string, work: () => Promise<void>): void {
    const task = work()
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted)
          this.#ports.logger.warn({ error: messageOf(error) }, `${what}: ${messageOf(error)}`);
      })
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }
}

function ownLease({ clock, logger, randomness, store }: EnginePorts): Lease {
  return new Lease({ store, clock, logger, holder: randomness.uuid(), isGone: () => false, durationMs: LEASE_MS });
}
