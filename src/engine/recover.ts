import type { HeartbeatJudgement } from '../bridge/second-witness.ts';
import type { Hold } from '../bridge/verdict.ts';
import { isLifeboatError, messageOf, type LifeboatError } from '../errors.ts';
import type { Cloud, ComputeService } from '../openstack/cloud.ts';
import { sleep, type Clock, type Logger, type Randomness } from '../ports.ts';
import { CloudPatience } from './cloud-patience.ts';
import type { MoveLimits } from './judge-move.ts';
import { isEnded, tally, wasCutOff, type Move } from './move.ts';
import { MoveBook } from './move-book.ts';
import { heartbeatHold, unknownHostHold } from './holds.ts';
import { keepOut } from './keep-out.ts';
import { readMark, recoveryMark } from './mark.ts';
import { isUnfinished, transition, type Change, type Isolation, type Recovery } from './recovery.ts';
import { isSameFailure } from './same-failure.ts';
import type { Selection } from './select.ts';
import { sendMoves } from './send-moves.ts';
import { look, newMoves, type Sights } from './sights.ts';
import type { Store } from './store/store.ts';
import { hearWitness, isCertain, rememberedHeartbeat, withHeartbeatOfMark } from './witness.ts';

export interface RecoverPorts {
  readonly store: Store;
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly limits: RecoverLimits;
  readonly selection: Selection;
  /** Undefined while effects are allowed; else why not (S2: no quorum; S8: paused). Asked before every effect. */
  readonly permission: () => Hold | undefined;
  /** The host's compute service as last read, if it was: saves one request on the way to the first evacuation. */
  readonly knownService: (host: string) => ComputeService | undefined;
  readonly forgetServices: () => void;
  /** Resolves when every other lost host is forced down too, or when that has taken too long. */
  readonly othersIsolated: () => Promise<void>;
  /** Evacuations in flight now, of all recoveries. */
  readonly inFlight: () => number;
  /** Whether the host is dead itself, as far as we know: a move to it cannot end well. */
  readonly isKeptOut: (host: string) => boolean;
  readonly onChange: () => void;
}

export interface RecoverLimits extends MoveLimits {
  /** Evacuations in flight at one time, over all hosts. */
  readonly parallel: number;
  /** Pause between two looks at Nova while moves are in flight. */
  readonly followMs: number;
  readonly retryDelayMs: number;
  readonly witnessSilenceMs: number;
  /** Nova may fail this long before the recovery is shown as held. */
  readonly cloudPatienceMs: number;
  /** Pause between two tries to give a host back. */
  readonly releaseRetryMs: number;
}

/** An instance list older than this is read again before a call is based on it (S3). */
const FRESH_MS = 2_000;
/** A proof younger than this leaves nova-compute no time to have come back. */
const FRESH_PROOF_MS = 5_000;
/** A host that Nova does not know is looked for again after this long. */
const UNKNOWN_HOST_MS = 5_000;

/**
 * Carries one recovery to its end, in the order of the methods below: isolate the host, then look, judge, send, until
 * every move has ended. Every step is written to the store before and after the effect, so that the next process finds
 * where this one stopped; what Nova shows always wins over what we remember.
 */
export class Recover {
  readonly #ports: RecoverPorts;
  #recovery: Recovery;
  readonly #moves: MoveBook;
  #heartbeat: HeartbeatJudgement | undefined;
  readonly #patience: CloudPatience;
  #endPause: (() => void) | undefined;
  /** Shown while calls stay without an answer, though Nova answers other questions. */
  #cloudHold: Hold | undefined;
  #inherited = false;
  #hasMarked = false;

  constructor(ports: RecoverPorts, recovery: Recovery, moves: readonly Move[]) {
    this.#ports = ports;
    this.#recovery = recovery;
    this.#patience = new CloudPatience(ports.clock, ports.randomness, ports.limits.cloudPatienceMs);
    this.#moves = new MoveBook(ports, moves);
    this.#heartbeat = rememberedHeartbeat(recovery);
  }

  get recovery(): Recovery {
    return this.#recovery;
  }

  get moves(): readonly Move[] {
    return this.#moves.all;
  }

  /** Ends when the recovery has nothing left to do for instances, or when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && isUnfinished(this.#recovery)) {
      const pauseMs = await this.#step(signal);
      if (pauseMs > 0 && isUnfinished(this.#recovery)) await this.#pause(pauseMs, signal);
    }
  }

  /** What it waits for may have come: take the next step now. */
  nudge(): void {
    this.#endPause?.();
  }

  async #pause(pauseMs: number, signal: AbortSignal): Promise<void> {
    const nudged = new AbortController();
    this.#endPause = () => nudged.abort();
    await sleep(this.#ports.clock, pauseMs, AbortSignal.any([signal, nudged.signal])).catch(() => undefined);
    this.#endPause = undefined;
  }

  /** The host was fenced again while we were at work: the newer proof is the one to measure heartbeats against. */
  async renewProof(proof: Recovery['proof']): Promise<void> {
    this.#heartbeat = undefined;
    const isolation = this.#recovery.isolation;
    await this.#save({
      ...this.#recovery,
      proof,
      isolation: isolation && { ...isolation, baselineUpdatedAtMs: undefined, aliveSinceMs: undefined },
    });
  }

  /** Ends it from outside: its host was given back, or something newer took over. */
  async end(state: 'released' | 'superseded', reason: string): Promise<void> {
    await this.#change({ state, reason });
  }

  async #step(signal: AbortSignal): Promise<number> {
    const { permission, limits } = this.#ports;
    const forbidden = permission();
    if (forbidden !== undefined) {
      await this.#hold(forbidden);
      return limits.followMs;
    }
    try {
      const pauseMs = await this.#act(signal);
      if (!this.moves.some(wasCutOff)) this.#cloudAnswered();
      return pauseMs;
    } catch (error) {
      if (signal.aborted || !isLifeboatError(error)) throw error;
      return this.#cloudFailed(error);
    }
  }

  async #act(signal: AbortSignal): Promise<number> {
    const at = this.#recovery.state === 'held' ? this.#recovery.resumeTo : this.#recovery.state;
    if (at === 'evacuating') return this.#evacuate(signal);
    if (this.#recovery.state === 'accepted') await this.#change({ state: 'isolating' });
    return this.#isolate(signal);
  }

  // --- isolate: keep the host out of Nova ---------------------------------------------------------------------------

  async #isolate(signal: AbortSignal): Promise<number> {
    const { clock, cloud, limits, logger } = this.#ports;
    const { host } = this.#recovery;
    const service = await this.#serviceToIsolate(signal);
    if (service === undefined) {
      await this.#hold(unknownHostHold(this.#recovery));
      return UNKNOWN_HOST_MS;
    }
    if (!this.#hasMarked) this.#inherit(service);
    this.#hasMarked = true;
    // Reading what runs there does not depend on the host being kept out; the first evacuation waits for both.
    const [isolation, sights] = await Promise.all([
      keepOut(cloud, clock, this.#recovery, service, signal),
      this.#look(signal),
    ]);
    const moves = this.#newMoves(sights);
    await this.#moves.write(moves);
    await this.#change({ state: 'evacuating' }, { isolation });
    logger.info(
      { host, serviceId: service.id },
      `${host} is forced down in Nova, ${this.#moves.all.length} instances on it`,
    );
    await this.#ports.othersIsolated();
    await this.#advance(sights, signal);
    return limits.followMs;
  }

  /** What another engine did and heard before us, by its mark. */
  #inherit(service: ComputeService): void {
    const mark = readMark(service.disabledReason);
    this.#inherited = mark?.kind === 'recovery' && isSameFailure(mark.proof, this.#recovery.proof);
    this.#recovery = withHeartbeatOfMark(this.#recovery, service, this.#ports.clock.now());
    this.#heartbeat = rememberedHeartbeat(this.#recovery) ?? this.#heartbeat;
  }

  /**
   * Right after the fencing, what is known of the service will do. Later (another engine was at work before us, or Nova
   * was away) nova-compute may have come back meanwhile, so the second witness is heard first.
   */
  async #serviceToIsolate(signal: AbortSignal): Promise<ComputeService | undefined> {
    const { clock, limits } = this.#ports;
    const known = this.#ports.knownService(this.#recovery.host);
    const age = clock.now() - this.#recovery.proof.completedAtMs;
    if (known !== undefined && age >= 0 && age < FRESH_PROOF_MS) return known;
    const service = await this.#readService(signal);
    if (service === undefined) return undefined;
    this.#heartbeat = hearWitness(this.#recovery, service, this.#heartbeat, clock.now(), limits.witnessSilenceMs);
    return service;
  }

  async #readService(signal: AbortSignal): Promise<ComputeService | undefined> {
    const services = await this.#ports.cloud.computeServices(signal);
    return services.find((service) => service.host === this.#recovery.host);
  }

  // --- evacuate: look, ask the second witness, judge, send ----------------------------------------------------------

  async #evacuate(signal: AbortSignal): Promise<number> {
    const [service, sights] = await Promise.all([this.#readService(signal), this.#look(signal)]);
    if (service !== undefined) await this.#askSecondWitness(service, signal);
    await this.#moves.write(this.#newMoves(sights));
    await this.#advance(sights, signal);
    return this.#ports.limits.followMs;
  }

  async #askSecondWitness(service: ComputeService, signal: AbortSignal): Promise<void> {
    const { clock, cloud, limits } = this.#ports;
    const isolation = this.#recovery.isolation;
    this.#heartbeat = hearWitness(this.#recovery, service, this.#heartbeat, clock.now(), limits.witnessSilenceMs);
    if (isolation === undefined) return;
    if (isCertain(this.#heartbeat, limits.witnessSilenceMs) && isolation.aliveSinceMs === undefined) {
      await this.#writeDownThatItLives(service, { ...isolation, aliveSinceMs: clock.now() }, signal);
    }
    if (this.#heartbeat.kind === 'beating') return;
    if (!service.forcedDown) await this.#rebase(await cloud.setForcedDown(service.id, true, signal), isolation);
  }

  /** For an engine that comes after this one, with our store or without it. */
  async #writeDownThatItLives(service: ComputeService, isolation: Isolation, signal: AbortSignal): Promise<void> {
    await this.#save({ ...this.#recovery, isolation });
    const mark = recoveryMark(this.#recovery.proof, isolation.wasDisabled, this.#ports.clock.now(), true);
    await this.#rebase(await this.#ports.cloud.disableService(service.id, mark, signal), isolation);
  }

  async #rebase(answer: ComputeService, isolation: Isolation): Promise<void> {
    const baselineReadAtMs = this.#ports.clock.now();
    await this.#save({
      ...this.#recovery,
      isolation: { ...isolation, baselineUpdatedAtMs: answer.updatedAtMs, baselineReadAtMs },
    });
  }

  #look(signal: AbortSignal): Promise<Sights> {
    return look(this.#ports.cloud, this.#ports.clock, this.#recovery.host, this.moves, signal);
  }

  #newMoves(sights: Sights): readonly Move[] {
    const { selection } = this.#ports;
    return newMoves(sights, this.moves, this.#recovery, selection, { ...this.#ports, inherited: this.#inherited });
  }

  async #advance(sights: Sights, signal: AbortSignal): Promise<void> {
    const ready = await this.#moves.judge(sights);
    const hold = this.#moves.unended.length === 0 ? undefined : (this.#heartbeatHold() ?? this.#ports.permission());
    const shown = hold ?? this.#cloudHold;
    if (shown !== undefined) await this.#hold(shown);
    else if (this.#recovery.state === 'held') await this.#resume();
    if (this.#moves.unended.length === 0) return this.#finish(signal);
    if (hold === undefined) await this.#send(ready, sights, signal);
  }

  async #send(ready: readonly Move[], sights: Sights, signal: AbortSignal): Promise<void> {
    if (this.#ports.clock.monotonic() - sights.readAtMs > FRESH_MS) return; // the next look is fresh
    const cutOff = await sendMoves(ready, this.#moves, this.#ports, (move) => this.#noteFirstAccepted(move), signal);
    if (cutOff !== undefined) throw cutOff;
  }

  async #noteFirstAccepted(move: Move): Promise<void> {
    if (this.#recovery.firstAcceptedAtMs !== undefined) return;
    const firstAcceptedAtMs = move.acceptedAtMs ?? this.#ports.clock.now();
    await this.#save({ ...this.#recovery, firstAcceptedAtMs });
    this.#ports.logger.info({ host: move.sourceHost }, `${move.sourceHost}: first evacuation accepted (${move.name})`);
  }

  async #finish(signal: AbortSignal): Promise<void> {
    const { store } = this.#ports;
    // Something may have landed on the host between two looks: finished means that Nova shows nothing left (S10).
    const late = this.#newMoves(await this.#look(signal));
    await this.#moves.write(late);
    if (late.some((move) => !isEnded(move))) return;
    if (this.#recovery.state === 'held') await this.#resume();
    const { total, done, failed } = tally(this.moves);
    const state = failed > 0 ? 'failed' : 'recovered';
    await this.#change({ state, reason: `${done} of ${total} instances recovered` });
    await store.setNotificationStatus(this.#recovery.notificationId, failed > 0 ? 'failed' : 'finished');
  }

  // --- holds ----------------------------------------------------------------------------------------------------------

  #heartbeatHold(): Hold | undefined {
    if (this.#heartbeat?.kind !== 'beating') return undefined;
    return heartbeatHold(this.#recovery, this.#moves.unended.length);
  }

  async #cloudFailed(error: LifeboatError): Promise<number> {
    const { pauseMs, exhausted } = this.#patience.failed();
    const { host } = this.#recovery;
    this.#ports.logger.warn({ host, code: error.code, pauseMs }, `${host}: ${messageOf(error)}; trying again`);
    this.#ports.forgetServices();
    const hopeless = error.code === 'CLOUD_UNAUTHORIZED' || error.code === 'CLOUD_FORBIDDEN';
    if (exhausted || hopeless) {
      this.#cloudHold = { kind: 'cloud-unavailable', reason: messageOf(error), remedy: error.hint };
      await this.#hold(this.#cloudHold);
    }
    return pauseMs;
  }

  #cloudAnswered(): void {
    this.#patience.answered();
    this.#cloudHold = undefined;
  }

  async #hold(hold: Hold): Promise<void> {
    if (this.#recovery.state === 'held') {
      if (this.#recovery.hold?.kind !== hold.kind) await this.#save({ ...this.#recovery, hold, reason: hold.reason });
      return;
    }
    await this.#change({ state: 'held', hold });
  }

  async #resume(): Promise<void> {
    await this.#change({ state: this.#recovery.resumeTo ?? 'isolating' });
  }

  // --- one place for every change -----------------------------------------------------------------------------------

  async #change(change: Omit<Change, 'atMs'>, also: Partial<Recovery> = {}): Promise<void> {
    const { clock, logger } = this.#ports;
    const before = this.#recovery.state;
    const next = { ...transition(this.#recovery, { ...change, atMs: clock.now() }), ...also };
    await this.#save(next);
    const why = next.reason === undefined ? '' : `: ${next.reason}`;
    logger.info(
      { host: next.host, recovery: next.id, from: before, to: next.state },
      `${next.host}: ${before} → ${next.state}${why}`,
    );
  }

  /** Known here at once, so that no other change can be lost between; on disk when it resolves. */
  async #save(recovery: Recovery): Promise<void> {
    this.#recovery = recovery;
    await this.#ports.store.saveRecovery(recovery);
    this.#ports.onChange();
  }
}
