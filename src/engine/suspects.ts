import type { HoldKind, Verdict } from '../bridge/verdict.ts';
import { messageOf } from '../errors.ts';
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

/** Lost, and about to be fenced, or it should have been. Without quorum nothing is (S2). */
export function isSuspicious(verdict: Verdict): verdict is Extract<Verdict, { state: 'lost' }> {
  return verdict.state === 'lost' && SUSPICIOUS.includes(verdict.hold.kind);
}

export interface SuspectsPorts {
  readonly store: Store;
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly services: Services;
  readonly view: () => SuspectsView;
}

/** How things stand at this moment. */
export interface SuspectsView {
  readonly verdicts: readonly Verdict[];
  /** Something is being evacuated. */
  readonly recovering: boolean;
  /** Effects are allowed, so that a host may be given back. */
  readonly mayGiveBack: boolean;
  /** A recovery keeps the host out. */
  readonly keptOut: (host: string) => boolean;
  /** Proven down, and no recovery of its own is made: its failure is none of ours, or cannot be written down. */
  readonly unanswered: (host: string) => boolean;
}

/** Keeps lost and unproven hosts out of the scheduler's sight while another host is being evacuated; see `Suspect`. */
export class Suspects {
  readonly #ports: SuspectsPorts;
  readonly #byHost = new Map<string, Suspect>();
  #settling: Promise<void> | undefined;
  #again = false;

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

  /**
   * Isolates new suspects while something is evacuated, gives back those whose node is up. Resolves when a whole round has
   * been made after this call.
   */
  async settle(): Promise<void> {
    this.#again = true;
    this.#settling ??= this.#rounds().finally(() => (this.#settling = undefined));
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

  async #rounds(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const { verdicts } = this.#ports.view();
      for (const { host } of verdicts) if (host !== undefined) await this.#settleOne(host);
    }
  }

  /** A host that fails must not stop the others; the next round tries again. */
  async #settleOne(host: string): Promise<void> {
    try {
      const suspect = this.#byHost.get(host);
      if (suspect !== undefined && this.#isUp(host)) await this.#giveBack(suspect);
      if (this.#isSuspicious(host) && suspect?.isolated !== true) await this.#isolate(host);
    } catch (error) {
      this.#ports.logger.warn({ host, error: messageOf(error) }, `${host}: ${messageOf(error)}`);
    }
  }

  // Asked anew before each write: a round takes time, and a recovery may have taken the host over meanwhile.

  #isUp(host: string): boolean {
    const { verdicts, keptOut, mayGiveBack } = this.#ports.view();
    return mayGiveBack && !keptOut(host) && verdicts.some((verdict) => verdict.host === host && verdict.state === 'up');
  }

  #isSuspicious(host: string): boolean {
    const { verdicts, keptOut, recovering, unanswered } = this.#ports.view();
    if (!recovering || keptOut(host)) return false;
    return verdicts.some((verdict) => {
      return verdict.host === host && (isSuspicious(verdict) || (verdict.state === 'proven' && unanswered(host)));
    });
  }

  async #isolate(host: string): Promise<void> {
    const { clock, cloud, logger, services } = this.#ports;
    const node = this.#ports.view().verdicts.find((verdict) => verdict.host === host)?.node;
    const service = services.get(host);
    const known = this.#byHost.get(host);
    if (node === undefined || service === undefined) return;
    if (service.forcedDown && known === undefined) return; // by somebody else: theirs to give back
    const wasDisabled = known?.wasDisabled ?? wasDisabledBefore(service);
    const suspect = { host, node, serviceId: service.id, wasDisabled, sinceMs: clock.now(), isolated: false };
    await this.#remember(suspect); // before the effect, so that it is given back whatever happens
    if (!this.#isSuspicious(host)) return;
    await cloud.setForcedDown(service.id, true);
    logger.warn(
      { host, node },
      `${host} is lost and not proven down: forced down in Nova so that nothing is sent there`,
    );
    if (!this.#isSuspicious(host)) return;
    await cloud.disableService(service.id, suspectMark(node, wasDisabled));
    if (this.#byHost.has(host)) await this.#remember({ ...suspect, isolated: true });
  }

  async #giveBack(suspect: Suspect): Promise<void> {
    const { cloud, logger, store } = this.#ports;
    const answer = await release(cloud, logger, suspect.host, suspect, () => this.#isUp(suspect.host));
    if (answer !== 'released') return;
    this.#byHost.delete(suspect.host);
    await store.removeSuspect(suspect.host);
    logger.info({ host: suspect.host }, `${suspect.host} is up again and was given back to Nova`);
  }

  async #remember(suspect: Suspect): Promise<void> {
    await this.#ports.store.saveSuspect(suspect);
    this.#byHost.set(suspect.host, suspect);
  }
}
