import type { Clock } from '../../../src/ports.ts';
import type { FakeDefinition } from './fake-units.ts';

/** Microseconds that never stand still: what happens later has a later time. */
export type Stamp = () => number;

/** One service of the fake systemd: its states and times as systemd 252 was seen to have them. */
export class FakeUnit {
  readonly name: string;
  readonly path: string;
  readonly definition: FakeDefinition;
  readonly #clock: Clock;
  readonly #stamp: Stamp;
  readonly #onChange: (unit: FakeUnit) => void;
  activeState = 'inactive';
  subState = 'dead';
  result = 'success';
  activeEnterUs = 0;
  activeExitUs = 0;
  mainStartUs = 0;
  mainExitUs = 0;
  mainCode = 0;
  mainStatus = 0;
  #starts = 0;
  #cancel = (): void => {};

  constructor(
    name: string,
    definition: FakeDefinition,
    ports: { readonly clock: Clock; readonly stamp: Stamp; readonly onChange: (unit: FakeUnit) => void },
  ) {
    this.name = name;
    this.path = `/org/freedesktop/systemd1/unit/${name.replaceAll(/[^a-zA-Z0-9]/g, (each) => `_${each.charCodeAt(0).toString(16)}`)}`;
    this.definition = definition;
    this.#clock = ports.clock;
    this.#stamp = ports.stamp;
    this.#onChange = ports.onChange;
  }

  get isRunning(): boolean {
    return this.activeState === 'active';
  }

  start(): void {
    if (this.isRunning || this.activeState === 'activating') return;
    this.#starts = 0;
    this.#run();
  }

  #run(): void {
    const { ends, main, watchdogMs } = this.definition;
    this.#starts += 1;
    Object.assign(this, { result: 'success', mainCode: 0, mainStatus: 0, mainStartUs: 0, mainExitUs: 0 });
    if (main !== 'unknown') this.mainStartUs = this.#stamp();
    if (main === 'never ready') return this.#become('activating', 'start');
    if (main === 'over before it is active') {
      Object.assign(this, { mainExitUs: this.#stamp(), mainCode: 1 });
      this.activeEnterUs = this.#stamp();
      return this.#become('active', 'exited');
    }
    this.activeEnterUs = this.#stamp();
    this.#become('active', 'running');
    if (ends !== undefined) this.#later(ends.afterMs, () => this.#die(1, ends.status));
    if (watchdogMs !== undefined) {
      this.#later(watchdogMs, () => {
        this.activeExitUs = this.#stamp();
        Object.assign(this, { mainExitUs: this.#stamp(), mainCode: 2, mainStatus: 6, result: 'watchdog' });
        this.#become('failed', 'failed');
      });
    }
  }

  kill(): void {
    if (!this.isRunning) throw new Error(`${this.name} has no process`);
    this.#die(2, 9);
  }

  /** On an order. */
  stop(): void {
    this.#cancel();
    // What systemd was seen to do with one that waits to be restarted: its result stays.
    if (this.subState === 'auto-restart') return this.#become('inactive', 'dead');
    if (!this.isRunning && this.activeState !== 'activating') return;
    if (this.isRunning) this.activeExitUs = this.#stamp();
    const { main, onTerm } = this.definition;
    if (main === 'process' || main === 'never ready') {
      this.mainExitUs = this.#stamp();
      this.mainCode = onTerm === 'exits with 1' ? 1 : 2;
      this.mainStatus = { dies: 15, 'exits with 1': 1, 'ignores it': 9 }[onTerm];
      this.result = { dies: 'success', 'exits with 1': 'exit-code', 'ignores it': 'timeout' }[onTerm];
    }
    if (this.result === 'success') this.#become('inactive', 'dead');
    else this.#become('failed', 'failed');
  }

  resetFailed(): void {
    if (this.activeState !== 'failed') return;
    this.result = 'success';
    this.#become('inactive', 'dead');
  }

  #die(code: number, status: number): void {
    this.#cancel();
    const { main, restart } = this.definition;
    if (main === 'process') Object.assign(this, { mainExitUs: this.#stamp(), mainCode: code, mainStatus: status });
    this.activeExitUs = this.#stamp();
    const isClean = main === 'unknown' || (code === 1 && status === 0);
    this.result = isClean ? 'success' : code === 1 ? 'exit-code' : 'signal';
    if (restart !== undefined && (restart.when === 'always' || !isClean) && this.#starts < restart.burst) {
      this.#become('activating', 'auto-restart');
      return this.#later(restart.afterMs, () => this.#run());
    }
    if (isClean) this.#become('inactive', 'dead');
    else this.#become('failed', 'failed');
  }

  #become(activeState: string, subState: string): void {
    this.activeState = activeState;
    this.subState = subState;
    this.#onChange(this);
  }

  #later(delayMs: number, act: () => void): void {
    this.#cancel = this.#clock.schedule(delayMs, act);
  }
}
