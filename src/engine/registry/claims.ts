import type { Hold, Verdict } from '../../bridge/verdict.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Recovery } from '../recovery.ts';
import type { RegistryStore } from '../store/registry-store.ts';
import { judgeClaim } from './judge-claim.ts';
import type { Notices } from './notices.ts';
import { isUnfinishedNotice, type Notice } from './notice.ts';

export interface ClaimsPorts {
  readonly store: Pick<RegistryStore, 'joinNotice' | 'saveNotice'>;
  readonly notices: Pick<Notices, 'unfinished'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a claim waits for a proof, in ms. */
  readonly patienceMs: number;
  /** Newest first. */
  readonly recoveries: () => readonly Recovery[];
  readonly verdicts: () => readonly Verdict[];
  readonly leftAlone: (host: string) => Hold | undefined;
}

/** Others' word that hosts are down, each until it has been joined to a recovery or has ended. */
export class Claims {
  readonly #ports: ClaimsPorts;
  readonly #waiting = new Map<string, Notice>();
  /** By uuid: what it was told last to be waiting for. */
  readonly #told = new Map<string, string>();
  readonly #wasLost = new Set<string>();

  constructor(ports: ClaimsPorts) {
    this.#ports = ports;
  }

  async load(): Promise<void> {
    for (const notice of await this.#ports.notices.unfinished(['COMPUTE_HOST'])) this.add(notice);
  }

  /** What a recovery answers already follows that one. */
  add(notice: Notice): void {
    if (notice.origin !== 'report' || notice.recoveryId !== undefined || !isUnfinishedNotice(notice)) return;
    this.#waiting.set(notice.uuid, notice);
  }

  /** To be called with verdicts that stand: those of a partition without quorum say nothing. Throws as the store does. */
  async settle(): Promise<void> {
    for (const notice of [...this.#waiting.values()]) await this.#settle(notice);
  }

  async #settle(notice: Notice): Promise<void> {
    const { clock, leftAlone, logger, patienceMs, recoveries, store, verdicts } = this.#ports;
    const { host, uuid } = notice;
    const verdict = verdicts().find((each) => isSame(each.host, host));
    if (verdict?.state === 'lost' || verdict?.state === 'proven') this.#wasLost.add(uuid);
    const judgement = judgeClaim(notice, {
      recoveries: recoveries().filter((recovery) => isSame(recovery.host, host)),
      verdict,
      leftAlone: leftAlone(host),
      wasLost: this.#wasLost.has(uuid),
      ageMs: clock.now() - notice.createdAtMs,
      patienceMs,
    });
    if (judgement.kind === 'wait') {
      if (this.#told.get(uuid) === judgement.key) return;
      await store.saveNotice({ uuid, status: 'running', message: judgement.message });
      this.#told.set(uuid, judgement.key);
      logger.warn({ host, notification: uuid }, judgement.message);
      return;
    }
    if (judgement.kind === 'join') {
      await store.joinNotice(uuid, judgement.recovery);
      logger.info(
        { host, notification: uuid, recovery: judgement.recovery.id },
        `${host} is reported down by a monitor: its recovery is known already`,
      );
    } else {
      const { message, status } = judgement;
      await store.saveNotice({ uuid, status, message });
      logger.warn({ host, notification: uuid }, message);
    }
    this.#waiting.delete(uuid);
    this.#told.delete(uuid);
    this.#wasLost.delete(uuid);
  }
}

function isSame(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}
