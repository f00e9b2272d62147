import { messageOf } from '../errors.ts';
import type { Cloud, ComputeService } from '../openstack/cloud.ts';
import { unlessAborted } from '../openstack/unless-aborted.ts';
import type { Clock, Logger } from '../ports.ts';

export interface ServicesReading {
  readonly services: ReadonlyMap<string, ComputeService>;
  /** Before the request, by the clock that does not jump. */
  readonly askedAtMs: number;
}

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
  #askedAtMs = 0;
  #reading: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

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
    return this.#failure && messageOf(this.#failure.error);
  }

  get all(): readonly ComputeService[] {
    return [...(this.#byHost?.values() ?? [])];
  }

  get(host: string): ComputeService | undefined {
    return this.#byHost?.get(host);
  }

  /** Reads now unless what is known is younger than `maxAgeMs`. Never throws: `failure` tells. */
  async refresh(maxAgeMs: number): Promise<void> {
    if (this.#byHost !== undefined && this.#clock.monotonic() - this.#askedAtMs < maxAgeMs) return;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  /** What was asked for at most `maxAgeMs` ago, or is asked for now, once for all who want it. Throws what Nova answers. */
  async within(maxAgeMs: number, signal: AbortSignal): Promise<ServicesReading> {
    // What is being read was asked for some time ago; if that is too long, it is read once more.
    if (this.#reading !== undefined) await unlessAborted(this.refresh(maxAgeMs), signal);
    await unlessAborted(this.refresh(maxAgeMs), signal);
    if (this.#failure !== undefined) throw this.#failure.error;
    return { services: this.#byHost ?? new Map<string, ComputeService>(), askedAtMs: this.#askedAtMs };
  }

  /** What is known turned out to be wrong: the next user reads again. */
  forget(): void {
    this.#askedAtMs = Number.NEGATIVE_INFINITY;
  }

  async #read(): Promise<void> {
    const askedAtMs = this.#clock.monotonic();
    try {
      const services = await this.#cloud.computeServices();
      this.#byHost = new Map(services.map((service) => [service.host, service]));
      this.#askedAtMs = askedAtMs;
      const failed = this.#failure !== undefined;
      this.#failure = undefined;
      if (!failed) return;
      this.#logger.info({}, 'Nova answers again');
      this.#onAnswer();
    } catch (error) {
      if (this.#failure === undefined)
        this.#logger.warn({ error: messageOf(error) }, `Nova does not answer: ${messageOf(error)}`);
      this.#failure = { error };
    }
  }
}
