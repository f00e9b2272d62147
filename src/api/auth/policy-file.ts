import { messageOf } from '../../errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import { Policy, unusedRules } from './policy.ts';

export interface PolicyFilePorts {
  /** For messages. */
  readonly path: string;
  /** The rules in the file, and a stamp that changes with it; throws when it cannot be read. */
  readonly read: () => { readonly stamp: string; readonly rules: Readonly<Record<string, unknown>> };
  readonly clock: Clock;
  readonly logger: Logger;
}

const LOOK_MS = 5_000;

/** The policy of a file, read again when it has changed. A file that is bad changes nothing, and is told once. */
export class PolicyFile {
  readonly #ports: PolicyFilePorts;
  #policy = new Policy();
  #stamp: string | undefined;
  #failure: string | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(ports: PolicyFilePorts) {
    this.#ports = ports;
  }

  get current(): Policy {
    const now = this.#ports.clock.monotonic();
    if (now - this.#lookedAtMs >= LOOK_MS) {
      this.#lookedAtMs = now;
      this.#look();
    }
    return this.#policy;
  }

  #look(): void {
    const { logger, path, read } = this.#ports;
    try {
      const { rules, stamp } = read();
      if (stamp === this.#stamp) return;
      this.#policy = new Policy(rules);
      this.#stamp = stamp;
      this.#failure = undefined;
      const unused = unusedRules(rules);
      logger.info({ path }, `the policy of ${path} is in force`);
      if (unused.length > 0) logger.warn({ path }, `${path} has rules that nothing asks for: ${unused.join(', ')}`);
    } catch (error) {
      const failure = messageOf(error);
      if (failure !== this.#failure) {
        const before = this.#stamp === undefined ? 'the default' : 'the former';
        logger.error({ path }, `${path} cannot be used, ${before} policy stays in force: ${failure}`);
      }
      this.#failure = failure;
    }
  }
}
