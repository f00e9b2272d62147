import { messageOf } from '../errors.ts';
import { sleep, type Clock, type Logger } from '../ports.ts';
import type { Background } from './background.ts';
import { storeHold } from './lease.ts';
import type { Move } from './move.ts';
import { isOfTheStore, type Recover } from './recover.ts';
import { isUnfinished, keepsOut, type Recovery } from './recovery.ts';
import { AGAIN_MS, type StorePatience } from './store-patience.ts';
import type { Store } from './store/store.ts';

export interface RunsPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly background: Background;
  readonly patience: StorePatience;
  readonly make: (recovery: Recovery, moves: readonly Move[]) => Recover;
  readonly onAdopted: (recovery: Recovery) => void;
}

/** Every recovery that this process knows, and which of them are at work. */
export class Runs {
  readonly #ports: RunsPorts;
  readonly #byId = new Map<string, Recover>();
  readonly #running = new Set<Recover>();

  constructor(ports: RunsPorts) {
    this.#ports = ports;
  }

  /** In no order: asked for each move of a storm. */
  values(): Iterable<Recover> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get newestFirst(): readonly Recover[] {
    return [...this.#byId.values()].toSorted((a, b) => b.recovery.createdAtMs - a.recovery.createdAtMs);
  }

  /** The newest one that still keeps the host out. */
  keepingOut(host: string): Recover | undefined {
    return this.newestFirst.find(({ recovery }) => recovery.host === host && keepsOut(recovery));
  }

  some(holds: (recovery: Recovery) => boolean): boolean {
    for (const { recovery } of this.#byId.values()) if (holds(recovery)) return true;
    return false;
  }

  keepsOut(host: string): boolean {
    return this.some((recovery) => recovery.host === host && keepsOut(recovery));
  }

  /** Only of what is at work: a recovery that was closed leaves moves behind that nobody follows any more. */
  get inFlight(): number {
    let sum = 0;
    for (const { recovery, inFlight } of this.#byId.values()) if (isUnfinished(recovery)) sum += inFlight;
    return sum;
  }

  adopt(recovery: Recovery, moves: readonly Move[]): Recover {
    const run = this.#ports.make(recovery, moves);
    this.#byId.set(recovery.id, run);
    this.#ports.onAdopted(recovery);
    return run;
  }

  /** Their records are gone from the store. */
  forget(notificationIds: ReadonlySet<string>): void {
    for (const [id, { recovery }] of this.#byId)
      if (notificationIds.has(recovery.notificationId)) this.#byId.delete(id);
  }

  isRunning(run: Recover): boolean {
    return this.#running.has(run);
  }

  /** What they wait for may have come. */
  nudge(): void {
    for (const run of this.#running) run.nudge();
  }

  nudgeInOrderOfLoss(): void {
    const inOrder = [...this.#running].toSorted((a, b) => a.recovery.lostSinceMs - b.recovery.lostSinceMs);
    for (const run of inOrder) run.nudge();
  }

  launchAll(): void {
    for (const run of this.#byId.values()) this.launch(run);
  }

  /** Has it work until it has ended, unless it does already. */
  launch(run: Recover): void {
    if (this.#running.has(run) || !isUnfinished(run.recovery)) return;
    this.#running.add(run);
    const { background, clock, logger, patience } = this.#ports;
    background.run(`the recovery of ${run.recovery.host}`, async () => {
      try {
        await run.run(background.signal);
      } catch (error) {
        if (background.signal.aborted) return;
        if (isOfTheStore(error)) run.showHeld(storeHold(error));
        const { host } = run.recovery;
        logger.error({ host, error: messageOf(error) }, `the recovery of ${host} stumbled: ${messageOf(error)}`);
        await sleep(clock, AGAIN_MS, background.signal);
        await patience.until(() => this.#beginAgain(run), background.signal);
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
    if (recovery !== undefined) this.launch(this.adopt(recovery, await store.movesOf(id)));
  }

  /** What ended while the store was away, and could not be written then. */
  async writeWhatIsOwed(): Promise<void> {
    for (const run of this.#byId.values()) {
      if (!run.isUnsaved || this.#running.has(run) || isUnfinished(run.recovery)) continue;
      await run.saveAgain();
    }
  }

  /** Resolves when every lost host that is at work is forced down, or after `patienceMs`. */
  async allIsolated(patienceMs: number): Promise<void> {
    const { background, clock } = this.#ports;
    const deadlineMs = clock.monotonic() + patienceMs;
    while (clock.monotonic() < deadlineMs) {
      const waiting = [...this.#running].some((run) => ['accepted', 'isolating'].includes(run.recovery.state));
      if (!waiting || background.signal.aborted) return;
      await sleep(clock, 10, background.signal);
    }
  }
}
