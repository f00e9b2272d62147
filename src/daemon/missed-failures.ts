import type { Missed } from '../bridge/decision.ts';
import type { Clock, Logger } from '../ports.ts';

const SHOWN_MS = 3_600_000;

/** Failures that nobody answered in time: told in the log, and shown to operators for an hour, or until one acknowledges them. */
export class MissedFailures {
  readonly #ports: { readonly clock: Clock; readonly logger: Logger };
  #all: readonly { readonly what: Missed; readonly seenAtMs: number }[] = [];

  constructor(ports: { readonly clock: Clock; readonly logger: Logger }) {
    this.#ports = ports;
  }

  tell(news: readonly Missed[]): void {
    const { clock, logger } = this.#ports;
    for (const { node, reason, remedy } of news) logger.error({ node, remedy }, reason);
    this.#all = [...this.#all, ...news.map((what) => ({ what, seenAtMs: clock.now() }))];
  }

  get shown(): readonly Missed[] {
    const now = this.#ports.clock.now();
    this.#all = this.#all.filter(({ seenAtMs }) => now - seenAtMs < SHOWN_MS);
    return this.#all.map(({ what }) => what);
  }

  /** By the name of the host or of its node. Answers whether there was something. */
  acknowledge(host: string): boolean {
    const others = this.#all.filter(({ what }) => what.host !== host && what.node !== host);
    const stood = others.length < this.#all.length;
    this.#all = others;
    return stood;
  }
}
