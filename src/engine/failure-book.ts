import type { Hold, Verdict } from '../bridge/verdict.ts';
import { failureOf, lossesOf, type Failure } from './failure.ts';
import { flappingHold, type FlappingLimits } from './flapping.ts';
import { isUnfinished, keepsOut, type Recovery } from './recovery.ts';
import type { Loss } from './storm.ts';
import type { Store } from './store/store.ts';

/** Of the store's recoveries: enough for every host of a large cloud to have failed some times lately. */
const REMEMBERED = 5_000;

export interface FailureBookPorts {
  readonly store: Store;
  readonly flapping: FlappingLimits;
  /** Of this process, and what was open when it began. */
  readonly recoveries: () => readonly Recovery[];
}

/** Every failure that is remembered: it tells a storm from a single loss, and a host that fails again and again. */
export class FailureBook {
  readonly #ports: FailureBookPorts;
  #past: readonly Failure[] = [];

  constructor(ports: FailureBookPorts) {
    this.#ports = ports;
  }

  async load(): Promise<void> {
    this.#past = (await this.#ports.store.recoveries(REMEMBERED)).map(failureOf);
  }

  /** What the storm guard weighs. */
  losses(
    verdicts: readonly Verdict[],
    now: number,
  ): { readonly losses: readonly Loss[]; readonly hosts: readonly string[] } {
    const losses = lossesOf(this.#all(), verdicts, now);
    const hosts = new Set([...verdicts.map(({ host, node }) => host ?? node), ...losses.map(({ host }) => host)]);
    return { losses, hosts: [...hosts] };
  }

  /** Why the host of an ended recovery is not given back for its many failures; undefined when nothing speaks against it. */
  flappingHoldOf(recovery: Recovery): Hold | undefined {
    if (isUnfinished(recovery) || !keepsOut(recovery)) return undefined;
    return flappingHold(recovery.host, this.#all(), this.#ports.flapping);
  }

  #all(): readonly Failure[] {
    const here = this.#ports.recoveries().map(failureOf);
    const ids = new Set(here.map(({ recoveryId }) => recoveryId));
    return [...here, ...this.#past.filter(({ recoveryId }) => !ids.has(recoveryId))];
  }
}
