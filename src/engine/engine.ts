import type { Decision, Missed } from '../bridge/decision.ts';
import type { Proof } from '../bridge/proof.ts';
import type { Hold, Verdict } from '../bridge/verdict.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { messageOf } from '../errors.ts';
import { sleep } from '../ports.ts';
import { isInFlight } from './move.ts';
import { permissionFrom } from './permission.ts';
import { newRecovery, owedByMarks } from './rebuild.ts';
import { Recover, type RecoverPorts } from './recover.ts';
import { isUnfinished, keepsOut, type Isolation, type Recovery } from './recovery.ts';
import { release } from './release.ts';
import { isSameFailure } from './same-failure.ts';
import { Services } from './services.ts';
import { Suspects } from './suspects.ts';
import { takeUp } from './take-up.ts';
import { unansweredFencings } from './unanswered.ts';

export interface EnginePorts extends Omit<
  RecoverPorts,
  'permission' | 'knownService' | 'forgetServices' | 'othersIsolated' | 'inFlight' | 'isKeptOut' | 'onChange'
> {
  /** A snapshot older than this allows nothing any more (S2). */
  readonly maxSnapshotAgeMs: number;
  readonly paused: () => boolean;
  /** A fencing that cannot be answered any more, for an operator to see to. */
  readonly onMissed: (missed: Missed) => void;
  /** Something that is shown has changed. */
  readonly onChange: () => void;
}

type Proven = Extract<Verdict, { state: 'proven' }>;

/** Nova's list of services is read again after this long, and sooner while a host is lost. */
const SERVICES_MS = 30_000;
const SERVICES_WHILE_LOST_MS = 2_000;
/** How long one lost host's force-down may keep the others' evacuations waiting. */
const OTHERS_ISOLATED_MS = 5_000;
const RESTART_MS = 5_000;

/**
 * The engine: takes what the bridge decided, keeps a durable recovery for each proven loss, runs them, and gives hosts
 * back. Crash-only: everything it needs after a kill is in the store, in Pacemaker and in Nova.
 */
export class Engine {
  readonly services: Services;
  readonly #ports: EnginePorts;
  readonly #suspects: Suspects;
  readonly #stop = new AbortController();
  readonly #runs = new Map<string, Recover>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #accepted = new Set<string>();
  #snapshot: { readonly value: ClusterSnapshot; readonly readAtMs: number } | undefined;
  #verdicts: readonly Verdict[] = [];
  #takenUp = false;
  #releasing = false;
  #releaseNotBeforeMs = 0;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
    this.services = new Services(ports.cloud, ports.clock, ports.logger, () => {
      for (const run of this.#running) run.nudge();
    });
    this.#suspects = new Suspects({ ...ports, services: this.services });
  }

  /** Reads the store. Nothing is done before the first `observe`. */
  async start(): Promise<void> {
    const { store, logger } = this.#ports;
    for (const recovery of await store.openRecoveries()) this.#adopt(recovery, await store.movesOf(recovery.id));
    await this.#suspects.load();
    if (this.#runs.size > 0)
      logger.info({ recoveries: this.#runs.size }, `${this.#runs.size} open recoveries found in the store`);
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
    const { maxSnapshotAgeMs, paused } = this.#ports;
    return permissionFrom(this.#snapshot?.value, this.snapshotAgeMs ?? 0, maxSnapshotAgeMs, paused());
  }

  /** Takes one decision of the bridge. When it resolves, every proven loss in it is on disk and its recovery runs (S4). */
  async observe(snapshot: ClusterSnapshot, decision: Decision): Promise<void> {
    this.#snapshot = { value: snapshot, readAtMs: this.#ports.clock.monotonic() };
    this.#verdicts = decision.verdicts;
    for (const verdict of decision.verdicts) if (verdict.state === 'proven') await this.#accept(verdict);
    for (const proof of decision.fencedAgain) await this.#renew(proof);
    this.#inBackground('the services', () =>
      this.services.refresh(this.#someLost() ? SERVICES_WHILE_LOST_MS : SERVICES_MS),
    );
    if (this.permission() !== undefined) return;
    if (!this.#takenUp && this.services.hosts !== undefined) await this.#takeUp(snapshot);
    this.#inBackground('the suspects', () => this.#suspects.settle(decision.verdicts, this.#isRecovering()));
    this.#inBackground('the release of hosts', () => this.#releaseReturned());
  }

  /** Stops taking steps. Nothing depends on it: a kill does as well. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the engine is stopping'));
    await Promise.allSettled(this.#tasks);
  }

  // --- a proven loss -------------------------------------------------------------------------------------------------

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
    if (open !== undefined && isUnfinished(open.recovery)) {
      await store.addNotification({ ...made.notification, status: 'ignored' });
      await open.renewProof(proof);
      logger.warn({ host, proof: proof.id }, `${host} was fenced again during its recovery; the recovery goes on`);
    } else {
      const isolation = open?.recovery.isolation ?? this.#suspects.isolationOf(host, clock.now());
      const recovery = { ...made.recovery, isolation };
      if (open !== undefined) await this.#close(open, `${host} failed again`);
      if ((await store.addRecovery(made.notification, recovery)) === 'added') {
        logger.info(
          { host, proof: proof.id, by: proof.by },
          `${host} is proven down, fenced by ${proof.by}: recovery begins`,
        );
        await this.#suspects.handOver(host);
        this.#launch(this.#adopt(recovery, []));
      }
    }
    this.#accepted.add(proof.id);
  }

  /** A fencing that lied (S9) is made good by a later one, of a node that has not come back. */
  async #renew(proof: Proof): Promise<void> {
    const run = this.recoveries.find(({ recovery }) => recovery.node === proof.node && isUnfinished(recovery));
    if (run?.recovery.hold?.kind !== 'heartbeat' || proof.completedAtMs <= run.recovery.proof.completedAtMs) return;
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

  async #takeUp(snapshot: ClusterSnapshot): Promise<void> {
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
      if (this.#isRunning(run)) continue;
      const service = this.services.get(run.recovery.host);
      const verdict = this.#verdictOf(run.recovery.node);
      const found = takeUp(run.recovery, service, verdict);
      if (found.kind === 'go-on') this.#launch(run);
      if (found.kind === 'close') await this.#close(run, found.reason);
    }
    this.#takenUp = true;
    await this.#tellUnanswered(snapshot);
  }

  async #tellUnanswered(snapshot: ClusterSnapshot): Promise<void> {
    for (const { notification, missed } of await unansweredFencings(snapshot, this.#verdicts, {
      ...this.#ports,
      services: this.services,
    })) {
      if ((await this.#ports.store.addNotification({ ...notification, status: 'failed' })) === 'added')
        this.#ports.onMissed(missed);
    }
  }

  // --- running --------------------------------------------------------------------------------------------------------

  #adopt(recovery: Recovery, moves: Recover['moves']): Recover {
    const run = new Recover(
      {
        ...this.#ports,
        permission: () => this.permission(),
        knownService: (host) => this.services.get(host),
        forgetServices: () => this.services.forget(),
        othersIsolated: () => this.#othersIsolated(),
        inFlight: () => this.#inFlight(),
        isKeptOut: (host) => this.recoveries.some((each) => each.recovery.host === host && keepsOut(each.recovery)),
      },
      recovery,
      moves,
    );
    this.#runs.set(recovery.id, run);
    this.#accepted.add(recovery.proof.id);
    return run;
  }

  /** Only of what is at work: a recovery that was closed leaves moves behind that nobody follows any more. */
  #inFlight(): number {
    const atWork = this.recoveries.filter(({ recovery }) => isUnfinished(recovery));
    return atWork.reduce((sum, { moves }) => sum + moves.filter(isInFlight).length, 0);
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
        // A defect must not lose a failure: the recovery is read back from the store and goes on.
        const { clock, logger, store } = this.#ports;
        logger.error(
          { host: run.recovery.host, error: messageOf(error) },
          `the recovery of ${run.recovery.host} stumbled: ${messageOf(error)}`,
        );
        await sleep(clock, RESTART_MS, this.#stop.signal);
        this.#launch(this.#adopt(run.recovery, await store.movesOf(run.recovery.id)));
      } finally {
        this.#running.delete(run);
      }
    });
  }

  /** Every lost host must be forced down before any is evacuated: the scheduler would choose a dead one as a target. */
  async #othersIsolated(): Promise<void> {
    const { clock } = this.#ports;
    const deadlineMs = clock.monotonic() + OTHERS_ISOLATED_MS;
    await this.#suspects.settle(this.#verdicts, true);
    while (clock.monotonic() < deadlineMs) {
      const waiting = [...this.#running].some((run) => ['accepted', 'isolating'].includes(run.recovery.state));
      if (!waiting || this.#stop.signal.aborted) return;
      await sleep(clock, 10, this.#stop.signal);
    }
  }

  #isRecovering(): boolean {
    return this.recoveries.some((run) => isUnfinished(run.recovery));
  }

  #someLost(): boolean {
    return this.#verdicts.some((verdict) => verdict.state === 'lost') || this.#isRecovering();
  }

  // --- giving hosts back ---------------------------------------------------------------------------------------------

  async #releaseReturned(): Promise<void> {
    const { clock } = this.#ports;
    if (this.#releasing || clock.monotonic() < this.#releaseNotBeforeMs) return;
    this.#releasing = true;
    try {
      for (const run of this.recoveries) {
        const { recovery } = run;
        if (recovery.state !== 'recovered' && recovery.state !== 'failed') continue;
        if (this.#verdictOf(recovery.node)?.state !== 'up') continue;
        if (recovery.isolation === undefined) continue;
        await this.#release(run, recovery.isolation);
      }
    } finally {
      this.#releasing = false;
      this.#releaseNotBeforeMs = clock.monotonic() + this.#ports.limits.releaseRetryMs;
    }
  }

  async #release(run: Recover, isolation: Isolation): Promise<void> {
    const { cloud, logger } = this.#ports;
    const { host } = run.recovery;
    try {
      const answer = await release(cloud, logger, host, isolation);
      if (answer === 'released') await run.end('released', `${host} is back and clean`);
    } catch (error) {
      logger.warn({ host, error: messageOf(error) }, `${host} cannot be given back yet: ${messageOf(error)}`);
    }
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
