import { isLifeboatError, messageOf } from '../../errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { WatchedGuest } from '../guests/watch.ts';
import type { Domain } from '../libvirt/domain.ts';
import type { AgentAnswer } from '../libvirt/session.ts';
import { afterPing, NEW_AGENT, USUAL_THRESHOLD } from './agent-health.ts';
import type { AgentHealth, Ping } from './agent-health.ts';
import { Lanes, USUAL_PLACES } from './lanes.ts';
import type { Places } from './lanes.ts';

export interface IntrospectionOptions {
  /** Rejects with LifeboatError LIBVIRT_* when libvirt itself does not answer. */
  readonly ping: (domain: Domain) => Promise<AgentAnswer>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From one ping of a guest to its next. The original's usual interval: 10 s. */
  readonly intervalMs: number;
  readonly threshold?: number;
  readonly places?: Places;
  readonly onReport: (uuid: string) => void;
}

interface Watched {
  domain: Domain;
  /** Counts its boots. */
  life: number;
  health: AgentHealth;
  cancel: () => void;
}

/** Asks the agents of the guests whether they live: one ping at a time for each, and few at a time in all. */
export class Introspection {
  readonly #options: IntrospectionOptions;
  readonly #lanes: Lanes;
  readonly #guests = new Map<string, Watched>();

  constructor(options: IntrospectionOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.places ?? USUAL_PLACES);
  }

  /** The guests that run now. One with a new id has been started anew: its agent is discovered again. */
  watch(guests: readonly WatchedGuest[]): void {
    const asked = guests.filter(({ description }) => description.hasAgentChannel);
    const present = new Set(asked.map(({ domain }) => domain.uuid));
    for (const [uuid, watched] of this.#guests) {
      if (present.has(uuid)) continue;
      watched.cancel();
      this.#guests.delete(uuid);
    }
    for (const { domain } of asked) {
      const known = this.#guests.get(domain.uuid);
      if (known === undefined) this.#begin(domain);
      else if (known.domain.id !== domain.id) this.booted(domain);
    }
  }

  /** The guest boots, and its agent cannot answer for a while: it is discovered again. */
  booted(domain: Domain): void {
    const known = this.#guests.get(domain.uuid);
    if (known === undefined) return;
    known.domain = domain;
    known.health = NEW_AGENT;
    known.life += 1;
  }

  healthOf(uuid: string): AgentHealth | undefined {
    return this.#guests.get(uuid)?.health;
  }

  get underWay(): number {
    return this.#lanes.underWay;
  }

  stop(): void {
    this.watch([]);
  }

  #begin(domain: Domain): void {
    const watched: Watched = { domain, life: 0, health: NEW_AGENT, cancel: () => {} };
    this.#guests.set(domain.uuid, watched);
    this.#queue(watched);
  }

  /** A guest that has not answered yet may never: it waits with those that hang. */
  #queue(watched: Watched): void {
    const lane = watched.health.state === 'healthy' ? 'healthy' : 'suspect';
    this.#lanes.add(lane, () => this.#ask(watched));
  }

  async #ask(watched: Watched): Promise<void> {
    const { clock, intervalMs } = this.#options;
    if (!this.#isCurrent(watched)) return;
    const beganAt = clock.monotonic();
    const { domain, life } = watched;
    const ping = await this.#ping(domain);
    if (!this.#isCurrent(watched)) return;
    // What was asked of its former life says nothing of this one.
    if (watched.life === life && ping !== undefined) this.#judge(watched, ping);
    const pauseMs = Math.max(0, intervalMs - (clock.monotonic() - beganAt));
    watched.cancel = clock.schedule(pauseMs, () => this.#queue(watched));
  }

  /** Undefined when the answer says nothing of the agent: the guest is paused, has no channel, or libvirt failed. */
  async #ping(domain: Domain): Promise<Ping | undefined> {
    try {
      const answer = await this.#options.ping(domain);
      if (answer.kind === 'pong') return 'answered';
      return answer.kind === 'silent' ? 'silent' : undefined;
    } catch (error) {
      const fields = isLifeboatError(error) ? { guest: domain.uuid, code: error.code } : { guest: domain.uuid };
      this.#options.logger.debug(fields, `the agent of ${domain.name} could not be asked: ${messageOf(error)}`);
      return undefined;
    }
  }

  #judge(watched: Watched, ping: Ping): void {
    const { logger, onReport, threshold = USUAL_THRESHOLD } = this.#options;
    const { health, verdict } = afterPing(watched.health, ping, threshold);
    watched.health = health;
    if (verdict === 'nothing') return;
    const { name, uuid } = watched.domain;
    logger.warn({ guest: uuid }, `the agent of ${name} has left ${health.failures} pings unanswered`);
    onReport(uuid);
  }

  #isCurrent(watched: Watched): boolean {
    return this.#guests.get(watched.domain.uuid) === watched;
  }
}
