import { messageOf } from '../errors.ts';
import type { Cloud, ComputeService } from '../openstack/cloud.ts';
import type { Clock, Logger } from '../ports.ts';

/**
 * Nova's compute services as last read. Kept warm, because the way from a proof to the first evacuation has no time for a
 * login or a list: the id of the service is all that the force-down needs.
 */
export class Services {
  readonly #cloud: Cloud;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onAnswer: () => void;
  #byHost: ReadonlyMap<string, ComputeService> | undefined;
  #readAtMs = 0;
  #reading: Promise<void> | undefined;
  #failure: string | undefined;

  /** `onAnswer`: Nova answers again after it had failed. */
  constructor(cloud: Cloud, clock: Clock, logger: Logger, onAnswer: () => void) {
    this.#cloud = cloud;
    this.#clock = clock;
    this.#logger = logger;
    this.#onAnswer = onAnswer;
  }

  /** Undefined until Nova was read once. */
  get hosts(): readonly string[] | undefined {
    return this.#byHost && [...this.#byHost.keys()];
  }

  /** Why the last reading failed; undefined while Nova answers. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get all(): readonly ComputeService[] {
    return [...(this.#byHost?.values() ?? [])];
  }

  get(host: string): ComputeService | undefined {
    return this.#byHost?.get(host);
  }

  /** Reads now unless what is known is younger than `maxAgeMs`. Never throws: `failure` tells. */
  async refresh(maxAgeMs: number): Promise<void> {
    if (this.#byHost !== undefined && this.#clock.monotonic() - this.#readAtMs < maxAgeMs) return;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  /** What is known turned out to be wrong: the next user reads again. */
  forget(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  async #read(): Promise<void> {
    try {
      const services = await this.#cloud.computeServices();
      this.#byHost = new Map(services.map((service) => [service.host, service]));
      this.#readAtMs = this.#clock.monotonic();
      const failed = this.#failure !== undefined;
      this.#failure = undefined;
      if (!failed) return;
      this.#logger.info({}, 'Nova answers again');
      this.#onAnswer();
    } catch (error) {
      if (this.#failure === undefined)
        this.#logger.warn({ error: messageOf(error) }, `Nova does not answer: ${messageOf(error)}`);
      this.#failure = messageOf(error);
    }
  }
}
