import type { HoldKind, Verdict } from '../bridge/verdict.ts';
import type { Cloud } from '../openstack/cloud.ts';
import type { Clock, Logger } from '../ports.ts';
import { suspectMark, wasDisabledBefore } from './mark.ts';
import type { Isolation } from './recovery.ts';
import { release } from './release.ts';
import type { Services } from './services.ts';
import type { Store } from './store/store.ts';
import type { Suspect } from './suspect.ts';

/** A loss with one of these holds is about to be fenced, or should have been: it must not be chosen as a target. */
const SUSPICIOUS: readonly HoldKind[] = ['not-fenced', 'fencing-pending', 'fencing-failed', 'human-not-accepted'];

export interface SuspectsPorts {
  readonly store: Store;
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly services: Services;
}

/** Keeps lost and unproven hosts out of the scheduler's sight while another host is being evacuated; see `Suspect`. */
export class Suspects {
  readonly #ports: SuspectsPorts;
  readonly #byHost = new Map<string, Suspect>();
  #settling: Promise<void> | undefined;

  constructor(ports: SuspectsPorts) {
    this.#ports = ports;
  }

  async load(): Promise<void> {
    for (const suspect of await this.#ports.store.suspects()) this.#byHost.set(suspect.host, suspect);
  }

  /** Takes over what a former engine marked in Nova. */
  async adopt(suspects: readonly Suspect[]): Promise<void> {
    for (const suspect of suspects) if (!this.#byHost.has(suspect.host)) await this.#remember(suspect);
  }

  /** Isolates new suspects while something is evacuated, gives back those whose node is up. */
  async settle(verdicts: readonly Verdict[], recovering: boolean): Promise<void> {
    this.#settling ??= this.#settle(verdicts, recovering).finally(() => (this.#settling = undefined));
    await this.#settling;
  }

  /** What was changed on the host's service, for the recovery that takes the host over. */
  isolationOf(host: string, now: number): Isolation | undefined {
    const suspect = this.#byHost.get(host);
    if (suspect === undefined) return undefined;
    const { serviceId, wasDisabled } = suspect;
    return { serviceId, wasDisabled, baselineUpdatedAtMs: undefined, baselineReadAtMs: now };
  }

  /** The host has a recovery of its own now, which keeps it out and gives it back. */
  async handOver(host: string): Promise<void> {
    if (this.#byHost.delete(host)) await this.#ports.store.removeSuspect(host);
  }

  async #settle(verdicts: readonly Verdict[], recovering: boolean): Promise<void> {
    for (const verdict of verdicts) {
      if (verdict.host === undefined) continue;
      const suspect = this.#byHost.get(verdict.host);
      if (verdict.state === 'up' && suspect !== undefined) await this.#giveBack(suspect);
      const suspicious = verdict.state === 'lost' && SUSPICIOUS.includes(verdict.hold.kind);
      if (suspicious && recovering && suspect === undefined) await this.#isolate(verdict.host, verdict.node);
    }
  }

  async #isolate(host: string, node: string): Promise<void> {
    const { clock, cloud, logger, services } = this.#ports;
    const service = services.get(host);
    if (service === undefined || service.forcedDown) return; // forced down by somebody else: theirs to give back
    const suspect = {
      host,
      node,
      serviceId: service.id,
      wasDisabled: wasDisabledBefore(service),
      sinceMs: clock.now(),
    };
    await this.#remember(suspect); // before the effect, so that it is given back whatever happens
    await cloud.setForcedDown(service.id, true);
    logger.warn(
      { host, node },
      `${host} is lost and not proven down: forced down in Nova so that nothing is sent there`,
    );
    await cloud.disableService(service.id, suspectMark(node, suspect.wasDisabled));
  }

  async #giveBack(suspect: Suspect): Promise<void> {
    const { cloud, logger, store } = this.#ports;
    if ((await release(cloud, logger, suspect.host, suspect)) === 'not-clean') return;
    this.#byHost.delete(suspect.host);
    await store.removeSuspect(suspect.host);
    logger.info({ host: suspect.host }, `${suspect.host} is up again and was given back to Nova`);
  }

  async #remember(suspect: Suspect): Promise<void> {
    await this.#ports.store.saveSuspect(suspect);
    this.#byHost.set(suspect.host, suspect);
  }
}
