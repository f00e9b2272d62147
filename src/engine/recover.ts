import type { Hold } from '../bridge/verdict.ts';
import { isLifeboatError, messageOf, type LifeboatError } from '../errors.ts';
import { sleep } from '../ports.ts';
import { allEnded } from './all-ended.ts';
import { holdOnBeginning, ordersNow } from './admission.ts';
import { anotherTarget } from './another-target.ts';
import { CloudPatience } from './cloud-patience.ts';
import { endedElsewhere, type EndedElsewhere } from './ended-elsewhere.ts';
import type { Step } from './judgement.ts';
import { tally, wasCutOff, type Move } from './move.ts';
import { MoveBook } from './move-book.ts';
import { describeOrder } from './order/describe-order.ts';
import { Follow } from './follow.ts';
import { gateWasOpenHold, heartbeatHold, unknownHostHold } from './holds.ts';
import { HostWitness } from './host-witness.ts';
import { keepOut } from './keep-out.ts';
import { markEnded } from './mark-ended.ts';
import { STATUS_AFTER } from './notification.ts';
import { inWords, type Orders, type Word } from './orders.ts';
import { mayOnlyFollow } from './permission.ts';
import type { RecoverPorts } from './recover-ports.ts';
import { Routes } from './segments/routes.ts';
import { isUnfinished, type Recovery } from './recovery.ts';
import { RecoveryRecord } from './recovery-record.ts';
import { sendMoves } from './send-moves.ts';
import { newMoves } from './sights.ts';
import { takeSteps } from './take-steps.ts';
import { awaitsFencing, reopen, retryMoves } from './try-again.ts';

export type { RecoverLimits, RecoverPorts } from './recover-ports.ts';

/** A host that Nova does not know is looked for again after this long. */
const UNKNOWN_HOST_MS = 5_000;

/**
 * Carries one recovery to its end, in the order of the methods below: isolate the host, then look, judge, send, until
 * every move has ended. Every step is written to the store before and after the effect, so that the next process finds
 * where this one stopped; what Nova shows always wins over what we remember.
 */
export class Recover {
  readonly #ports: RecoverPorts;
  readonly #record: RecoveryRecord;
  readonly #moves: MoveBook;
  readonly #witness: HostWitness;
  readonly #follow: Follow;
  readonly #patience: CloudPatience;
  readonly #routes: Routes;
  #endPause: (() => void) | undefined;
  /** Shown while calls stay without an answer, though Nova answers other questions. */
  #cloudHold: Hold | undefined;
  #inherited = false;
  #hasMarked = false;
  #turning: 'ending' | 'reopening' | undefined;

  constructor(ports: RecoverPorts, recovery: Recovery, moves: readonly Move[]) {
    this.#ports = ports;
    this.#record = new RecoveryRecord(ports, recovery);
    this.#patience = new CloudPatience(ports.clock, ports.randomness, ports.limits.cloudPatienceMs);
    this.#moves = new MoveBook(ports, moves);
    this.#routes = new Routes(ports, recovery.host, this.#moves);
    this.#witness = new HostWitness(ports, {
      get: () => this.#recovery,
      save: (changed) => this.#record.save(changed),
    });
    this.#follow = new Follow(ports, recovery.host, this.#moves, this.#witness);
  }

  get recovery(): Recovery {
    return this.#record.value;
  }

  get #recovery(): Recovery {
    return this.#record.value;
  }

  get moves(): readonly Move[] {
    return this.#moves.all;
  }

  /** Evacuations that Nova is at work on. */
  get inFlight(): number {
    return this.#moves.inFlight;
  }

  /** Ends when the recovery has nothing left to do for instances, or when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && isUnfinished(this.#recovery)) {
      const pauseMs = await this.#step(signal);
      if (pauseMs > 0 && isUnfinished(this.#recovery)) await this.#pause(pauseMs, signal);
    }
    this.#follow.forget();
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
    this.#witness.startAfresh();
    const isolation = this.#recovery.isolation;
    await this.#record.save({
      ...this.#recovery,
      proof,
      isolation: isolation && { ...isolation, baselineUpdatedAtMs: undefined, aliveSinceMs: undefined },
    });
  }

  /** Ends it from outside: its host was given back, or something newer took over. */
  async end(state: 'released' | 'superseded', reason: string): Promise<void> {
    await this.#record.change({ state, reason });
  }

  /** Another engine has ended it; what it did with the instances stands in Nova only. */
  async endAsElsewhere({ ending, isolation }: EndedElsewhere): Promise<void> {
    const reason = 'another engine has brought this recovery to its end; what became of it, Nova tells';
    await this.#moves.write(this.#moves.unended.map((move) => ({ ...move, state: 'skipped', reason })));
    await this.#record.change({ state: ending, reason }, { isolation });
    await this.#ports.store.setNotificationStatus(this.#recovery.notificationId, STATUS_AFTER[ending]);
  }

  async #step(signal: AbortSignal): Promise<number> {
    const { permission, limits } = this.#ports;
    const forbidden = permission();
    if (forbidden !== undefined && !(mayOnlyFollow(forbidden) && this.#hasToFollow)) {
      await this.#record.hold(forbidden);
      return limits.followMs;
    }
    const storm = this.#stormHold();
    if (storm !== undefined && this.#record.at === 'evacuating' && this.#moves.isWaiting) {
      await this.#record.hold(storm);
      return limits.followMs;
    }
    try {
      const pauseMs = await this.#act(signal);
      if (!this.moves.some(wasCutOff)) this.#cloudAnswered();
      return pauseMs;
    } catch (error) {
      if (signal.aborted || !isLifeboatError(error) || isOfTheStore(error)) throw error;
      // Refused before it was sent: the next step asks for permission, and is told why not.
      if (isLifeboatError(error, 'LEASE_LAPSED')) return limits.followMs;
      return this.#cloudFailed(error);
    }
  }

  async #act(signal: AbortSignal): Promise<number> {
    if (this.#record.at === 'evacuating') return this.#evacuate(signal);
    if (this.#recovery.state === 'accepted') await this.#record.change({ state: 'isolating' });
    return this.#isolate(signal);
  }

  /** Something was sent whose end is to be seen, or nothing is left to be sent. */
  get #hasToFollow(): boolean {
    const { cancelled } = this.#recovery.orders;
    return this.#record.at === 'evacuating' && (!this.#moves.isWaiting || cancelled !== undefined);
  }

  // --- isolate: keep the host out of Nova ---------------------------------------------------------------------------

  async #isolate(signal: AbortSignal): Promise<number> {
    const { clock, cloud, limits, logger } = this.#ports;
    const { host } = this.#recovery;
    const service = await this.#witness.serviceToIsolate(signal);
    if (service === undefined) {
      await this.#record.hold(unknownHostHold(this.#recovery));
      return UNKNOWN_HOST_MS;
    }
    const elsewhere = this.#hasMarked ? undefined : endedElsewhere(this.#recovery, service, clock.now());
    if (elsewhere !== undefined) return this.endAsElsewhere(elsewhere).then(() => 0);
    if (!this.#hasMarked) this.#inherited = await this.#witness.inherit(service);
    this.#hasMarked = true;
    // Reading what runs there does not depend on the host being kept out; the first evacuation waits for both.
    const [isolation] = await Promise.all([
      keepOut(cloud, clock, this.#recovery, service, signal),
      this.#follow.readHost(signal),
      this.#ports.readLabels(signal),
    ]);
    this.#witness.isolated();
    await this.#moves.write(this.#newMoves());
    await this.#record.change({ state: 'evacuating' }, { isolation, orders: this.#ordersNow() });
    logger.info(
      { host, serviceId: service.id },
      `${host} is forced down in Nova, ${this.#moves.all.length} instances on it`,
    );
    const order = describeOrder(this.#moves.unended);
    if (order !== undefined) logger.info({ host }, `${host}: in this order: ${order}`);
    this.#moves.announce();
    await this.#ports.othersIsolated();
    await this.#advance(signal);
    return limits.followMs / 10;
  }

  // --- evacuate: look, ask the second witness, judge, send ----------------------------------------------------------

  #evacuate(signal: AbortSignal): Promise<number> {
    return this.#follow.round(
      async () => void (await this.#moves.write(this.#newMoves())),
      () => this.#advance(signal),
      signal,
    );
  }

  #newMoves(): readonly Move[] {
    const { selection } = this.#ports;
    const known = { ...this.#ports, inherited: this.#inherited, tagged: this.#ports.tagged() };
    return newMoves(this.#follow.sights, this.moves, this.#recovery, selection, known);
  }

  async #advance(signal: AbortSignal): Promise<void> {
    await this.#cancelWaiting();
    const ready = await this.#moves.judge(this.#follow.sights);
    const hold = this.#moves.unended.length === 0 ? undefined : this.#holdOnSending();
    const shown = hold ?? this.#cloudHold;
    if (shown !== undefined) await this.#record.hold(shown);
    else if (this.#recovery.state === 'held') await this.#resume();
    if (this.#moves.unended.length === 0) return this.#finish(signal);
    if (hold !== undefined) return this.#restore(signal);
    if (this.#recovery.orders !== this.#ordersNow()) await this.#record.give(this.#ordersNow());
    // Asked again, for writing took its time.
    if (this.#holdOnSending() === undefined) await this.#send(ready, signal);
  }

  #holdOnSending(): Hold | undefined {
    return this.#heartbeatHold() ?? this.#ports.permission() ?? this.#stormHold();
  }

  async #send(ready: readonly Move[], signal: AbortSignal): Promise<void> {
    // If it is not fresh, the next look is.
    const routed = this.#maySend ? await this.#routes.route(ready.slice(0, this.#moves.roomFor(ready)), signal) : [];
    // To take a reserved host takes time: what was seen before it may be too old by now, or sending be forbidden.
    const maySend = this.#maySend && this.#holdOnSending() === undefined;
    const steps = maySend ? this.#moves.steps : this.#restoringSteps;
    const [cutOff, stepCutOff] = await allEnded([
      sendMoves(
        maySend ? routed : [],
        this.#moves,
        this.#ports,
        (move) => this.#targetOf(move),
        (move) => this.#noteFirstAccepted(move),
        signal,
      ),
      takeSteps(steps, this.#moves, this.#ports, signal),
    ]);
    const error = cutOff ?? stepCutOff;
    if (error !== undefined) throw error;
  }

  /** What restores an instance on its new host rests on the instance itself, just seen, and not on the dead host's list. */
  get #restoringSteps(): readonly Step[] {
    return this.#moves.steps.filter(({ kind }) => kind === 'restore');
  }

  /**
   * Nothing may be sent, yet what has arrived is still to become what it was: a recovery whose host is alive after all has
   * nothing else left to end by (found by killing the daemon).
   */
  async #restore(signal: AbortSignal): Promise<void> {
    if (this.#ports.permission() !== undefined) return;
    const error = await takeSteps(this.#restoringSteps, this.#moves, this.#ports, signal);
    if (error !== undefined) throw error;
  }

  get #maySend(): boolean {
    return this.#follow.isFresh && this.#recovery.orders.cancelled === undefined;
  }

  #targetOf(move: Move): string | undefined {
    const records = this.#follow.sights.evacuationsOf(move.instanceId);
    return anotherTarget(move, records, this.#ports.knownServices(), this.#ports);
  }

  async #noteFirstAccepted(move: Move): Promise<void> {
    if (this.#recovery.firstAcceptedAtMs !== undefined) return;
    const firstAcceptedAtMs = move.acceptedAtMs ?? this.#ports.clock.now();
    await this.#record.save({ ...this.#recovery, firstAcceptedAtMs });
    this.#ports.logger.info({ host: move.sourceHost }, `${move.sourceHost}: first evacuation accepted (${move.name})`);
  }

  async #finish(signal: AbortSignal): Promise<void> {
    // Something may have landed on the host between two looks: finished means that Nova shows nothing left (S10).
    await this.#follow.readHost(signal);
    const late = this.#newMoves();
    await this.#moves.write(late);
    if (this.#moves.unended.length > 0) return;
    // From here on none may be tried again: the mark lets nova-compute of the host start.
    await this.#turn('ending', () => this.#end(signal));
  }

  async #end(signal: AbortSignal): Promise<void> {
    if (this.#recovery.state === 'held') await this.#resume();
    const { total, done, failed } = tally(this.moves);
    const state = failed > 0 ? 'failed' : 'recovered';
    const { cancelled } = this.#recovery.orders;
    const why = cancelled === undefined ? '' : `; cancelled ${inWords(cancelled)}`;
    const isolation = await markEnded(this.#recovery, state, this.#ports, signal);
    const reason = `${done} of ${total} instances recovered${why}`;
    await this.#record.change({ state, reason }, isolation && { isolation });
    await this.#ports.store.setNotificationStatus(this.#recovery.notificationId, STATUS_AFTER[state]);
  }

  // --- holds ----------------------------------------------------------------------------------------------------------

  #stormHold(): Hold | undefined {
    return holdOnBeginning(this.#recovery, this.#ports.stormHold);
  }

  #ordersNow(): Orders {
    return ordersNow(this.#recovery, this.#ports.stormHold, this.#ports.clock.now());
  }

  #heartbeatHold(): Hold | undefined {
    if (awaitsFencing(this.#recovery)) return gateWasOpenHold(this.#recovery);
    if (!this.#witness.isBeating) return undefined;
    return heartbeatHold(this.#recovery, this.#moves.unended.length);
  }

  async #cloudFailed(error: LifeboatError): Promise<number> {
    // The next step finds out why, and holds.
    if (error.code === 'NOT_ALLOWED') return this.#ports.limits.followMs / 10;
    const { pauseMs, exhausted } = this.#patience.failed();
    const { host } = this.#recovery;
    this.#ports.logger.warn({ host, code: error.code, pauseMs }, `${host}: ${messageOf(error)}; trying again`);
    this.#ports.forgetServices();
    const hopeless = error.code === 'CLOUD_UNAUTHORIZED' || error.code === 'CLOUD_FORBIDDEN';
    if (exhausted || hopeless) {
      this.#cloudHold = { kind: 'cloud-unavailable', reason: messageOf(error), remedy: error.hint };
      await this.#record.hold(this.#cloudHold);
    }
    return pauseMs;
  }

  #cloudAnswered(): void {
    this.#patience.answered();
    this.#cloudHold = undefined;
  }

  async #resume(): Promise<void> {
    await this.#record.change({ state: this.#recovery.resumeTo ?? 'isolating' }, { orders: this.#ordersNow() });
  }

  // --- what an operator says ------------------------------------------------------------------------------------------

  /** Its mark is on the way to Nova, with which it ends, or begins again: until that is there, it is neither. */
  get turning(): 'ending' | 'reopening' | undefined {
    return this.#turning;
  }

  async #turn(turning: 'ending' | 'reopening', act: () => Promise<void>): Promise<void> {
    this.#turning = turning;
    try {
      await act();
    } finally {
      this.#turning = undefined;
    }
  }

  /** The last change of its state did not come to the store. */
  get isUnsaved(): boolean {
    return this.#record.isUnsaved;
  }

  async saveAgain(): Promise<void> {
    await this.#record.save(this.#recovery);
  }

  /** What is shown of it while it waits for the store. */
  showHeld(hold: Hold): void {
    this.#record.showHeld(hold);
  }

  /** The storm guard holds it no more. */
  async admit(word: Word): Promise<void> {
    await this.#record.give({ admitted: word });
    this.nudge();
  }

  /** Nothing more is sent; what is under way is followed to its end. */
  async cancel(word: Word): Promise<void> {
    await this.#record.give({ cancelled: word });
    this.nudge();
  }

  async acknowledge(word: Word): Promise<void> {
    await this.#record.give({ acknowledged: word });
  }

  /** Of a recovery that has not ended. */
  async retry(failed: readonly Move[], word: Word): Promise<void> {
    await retryMoves(failed, word, this.#record, this.#moves);
    this.nudge();
  }

  /** Of one that has ended; it must be run again afterwards. */
  async reopen(failed: readonly Move[], word: Word): Promise<void> {
    await this.#turn('reopening', () => reopen(failed, word, this.#ports, this.#record, this.#moves, this.#witness));
  }

  async #cancelWaiting(): Promise<void> {
    const { cancelled } = this.#recovery.orders;
    if (cancelled === undefined) return;
    const reason = `cancelled ${inWords(cancelled)}`;
    await this.#moves.write(this.#moves.waiting.map((move) => ({ ...move, state: 'failed', reason })));
  }
}

/** The recovery ends where it is, and begins anew from what the store holds. */
export function isOfTheStore(error: unknown): error is LifeboatError {
  return isLifeboatError(error, 'STORE_UNUSABLE', 'STORE_DAMAGED', 'LEASE_LOST');
}
