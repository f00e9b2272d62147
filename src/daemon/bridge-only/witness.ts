import { judgeHeartbeat, type HeartbeatJudgement } from '../../bridge/second-witness.ts';
import type { Hold } from '../../bridge/verdict.ts';
import type { Services } from '../../engine/services.ts';
import { messageOf } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { Report } from '../../sink/report.ts';

export interface WitnessPorts {
  readonly services: Pick<Services, 'within'>;
  readonly clock: Clock;
  readonly silenceMs: number;
}

/** A proof younger than this leaves nova-compute no time to have come back. */
const FRESH_PROOF_MS = 5_000;
const SERVICES_MS = 2_000;

/** The second witness (S9): nova-compute of a fenced host, which should be silent. Nova is only read. */
export class Witness {
  readonly #ports: WitnessPorts;
  readonly #heard = new Map<string, HeartbeatJudgement>();

  constructor(ports: WitnessPorts) {
    this.#ports = ports;
  }

  /** Why the fencing is not believed, or cannot be checked. */
  async ask({ fencedAtMs, host, proofId }: Report, signal: AbortSignal): Promise<Hold | undefined> {
    const { clock, services, silenceMs } = this.#ports;
    const ageMs = clock.now() - fencedAtMs;
    if (ageMs >= 0 && ageMs < FRESH_PROOF_MS && !this.#heard.has(proofId)) return undefined;
    try {
      const service = (await services.within(SERVICES_MS, signal)).services.get(host);
      if (service === undefined) return undefined;
      const previousAdvances = this.#heard.get(proofId)?.advances ?? [];
      const question = { fencedAtMs, baseline: undefined, previousAdvances, service, now: clock.now(), silenceMs };
      const judgement = judgeHeartbeat(question);
      this.#heard.set(proofId, judgement);
      if (judgement.kind === 'silent') return undefined;
      return {
        kind: 'heartbeat',
        reason: `nova-compute of ${host} has reported since the host was fenced: the fencing may have lied`,
        remedy: `make sure that ${host} is off, and have it fenced again: pcs stonith fence ${host}`,
      };
    } catch (error) {
      signal.throwIfAborted();
      return {
        kind: 'cloud-unavailable',
        reason: `Nova does not say whether nova-compute of ${host} is silent: ${messageOf(error)}`,
        remedy: undefined,
      };
    }
  }
}
