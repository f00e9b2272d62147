import type { Hold } from '../bridge/verdict.ts';
import { isLifeboatError, LifeboatError, messageOf } from '../errors.ts';
import { sleep, type Clock, type Logger } from '../ports.ts';
import { nameOf, type LeaseRecord } from './store/lease-record.ts';
import type { Store } from './store/store.ts';

export interface LeasePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Begins with the name of the node; unlike that of any other process. */
  readonly holder: string;
  /** Whether the process that this holder names has certainly ended: then its lease need not run out. */
  readonly isGone: (holder: string) => boolean;
  readonly durationMs: number;
}

type State =
  | { readonly kind: 'waiting'; readonly seen: Seen | undefined; readonly failure: unknown }
  | {
      readonly kind: 'held';
      readonly epoch: number;
      readonly sent: Moment;
      readonly failure: unknown;
      readonly asking?: Moment;
    }
  | { readonly kind: 'lost'; readonly reason: string };

/** One moment by both clocks. */
interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

interface Seen {
  readonly record: LeaseRecord;
  /** Since when, by our own clock, the holder has given no other sign of life. */
  readonly sinceMs: number;
}

/** What the holder does without at the end of each lease, so that nobody's clock need be exact. */
const MARGIN = 1 / 5;
const RENEWALS = 3;
const SILENCE_MS = 1_000;
const LOOKS_WHILE_WAITING = 15;

/**
 * The right to act (S5). One engine holds it, for a time that it has to renew in the store; each taking of it is an epoch
 * of its own.
 *
 * Invariant: while `check` passes, no other engine's does. Its end is reckoned from before the renewal was sent, by the
 * clock that does not jump and by the one that goes on while a machine stands still, whichever has come further; a margin
 * before the store would let anybody else take it. See docs/decisions/0029.
 */
export class Lease {
  readonly #ports: LeasePorts;
  readonly #lost = new Set<() => void>();
  #state: State = { kind: 'waiting', seen: undefined, failure: undefined };

  constructor(ports: LeasePorts) {
    this.#ports = ports;
  }

  /** Undefined while it is not held; also when it has lapsed and nobody else took it. */
  get epoch(): number | undefined {
    return this.#state.kind === 'held' ? this.#state.epoch : undefined;
  }

  /** Another engine has taken it: there is no way back for this process. */
  get isLost(): boolean {
    return this.#state.kind === 'lost';
  }

  onLost(listener: () => void): void {
    this.#lost.add(listener);
  }

  /** Throws LEASE_LAPSED or LEASE_LOST. To be asked as late as can be before every effect outside of the store. */
  check(): void {
    const hold = this.hold();
    if (hold !== undefined) throw new LifeboatError(this.isLost ? 'LEASE_LOST' : 'LEASE_LAPSED', hold.reason);
  }

  /** Undefined while this engine may act; else why not. */
  hold(): Hold | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'lost':
        return {
          kind: 'no-lease',
          reason: state.reason,
          remedy: 'pcs resource restart lifeboat, if crm_mon shows the engine on this node',
        };
      case 'waiting':
        return state.failure === undefined ? waitingFor(state.seen) : storeHold(state.failure);
      case 'held':
        if (this.#ageMs(state.sent) < this.#ports.durationMs * (1 - MARGIN)) return undefined;
        return lapsed(state.failure, state.asking && this.#ageMs(state.asking));
    }
  }

  /** Resolves when it is held. Waits for whoever holds it now, and for a store that does not answer, for ever. */
  async acquire(signal: AbortSignal): Promise<void> {
    const { clock, durationMs, holder, isGone, logger, store } = this.#ports;
    let seen: Seen | undefined;
    while (!signal.aborted) {
      const sent = this.#now();
      try {
        const answer = await store.takeLease({ holder, durationMs, evenIf: this.#overdue(seen) });
        if (answer.kind === 'taken') {
          this.#state = { kind: 'held', epoch: answer.epoch, sent, failure: undefined };
          const after = seen === undefined ? '' : `, after ${nameOf(seen.record.holder)}`;
          logger.info({ epoch: answer.epoch }, `this engine has the lease (epoch ${answer.epoch})${after}`);
          return;
        }
        const isNew = seen?.record.epoch !== answer.record.epoch;
        if (isNew) logger.info({ ...answer.record }, waitingFor({ record: answer.record, sinceMs: 0 }).reason);
        seen = this.#look(seen, answer.record);
        this.#state = { kind: 'waiting', seen, failure: undefined };
        if (isNew && isGone(answer.record.holder)) continue;
      } catch (error) {
        if (!isLifeboatError(error, 'STORE_UNUSABLE', 'STORE_DAMAGED')) throw error;
        if (this.#state.kind === 'waiting' && this.#state.failure === undefined)
          logger.error({ error: messageOf(error), hint: error.hint }, `no lease: ${messageOf(error)}; trying again`);
        this.#state = { kind: 'waiting', seen, failure: error };
      }
      await sleep(clock, durationMs / LOOKS_WHILE_WAITING, signal);
    }
    signal.throwIfAborted();
  }

  /** Renews it until it is lost or `signal` aborts. A store that does not answer is asked again: it may still be ours. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, durationMs, logger, store } = this.#ports;
    let pauseMs = durationMs / RENEWALS;
    while (this.#state.kind === 'held') {
      await sleep(clock, pauseMs, signal);
      const sent = this.#now();
      this.#state = { ...this.#state, asking: sent };
      try {
        await store.renewLease(durationMs);
        if (this.isLost) return;
        const { epoch, failure } = this.#state;
        this.#state = { kind: 'held', epoch, sent, failure: undefined };
        if (failure !== undefined) logger.info({ epoch }, 'the lease is renewed again: the engine goes on');
        pauseMs = durationMs / RENEWALS;
      } catch (error) {
        this.note(error);
        pauseMs = durationMs / LOOKS_WHILE_WAITING;
      }
    }
  }

  /** So that the next engine need not wait. Nothing depends on it. */
  async release(): Promise<void> {
    const { logger, store } = this.#ports;
    if (this.#state.kind !== 'held') return;
    this.#state = { kind: 'lost', reason: 'this engine has given its lease back' };
    await store.releaseLease().catch((error: unknown) => {
      logger.debug({ error: messageOf(error) }, 'the lease was not given back, it will run out');
    });
  }

  /** An error of the store, from whatever was asked of it. */
  note(error: unknown): void {
    const state = this.#state;
    if (state.kind !== 'held') return;
    if (isLifeboatError(error, 'LEASE_LOST')) {
      this.#state = { kind: 'lost', reason: error.message };
      for (const listener of this.#lost) listener();
    } else if (state.failure === undefined) {
      this.#ports.logger.error({ error: messageOf(error) }, messageOf(error));
      this.#state = { ...state, failure: error };
    }
  }

  #now(): Moment {
    return { monotonicMs: this.#ports.clock.monotonic(), wallMs: this.#ports.clock.now() };
  }

  #ageMs({ monotonicMs, wallMs }: Moment): number {
    const now = this.#now();
    return Math.max(now.monotonicMs - monotonicMs, now.wallMs - wallMs);
  }

  #look(before: Seen | undefined, record: LeaseRecord): Seen {
    const isSame = before?.record.epoch === record.epoch && before.record.sign === record.sign;
    return { record, sinceMs: isSame ? before.sinceMs : this.#ports.clock.monotonic() };
  }

  /**
   * The store's clock may have been set back, or be another server's: whoever has given no sign of life for its whole
   * lease, by a clock of ours, has none any more.
   */
  #overdue(seen: Seen | undefined): LeaseRecord | undefined {
    if (seen === undefined) return undefined;
    const silentMs = this.#ports.clock.monotonic() - seen.sinceMs;
    return silentMs >= seen.record.durationMs || this.#ports.isGone(seen.record.holder) ? seen.record : undefined;
  }
}

function waitingFor(seen: Seen | undefined): Hold {
  if (seen === undefined) return { kind: 'no-lease', reason: 'the lease was not asked for yet', remedy: undefined };
  const { holder, leftMs } = seen.record;
  const left = `${Math.ceil(leftMs / 1000)} s`;
  return {
    kind: 'no-lease',
    reason: `the engine of ${nameOf(holder)} holds the lease for ${left} more, if it does not renew it`,
    remedy: undefined,
  };
}

/** `askingMs`: how long the renewal is under way already. */
function lapsed(failure: unknown, askingMs = 0): Hold {
  if (failure !== undefined) return storeHold(failure);
  const silence = `the store has not answered for ${Math.round(askingMs / 1000)} s`;
  if (askingMs >= SILENCE_MS) return storeHold(new LifeboatError('STORE_UNUSABLE', silence));
  return { kind: 'no-lease', reason: 'the lease has lapsed: this engine stood still for a while', remedy: undefined };
}

export function storeHold(failure: unknown): Hold {
  const remedy = isLifeboatError(failure) ? failure.hint : 'see the log of lifeboatd';
  return { kind: 'store-unusable', reason: messageOf(failure), remedy };
}
