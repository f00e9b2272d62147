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
  readonly runs: () => Iterable<{ readonly recovery: Recovery }>;
}

/** Every failure that is remembered: it tells a storm from a single loss, and a host that fails again and again. */
export class FailureBook {
  readonly #ports: FailureBookPorts;
  /** By host; of recoveries that were written before this process began. */
  #past: ReadonlyMap<string, readonly Failure[]> = new Map();

  constructor(ports: FailureBookPorts) {
    this.#ports = ports;
  }

  async load(): Promise<void> {
    const past = await this.#ports.store.recoveries(REMEMBERED);
    this.#past = Map.groupBy(past.map(failureOf), ({ host }) => host);
  }

  /** What the storm guard weighs. */
  losses(
    verdicts: readonly Verdict[],
    now: number,
  ): { readonly losses: readonly Loss[]; readonly hosts: readonly string[] } {
    const known = [...[...this.#past.values()].flat(), ...this.#here()];
    const losses = lossesOf(known, verdicts, now);
    const hosts = new Set([...verdicts.map(({ host, node }) => host ?? node), ...losses.map(({ host }) => host)]);
    return { losses, hosts: [...hosts] };
  }

  /** Why the host of an ended recovery is not given back for its many failures; undefined when nothing speaks against it. */
  flappingHoldOf(recovery: Recovery): Hold | undefined {
    if (isUnfinished(recovery) || !keepsOut(recovery)) return undefined;
    const { host } = recovery;
    const here = [...this.#here()].filter((failure) => failure.host === host);
    const ids = new Set(here.map(({ recoveryId }) => recoveryId));
    const before = (this.#past.get(host) ?? []).filter(({ recoveryId }) => !ids.has(recoveryId));
    return flappingHold(host, [...here, ...before], this.#ports.flapping);
  }

  *#here(): Generator<Failure> {
    for (const { recovery } of this.#ports.runs()) yield failureOf(recovery);
  }
}
