import type { Hold } from '../bridge/verdict.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Orders } from './orders.ts';
import { transition, type Change, type Recovery, type RecoveryState } from './recovery.ts';
import type { Store } from './store/store.ts';

export interface RecordPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}

/** One recovery, here and on disk: the one place for every change of it. */
export class RecoveryRecord {
  readonly #ports: RecordPorts;
  #value: Recovery;
  #isUnsaved = false;
  #saving: Promise<void> = Promise.resolve();

  constructor(ports: RecordPorts, recovery: Recovery) {
    this.#ports = ports;
    this.#value = recovery;
  }

  get value(): Recovery {
    return this.#value;
  }

  /** Its state, or while it is held the one that it goes on with. */
  get at(): RecoveryState | undefined {
    return this.#value.state === 'held' ? this.#value.resumeTo : this.#value.state;
  }

  async change(change: Omit<Change, 'atMs'>, also: Partial<Recovery> = {}): Promise<void> {
    const { clock, logger } = this.#ports;
    const before = this.#value.state;
    const next = { ...transition(this.#value, { ...change, atMs: clock.now() }), ...also };
    await this.save(next);
    const why = next.reason === undefined ? '' : `: ${next.reason}`;
    logger.info(
      { host: next.host, recovery: next.id, from: before, to: next.state },
      `${next.host}: ${before} → ${next.state}${why}`,
    );
  }

  async hold(hold: Hold): Promise<void> {
    const recovery = this.#value;
    if (recovery.state !== 'held') return this.change({ state: 'held', hold });
    if (recovery.hold?.kind !== hold.kind) await this.save({ ...recovery, hold, reason: hold.reason });
  }

  async give(orders: Orders): Promise<void> {
    await this.save({ ...this.#value, orders: { ...this.#value.orders, ...orders } });
  }

  /** Known here at once, so that no other change can be lost between; on disk when it resolves. */
  async save(recovery: Recovery): Promise<void> {
    this.#value = recovery;
    this.#isUnsaved = true;
    // One after another, each with the newest: a write that the store had to try again must not land after a later one.
    const saving = this.#saving.then(() => this.#ports.store.saveRecovery(this.#value));
    this.#saving = saving.catch(() => undefined);
    await saving;
    this.#isUnsaved = false;
    this.#ports.onChange();
  }

  /** The last change did not come to the store. */
  get isUnsaved(): boolean {
    return this.#isUnsaved;
  }

  /** What is shown of it while it waits for the store, where none of this can be written. */
  showHeld(hold: Hold): void {
    const { resumeTo, state } = this.#value;
    const goesOnWith = state === 'held' ? resumeTo : state;
    this.#value = { ...this.#value, state: 'held', hold, resumeTo: goesOnWith, reason: hold.reason };
    this.#ports.onChange();
  }
}
