import type { Decision } from '../bridge/decision.ts';
import type { Pause } from '../bridge/pause.ts';
import type { Hold, Verdict } from '../bridge/verdict.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { LifeboatError, messageOf } from '../errors.ts';
import type { Instance } from '../openstack/cloud.ts';
import { Acceptance } from './acceptance.ts';
import { Authority } from './authority.ts';
import { Background } from './background.ts';
import type { EnginePorts } from './engine-ports.ts';
import { FailureBook } from './failure-book.ts';
import { takeUpFrom } from './former-engine.ts';
import { USUAL_INSTANCE_LIMITS } from './instances/usual-limits.ts';
import { USUAL_PROCESS_LIMITS } from './processes/process-limits.ts';
import { judgeGate, type GateAnswer, type GatePurpose } from './gate.ts';
import { guardedCloud, guardedInventory } from './guarded-cloud.ts';
import { Lease, storeHold } from './lease.ts';
import type { Move } from './move.ts';
import { Operator } from './operator.ts';
import type { Rank } from './order/rank.ts';
import { ranksOf } from './order/ranks.ts';
import { USUAL_ORDER } from './order/rules.ts';
import { StartAfter } from './order/start-after.ts';
import { BY_ITSELF } from './orders.ts';
import { mayOnlyFollow } from './permission.ts';
import { Places } from './places.ts';
import { answerPlan, type PlanAnswer } from './plan/answer-plan.ts';
import type { CapacityWatch } from './plan/capacity-watch.ts';
import { Planning } from './plan/planning.ts';
import { isProvenDown } from './proven-down.ts';
import { isOfTheStore, Recover } from './recover.ts';
import { hasBegun, isUnfinished, keepsOut, type Recovery } from './recovery.ts';
import { Releases } from './releases.ts';
import { Retention } from './retention.ts';
import { Runs } from './runs.ts';
import { FrontDesk } from './registry/front-desk.ts';
import type { Notice } from './registry/notice.ts';
import type { Registry } from './registry/registry.ts';
import { declareSegments } from './segments/declare.ts';
import { KnownSegments } from './segments/known-segments.ts';
import { ReservedHosts } from './segments/reserved-hosts.ts';
import type { Segments } from './segments/segments.ts';
import { NOT_READ, reasonToLeave } from './select.ts';
import { Services } from './services.ts';
import { StorePatience } from './store-patience.ts';
import { StormGuard, type StormGuardPorts } from './storm-guard.ts';
import { Suspects } from './suspects.ts';
import { UnansweredWatch } from './unanswered-watch.ts';
import { watchedStore } from './watched-store.ts';

export type { EnginePorts } from './engine-ports.ts';

/** `waiting`: for the lease, or for the store. `deposed`: another engine has taken over, and nothing is done any more. */
export type EnginePhase = 'waiting' | 'active' | 'deposed';

/** Nova's list of services is read again after this long, and sooner while a host is lost. */
const SERVICES_MS = 30_000;
const SERVICES_WHILE_LOST_MS = 2_000;
/** How long one lost host's force-down may keep the others' evacuations waiting. */
const OTHERS_ISOLATED_MS = 5_000;
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
  readonly #authority: Authority;
  readonly #retention: Retention | undefined;
  readonly #suspects: Suspects;
  readonly #releases: Releases;
  readonly #places: Places;
  readonly #startAfter: StartAfter;
  readonly #planning: Planning | undefined;
  readonly #reserved: ReservedHosts;
  readonly #known: KnownSegments;
  readonly #desk: FrontDesk;
  readonly #guard: StormGuard;
  readonly #failures: FailureBook;
  readonly #background: Background;
  readonly #patience: StorePatience;
  readonly #runs: Runs;
  readonly #acceptance: Acceptance;
  readonly #unanswered: UnansweredWatch;
  #verdicts: readonly Verdict[] = [];
  #hasRead = false;
  #takenUp = false;

  constructor(given: EnginePorts) {
    this.#lease = given.lease ?? ownLease(given);
    this.#lease.onLost(() => this.#stepDown());
    this.#authority = new Authority({ ...given, lease: this.#lease });
    const mayChange = (): void => {
      this.#authority.mayChange();
    };
    // From here on nobody in this folder can change the cloud without the lease, or miss that it is lost.
    const ports = {
      ...given,
      store: watchedStore(given.store, (error) => this.#lease.note(error)),
      cloud: guardedCloud(given.cloud, mayChange),
      ...(given.inventory && { inventory: guardedInventory(given.inventory, mayChange) }),
    };
    this.#ports = ports;
    this.#background = new Background(ports.logger);
    this.#known = new KnownSegments(ports.store);
    this.#patience = new StorePatience(ports);
    this.#runs = new Runs({
      ...ports,
      background: this.#background,
      patience: this.#patience,
      make: (recovery, moves) => this.#recover(recovery, moves),
      onAdopted: ({ proof }) => {
        this.#startAfter.forget();
        this.#acceptance.note(proof);
      },
    });
    const runs = this.#runs;
    const verdictOf = (node: string): Verdict | undefined => this.#verdictOf(node);
    const { retentionMs } = ports;
    this.#retention = retentionMs === undefined ? undefined : new Retention({ ...ports, retentionMs });
    this.services = new Services(ports.cloud, ports.clock, ports.logger, () => {
      runs.nudge();
    });
    this.#places = new Places(ports.limits.parallel, ports.clock, () => runs.inFlight);
    this.#startAfter = new StartAfter({
      clock: ports.clock,
      logger: ports.logger,
      moves: () => this.recoveries.filter(({ recovery }) => keepsOut(recovery)).flatMap(({ moves }) => moves),
      timeoutMs: (ports.order ?? USUAL_ORDER).groupTimeoutMs,
      agentAnswers: ports.agentAnswers ?? (() => undefined),
    });
    this.#failures = new FailureBook({ ...ports, runs: () => runs.values() });
    this.#guard = new StormGuard({
      ...ports,
      limits: ports.storm,
      segmentOf: ports.segmentOf ?? ((host) => this.#segments.of(host)?.name),
      view: () => this.#stormView(),
      onCalm: () => {
        runs.nudgeInOrderOfLoss();
      },
    });
    this.operator = new Operator({
      ...ports,
      runs: () => this.recoveries,
      verdictOf,
      permission: () => this.permission(),
      stormHoldOf: ({ recovery }) => (hasBegun(recovery) ? undefined : this.#guard.holdOn(recovery)),
      flappingHoldOf: (run) => this.flappingHoldOf(run),
      launch: (run) => {
        runs.launch(run);
      },
    });
    this.#suspects = new Suspects({
      ...ports,
      services: this.services,
      view: () => ({
        verdicts: this.#verdicts,
        recovering: this.#isRecovering() && this.permission() === undefined,
        mayGiveBack: this.permission() === undefined,
        keptOut: (host) => runs.keepsOut(host),
        unanswered: (host) => this.#acceptance.isUnanswered(host),
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
      isUp: (host) => this.#isUp(host) && !runs.keepsOut(host),
      mayAct: () => this.permission() === undefined,
      failedHosts: () =>
        this.recoveries
          .map(({ recovery }) => recovery)
          .filter(isUnfinished)
          .map(({ host }) => host),
      addsToAggregates: ports.addsReservedToAggregates ?? false,
    });
    this.#releases = new Releases({ ...ports, mayRelease: (run) => this.#mayRelease(run) });
    this.#acceptance = new Acceptance({
      ...ports,
      runs,
      releases: this.#releases,
      suspects: this.#suspects,
      segments: () => this.#segments,
      verdictOf,
    });
    this.#unanswered = new UnansweredWatch({ ...ports, services: this.services });
    this.#desk = new FrontDesk({
      ...ports,
      limits: ports.notifications,
      onClaim: ports.onClaim ?? (() => undefined),
      known: this.#known,
      recoveries: () => this.recoveries.map(({ recovery }) => recovery),
      verdicts: () => this.#verdicts,
      computeHosts: () => (this.#takenUp ? this.services.hosts : undefined),
      isComputeHost: async (name) => (await this.services.within(0, this.#background.signal)).services.has(name),
      leftAlone: (host) => this.#segments.leftAlone(host),
      instances: {
        cloud: ports.cloud,
        background: this.#background,
        limits: ports.instanceFailure ?? USUAL_INSTANCE_LIMITS,
        answers: ports.instanceFailure?.events ?? {},
        holdOn: (host) => this.permission() ?? this.#segments.leftAlone(host),
        hostHold: (host) => this.#hostHold(host),
        moveFrom: (host, id) => this.#moveFrom(host, id),
        reasonToLeave: (instance) =>
          reasonToLeave(
            instance,
            { ...ports.selection, select: ports.instanceFailure?.select ?? 'marked' },
            this.#planning?.tagged ?? NOT_READ,
          ),
      },
      processes: {
        cloud: ports.cloud,
        services: this.services,
        background: this.#background,
        limits: { ...USUAL_PROCESS_LIMITS, ...ports.processFailure },
        holdOn: (host) => this.permission() ?? this.#hostHold(host),
        isKeptOut: (host) => runs.keepsOut(host),
      },
      mayRead: () => {
        this.#checkRead();
      },
      mayWrite: () => {
        this.#lease.check();
        this.#checkRead();
      },
    });
  }

  /**
   * Waits for the lease, then reads the store; both for as long as it takes. Nothing is done before that, nor before the
   * first `observe`. Resolves also when the engine is stopped meanwhile.
   */
  async start(): Promise<void> {
    const { logger } = this.#ports;
    const { signal } = this.#background;
    try {
      await this.#lease.acquire(signal);
      this.#background.run('the lease', () => this.#lease.keep(signal));
      await this.#patience.until(() => this.#read(), signal);
    } catch (error) {
      if (signal.aborted) return;
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
    for (const recovery of await store.openRecoveries()) this.#runs.adopt(recovery, await store.movesOf(recovery.id));
    await this.#suspects.load();
    await this.#reserved.load();
    this.#known.take(await declareSegments(this.#ports.segments ?? [], this.#ports));
    await this.#failures.load();
    await this.#desk.load();
  }

  #checkRead(): void {
    if (!this.#hasRead) throw new LifeboatError('NOT_ALLOWED', this.ownHold?.reason ?? 'the store was not read yet');
  }

  get #segments(): Segments {
    return this.#known.current;
  }

  get phase(): EnginePhase {
    if (this.#lease.isLost) return 'deposed';
    return this.#hasRead ? 'active' : 'waiting';
  }

  /** Why this engine does nothing at all, if so: no lease, or no store. */
  get ownHold(): Hold | undefined {
    const lease = this.#lease.hold();
    if (lease !== undefined || this.#hasRead) return lease;
    return this.#patience.failure && storeHold(this.#patience.failure);
  }

  /** What Masakari's API shows and changes. */
  get registry(): Registry {
    return this.#desk.registry;
  }

  /** Reports of instances and processes: those at work, and those that failed lately. */
  get reports(): readonly Notice[] {
    return this.#desk.reports;
  }

  /** Newest first. */
  get recoveries(): readonly Recover[] {
    return this.#runs.newestFirst;
  }

  get verdicts(): readonly Verdict[] {
    return this.#verdicts;
  }

  get snapshotAgeMs(): number | undefined {
    return this.#authority.snapshotAgeMs;
  }

  /** Why no effect is allowed now, if so. */
  permission(): Hold | undefined {
    return this.#authority.permission();
  }

  /** Undefined while Lifeboat is not paused. */
  get pause(): Pause | undefined {
    return this.#authority.pause;
  }

  /** What the snapshot says of a pause, unless it was read before the last word of an operator. Safe to repeat. */
  heedPause(snapshot: ClusterSnapshot): Pause | undefined {
    return this.#authority.heedPause(snapshot);
  }

  /** Takes effect now; the next snapshots have to say the same. */
  notePause(pause: Pause | undefined): void {
    this.#authority.notePause(pause);
    this.#runs.nudge();
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
      forbidden: this.#authority.forbidden,
      takenUp: this.#takenUp,
      recoveries: this.recoveries.map(({ recovery }) => recovery),
      verdicts: this.#verdicts,
      unwritten: this.unwritten,
      services: this.services.hosts && this.services.all,
    });
  }

  /** Takes one decision of the bridge. When it resolves, every proven loss in it is on disk and its recovery runs (S4). */
  async observe(snapshot: ClusterSnapshot, decision: Decision): Promise<void> {
    this.#authority.see(snapshot);
    this.#verdicts = decision.verdicts;
    if (this.phase === 'deposed') return;
    if (!this.#hasRead) {
      this.#background.run('the services', () => this.services.refresh(SERVICES_MS));
      return;
    }
    this.#acceptance.leaveAlone(decision.verdicts);
    this.#guard.weigh();
    await this.#acceptance.writeDown(decision.verdicts);
    this.#acceptance.tellReturned();
    this.#background.run('the services', () =>
      this.services.refresh(this.#someLost() ? SERVICES_WHILE_LOST_MS : SERVICES_MS),
    );
    const forbidden = this.permission();
    try {
      await this.#acceptance.renew(decision.fencedAgain);
      await this.#runs.writeWhatIsOwed();
      await this.#known.settle();
      if (forbidden !== undefined && !mayOnlyFollow(forbidden)) return;
      if (!this.#takenUp && this.services.hosts !== undefined) await this.#takeUp();
      if (!this.#takenUp) return;
      await this.#forgetRetriesOfReturned();
      await this.#desk.settle();
    } catch (error) {
      if (!isOfTheStore(error)) throw error;
      // With the next snapshot again; nothing below is done by what could not be written.
      this.#ports.logger.warn({ error: messageOf(error) }, `waits for the store: ${messageOf(error)}`);
      return;
    }
    // Whatever ended a loop: what is unfinished and does not run is begun again.
    this.#runs.launchAll();
    if (forbidden !== undefined) return;
    this.#background.run('the suspects', () => this.#suspects.settle());
    this.#background.run('old records', () => this.#sweep(snapshot));
    this.#background.run('the release of hosts', () => this.#releases.settle(this.recoveries));
    this.#background.run('the reserved hosts', () => this.#reserved.settle());
    const planning = this.#planning;
    if (planning !== undefined && !this.#someLost()) this.#background.run('planning', () => planning.whileQuiet());
    this.#background.run('unanswered fencings', () => this.#unanswered.tell(snapshot, this.#verdicts));
  }

  /** Stops taking steps. Nothing depends on it: a kill does as well. */
  async stop(): Promise<void> {
    this.#background.stop(new Error('the engine is stopping'));
    await this.#background.ended();
    await this.#lease.release();
  }

  /** Another engine is at work (S5). What it needs to know is in the store; this one is only in its way. */
  #stepDown(): void {
    const reason = this.#lease.hold()?.reason ?? 'the lease is lost';
    this.#ports.logger.error({}, `this engine steps down, and does nothing more: ${reason}`);
    this.#background.stop(new LifeboatError('LEASE_LOST', reason));
    this.#ports.onChange();
  }

  async #sweep(snapshot: ClusterSnapshot): Promise<void> {
    const gone = await this.#retention?.sweep(snapshot, this.#background.signal);
    if (gone !== undefined && gone.length > 0) this.#runs.forget(new Set(gone));
  }

  // --- a proven loss -------------------------------------------------------------------------------------------------

  /** Hosts that are proven down and whose failure is none of ours, with the reason (S8). */
  get leftAlone(): ReadonlyMap<string, Hold> {
    return this.#acceptance.leftAlone;
  }

  /** Hosts that are proven down and wait for the store. */
  get unwritten(): ReadonlyMap<string, Hold> {
    return this.#acceptance.unwritten;
  }

  #verdictOf(node: string): Verdict | undefined {
    return this.#verdicts.find((verdict) => verdict.node === node);
  }

  async #takeUp(): Promise<void> {
    await takeUpFrom({
      ...this.#ports,
      runs: this.#runs,
      services: this.services,
      suspects: this.#suspects,
      verdictOf: (node) => this.#verdictOf(node),
    });
    this.#takenUp = true;
    this.#reserved.tellEnabled();
  }

  // --- running --------------------------------------------------------------------------------------------------------

  #recover(recovery: Recovery, moves: readonly Move[]): Recover {
    return new Recover(
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
        isKeptOut: (host) => this.#runs.keepsOut(host) && !this.#releases.mayBeInService(host),
        isProvenDown: (host) => this.#isProvenDown(host) && !this.#releases.mayBeInService(host),
        ranks: (instances) => this.#ranksOf(instances),
        blockedBy: (move) => this.#startAfter.blockedBy(move),
      },
      recovery,
      moves,
    );
  }

  #isProvenDown(host: string): boolean {
    return isProvenDown(host, {
      runs: this.#runs,
      services: this.services,
      verdictOf: (node) => this.#verdictOf(node),
    });
  }

  /** Every lost host must be forced down before any is evacuated: the scheduler would choose a dead one as a target. */
  async #othersIsolated(): Promise<void> {
    await this.#suspects.settle();
    await this.#runs.allIsolated(OTHERS_ISOLATED_MS);
  }

  // --- storms and failures --------------------------------------------------------------------------------------------

  #stormView(): ReturnType<StormGuardPorts['view']> {
    if (this.#authority.forbidden !== undefined) return undefined;
    return this.#failures.losses(this.#verdicts, this.#ports.clock.now());
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
    return this.#runs.some(isUnfinished);
  }

  #someLost(): boolean {
    return this.#verdicts.some((verdict) => verdict.state === 'lost') || this.#isRecovering();
  }

  // --- planning ahead ------------------------------------------------------------------------------------------------

  #isSound(host: string): boolean {
    const verdict = this.#verdicts.find((each) => each.host === host);
    return (verdict === undefined || verdict.state === 'up') && !this.#runs.keepsOut(host);
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
      snapshot: this.#authority.snapshot,
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
    if (this.#runs.isRunning(run)) return false; // its end is not written yet
    if (this.#verdictOf(recovery.node)?.state !== 'up' || this.permission() !== undefined) return false;
    return this.#failures.flappingHoldOf(recovery) === undefined;
  }

  /** Why nothing may be done for single instances of the host: it is not known to be well, and then its recovery covers them. */
  #hostHold(host: string): Hold | undefined {
    if (this.#takenUp && this.#isUp(host) && !this.#runs.keepsOut(host)) return undefined;
    const reason = `${host} is lost, or being recovered`;
    return { kind: 'not-fenced', reason, remedy: undefined };
  }

  #moveFrom(host: string, instanceId: string): Move | undefined {
    const moves = this.recoveries.filter(({ recovery }) => recovery.host === host).flatMap((run) => run.moves);
    return moves.find((move) => move.instanceId === instanceId);
  }

  #isUp(host: string): boolean {
    return this.#verdicts.some((verdict) => verdict.host === host && verdict.state === 'up');
  }
}

function ownLease({ clock, logger, randomness, store }: EnginePorts): Lease {
  return new Lease({ store, clock, logger, holder: randomness.uuid(), isGone: () => false, durationMs: LEASE_MS });
}
