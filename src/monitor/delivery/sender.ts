import { messageOf } from '../../errors.ts';
import type { Clock, Logger, Randomness } from '../../ports.ts';
import { inWords, type Report } from '../spool/report.ts';
import type { Spool } from '../spool/spool.ts';
import type { Deliver, Delivery } from './delivery.ts';

export interface SenderPorts {
  readonly spool: Pick<Spool, 'next' | 'told' | 'putAside'>;
  readonly deliver: Deliver;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}

/** How it stands with what waits. */
export type Standing =
  | { readonly kind: 'well' }
  /** `sinceMs`: when it began, milliseconds since the epoch. */
  | { readonly kind: 'trouble'; readonly said: string; readonly remedy: string; readonly sinceMs: number };

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Delivers what the spool holds, one after the other in its order, for ever. */
export class Sender {
  readonly #ports: SenderPorts;
  readonly #stopping = new AbortController();
  #standing: Standing = { kind: 'well' };
  #failures = 0;
  #wake: () => void = () => undefined;

  constructor(ports: SenderPorts) {
    this.#ports = ports;
  }

  start(): void {
    void this.#run().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) throw error;
    });
  }

  /** Something is new in the spool. While there is trouble it waits with the others. */
  wake(): void {
    if (this.#failures === 0) this.#wake();
  }

  /** An operator wants it tried now. */
  hurry(): void {
    this.#wake();
  }

  get standing(): Standing {
    return this.#standing;
  }

  stop(): void {
    this.#stopping.abort(new Error('the monitor ends'));
    this.#wake();
  }

  async #run(): Promise<void> {
    const { spool } = this.#ports;
    for (;;) {
      const report = spool.next();
      if (report === undefined) await this.#pause(undefined);
      else await this.#send(report);
      this.#stopping.signal.throwIfAborted();
    }
  }

  async #send(report: Report): Promise<void> {
    const { deliver, logger, spool } = this.#ports;
    const delivery = await deliver(report, this.#stopping.signal).catch(this.#unforeseen);
    this.#stopping.signal.throwIfAborted();
    if (delivery.kind === 'trouble') {
      this.#failures += 1;
      this.#troubled(delivery);
      return this.#pause(this.#backoffMs(delivery.notBeforeMs ?? 0));
    }
    this.#well();
    const { id, notification } = report;
    if (delivery.kind === 'taken') {
      logger.info({ report: id }, `reported: ${inWords(notification)}: ${delivery.said}`);
      spool.told(id);
    } else {
      const told = `not taken, and put aside: ${inWords(notification)}: ${delivery.said}; see: lifeboat-monitor status`;
      logger.error({ report: id }, told);
      spool.putAside(id, delivery.said);
    }
  }

  /** A defect of ours must not end what delivers. */
  readonly #unforeseen = (error: unknown): Delivery => {
    this.#stopping.signal.throwIfAborted();
    return { kind: 'trouble', said: messageOf(error), remedy: 'report it with the log of the monitor' };
  };

  #well(): void {
    this.#failures = 0;
    if (this.#standing.kind === 'well') return;
    this.#standing = { kind: 'well' };
    this.#ports.logger.info({}, 'reports are taken again');
  }

  #troubled({ remedy, said }: Extract<Delivery, { kind: 'trouble' }>): void {
    const { clock, logger } = this.#ports;
    const before = this.#standing;
    if (before.kind === 'trouble' && before.said === said) return;
    const sinceMs = before.kind === 'trouble' ? before.sinceMs : clock.now();
    this.#standing = { kind: 'trouble', said, remedy, sinceMs };
    logger.warn({ remedy }, `reports wait: ${said}; ${remedy}`);
  }

  /** Half of it is chance: the hosts that lost the API at one moment do not come back at one moment. */
  #backoffMs(notBeforeMs: number): number {
    const longestMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10));
    const pauseMs = longestMs / 2 + (longestMs / 2) * this.#ports.randomness.next();
    return Math.max(pauseMs, Math.min(notBeforeMs, LONGEST_PAUSE_MS));
  }

  /** Until it is woken; or as long at the most. */
  #pause(atMostMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        cancel();
        this.#wake = () => undefined;
        resolve();
      };
      const cancel = atMostMs === undefined ? () => undefined : this.#ports.clock.schedule(atMostMs, over);
      this.#wake = over;
    });
  }
}
