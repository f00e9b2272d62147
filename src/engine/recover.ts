import type { Hold } from '../bridge/verdict.ts';
import { isLifeboatError, messageOf, type LifeboatError } from '../errors.ts';
import { sleep } from '../ports.ts';
import { CloudPatience } from './cloud-patience.ts';
import { endedElsewhere, type EndedElsewhere } from './ended-elsewhere.ts';
import { isEnded, tally, wasCutOff, type Move } from './move.ts';
import { MoveBook } from './move-book.ts';
import { describeOrder } from './order/describe-order.ts';
import { Follow } from './follow.ts';
import { heartbeatHold, unknownHostHold } from './holds.ts';
import { HostWitness } from './host-witness.ts';
import { keepOut } from './keep-out.ts';
import { recoveryMark, type Ending } from './mark.ts';
import { STATUS_AFTER } from './notification.ts';
import type { RecoverPorts } from './recover-ports.ts';
import { isUnfinished, transition, type Change, type Recovery } from './recovery.ts';
import { Routes } from './segments/routes.ts';
import { sendMoves } from './send-moves.ts';
import { newMoves } from './sights.ts';
import { takeSteps } from './take-steps.ts';

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
  #recovery: Recovery;
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

  constructor(ports: RecoverPorts, recovery: Recovery, moves: readonly Move[]) {
    this.#ports = ports;
    this.#recovery = recovery;
    this.#patience = new CloudPatience(ports.clock, ports.randomness, ports.limits.cloudPatienceMs);
    this.#moves = new MoveBook(ports, moves);
    this.#witness = new HostWitness(ports, { get: () => this.#recovery, save: (changed) => this.#save(changed) });
    this.#routes = new Routes(ports, recovery.host, this.#moves);
    this.#follow = new Follow(ports, recovery.host, this.#moves, this.#witness);
  }

  get recovery(): Recovery {
    return this.#recovery;
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

  /** Another engine has ended it; what it did with the instances stands in Nova only. */
  async endAsElsewhere({ ending, isolation }: EndedElsewhere): Promise<void> {
    const reason = 'another engine has brought this recovery to its end; what became of it, Nova tells';
    await this.#moves.write(this.#moves.unended.map((move) => ({ ...move, state: 'skipped', reason })));
    await this.#change({ state: ending, reason }, { isolation });
    await this.#ports.store.setNotificationStatus(this.#recovery.notificationId, STATUS_AFTER[ending]);
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
    const service = await this.#witness.serviceToIsolate(signal);
    if (service === undefined) {
      await this.#hold(unknownHostHold(this.#recovery));
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
    await this.#change({ state: 'evacuating' }, { isolation });
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
    const ready = await this.#moves.judge(this.#follow.sights);
    const hold = this.#moves.unended.length === 0 ? undefined : (this.#heartbeatHold() ?? this.#ports.permission());
    const shown = hold ?? this.#cloudHold;
    if (shown !== undefined) await this.#hold(shown);
    else if (this.#recovery.state === 'held') await this.#resume();
    if (this.#moves.unended.length === 0) return this.#finish(signal);
    if (hold === undefined) await this.#send(ready, signal);
  }

  async #send(ready: readonly Move[], signal: AbortSignal): Promise<void> {
    const { isFresh } = this.#follow; // if not, the next look is
    const routed = isFresh ? await this.#routes.route(ready.slice(0, this.#moves.roomFor(ready)), signal) : [];
    // To take a reserved host takes time: what was seen before it may be too old by now, or sending be forbidden.
    const maySend = this.#follow.isFresh && this.#ports.permission() === undefined && !this.#witness.isBeating;
    // What restores an instance on its new host rests on the instance itself, just seen, and not on the dead host's list.
    const steps = this.#moves.steps.filter(({ kind }) => maySend || kind === 'restore');
    const [cutOff, stepCutOff] = await Promise.all([
      sendMoves(maySend ? routed : [], this.#moves, this.#ports, (move) => this.#noteFirstAccepted(move), signal),
      takeSteps(steps, this.#moves, this.#ports, signal),
    ]);
    const error = cutOff ?? stepCutOff;
    if (error !== undefined) throw error;
  }

  async #noteFirstAccepted(move: Move): Promise<void> {
    if (this.#recovery.firstAcceptedAtMs !== undefined) return;
    const firstAcceptedAtMs = move.acceptedAtMs ?? this.#ports.clock.now();
    await this.#save({ ...this.#recovery, firstAcceptedAtMs });
    this.#ports.logger.info({ host: move.sourceHost }, `${move.sourceHost}: first evacuation accepted (${move.name})`);
  }

  async #finish(signal: AbortSignal): Promise<void> {
    // Something may have landed on the host between two looks: finished means that Nova shows nothing left (S10).
    await this.#follow.readHost(signal);
    const late = this.#newMoves();
    await this.#moves.write(late);
    if (late.some((move) => !isEnded(move))) return;
    if (this.#recovery.state === 'held') await this.#resume();
    const { total, done, failed } = tally(this.moves);
    const state = failed > 0 ? 'failed' : 'recovered';
    await this.#markEnded(state, signal);
    await this.#change({ state, reason: `${done} of ${total} instances recovered` });
    await this.#ports.store.setNotificationStatus(this.#recovery.notificationId, STATUS_AFTER[state]);
  }

  /**
   * For the gate of the host while no engine can be asked, and for an engine without our store. Before the change of
   * state, because the release may begin right after it, and a mark that lands later would disable a host in service.
   * Without it the gate stays closed until an engine answers, which is no reason to hold the recovery.
   */
  async #markEnded(ending: Ending, signal: AbortSignal): Promise<void> {
    const { clock, cloud, logger } = this.#ports;
    const { host, isolation, proof } = this.#recovery;
    if (isolation === undefined || this.#ports.permission() !== undefined) return;
    const mark = recoveryMark(proof, isolation.wasDisabled, clock.now(), ending);
    try {
      await cloud.disableService(isolation.serviceId, mark, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      logger.warn({ host, error: messageOf(error) }, `${host}: Nova was not told that its moves have ended`);
    }
  }

  // --- holds ----------------------------------------------------------------------------------------------------------

  #heartbeatHold(): Hold | undefined {
    if (!this.#witness.isBeating) return undefined;
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
