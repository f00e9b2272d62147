import { isLifeboatError, LifeboatError, messageOf } from '../../errors.ts';
import { sleep } from '../../ports.ts';
import type { Clock, Logger, Randomness } from '../../ports.ts';
import type { ConnectionTimings } from '../libvirt/connection.ts';
import type { Domain } from '../libvirt/domain.ts';
import type { DomainEvent } from '../libvirt/domain-event.ts';
import { EVENT_SOURCES } from '../libvirt/procedures.ts';
import type { EventSource } from '../libvirt/procedures.ts';
import { LibvirtSession } from '../libvirt/session.ts';
import type { Dial } from '../libvirt/session.ts';
import { afterEvent, compare } from './compare.ts';
import type { SeenDomain } from './compare.ts';
import { describeGuest } from './description.ts';
import type { GuestDescription } from './description.ts';
import type { EventName } from './event-names.ts';
import { nameOf } from './event-names.ts';
import { isUp } from './guest.ts';
import type { KnownGuests } from './guest.ts';
import type { GuestEvent } from './reports.ts';

export interface GuestWatchOptions {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly timings: ConnectionTimings;
  /** What ran when a former process last looked. */
  readonly known: KnownGuests;
  /** Of Nova's guests, and of those that were gone before they could be told from others. */
  readonly onEvent: (event: GuestEvent) => void;
  /** After each change, and after what it led to was told: whoever dies between the two tells it twice, and not never. */
  readonly onKnown: (known: KnownGuests) => void;
  /** A guest begins to boot: what was thought of its former life does not hold. */
  readonly onBoot: (domain: Domain) => void;
  readonly onSeen: (guests: readonly WatchedGuest[]) => void;
  readonly onBlind: (error: LifeboatError) => void;
}

export interface WatchedGuest {
  readonly domain: Domain;
  readonly description: GuestDescription;
}

/** libvirtd starts in some 2 s and connects to its guests in threads of their own: the list may be right only later. */
const SECOND_LOOK_MS = 10_000;
/** The net under the events. */
const LOOK_MS = 60_000;
/** From the start of a guest to the look from which on its agent is asked; many start at one time. */
const SOON_MS = 1_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Watches the guests of this host for ever: connects, registers for events, then lists and compares with what was
 * known, and looks again now and then. Survives libvirtd's restart, crash and standstill.
 */
export class GuestWatch {
  readonly #options: GuestWatchOptions;
  readonly #stopping = new AbortController();
  readonly #descriptions = new Map<string, GuestDescription>();
  #known: KnownGuests;
  /** Guests of which an event came since the look under way began. */
  #touched = new Set<string>();
  #failures = 0;
  /** A guest was started since the look under way began. */
  #hasStarted = false;
  #hurry = (): void => undefined;

  constructor(options: GuestWatchOptions) {
    this.#options = options;
    this.#known = options.known;
    void this.#run();
  }

  /** Nothing is told after this. */
  stop(): void {
    this.#stopping.abort(new LifeboatError('LIBVIRT_CLOSED', 'the watch over the guests has ended'));
  }

  async #run(): Promise<void> {
    const { clock, randomness, logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const error = await this.#watchOnce();
      if (signal.aborted) return;
      this.#failures += 1;
      const fields = { code: error.code, hint: error.hint, failures: this.#failures };
      const sentence = `the guests of this host are not seen: ${error.message}`;
      if (this.#failures === 1) logger.warn(fields, sentence);
      else logger.debug(fields, sentence);
      this.#options.onBlind(error);
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10));
      await sleep(clock, pauseMs * (0.5 + randomness.next()), signal).catch(() => undefined);
    }
  }

  /** One connection, from its first byte to its end. Answers why it ended. */
  async #watchOnce(): Promise<LifeboatError> {
    const { dial, clock, timings } = this.#options;
    const { signal } = this.#stopping;
    let session: LibvirtSession | undefined;
    try {
      const opened = await LibvirtSession.open({
        dial,
        access: 'read',
        clock,
        timings,
        onEvent: (event) => this.#hear(event, session),
      });
      session = opened;
      const close = (): void => opened.close();
      signal.addEventListener('abort', close, { once: true });
      void opened.closed.then(() => signal.removeEventListener('abort', close));
      if (signal.aborted) opened.close();
      for (const source of Object.keys(EVENT_SOURCES) as EventSource[]) await this.#register(opened, source);
      await this.#lookFor(opened);
    } catch (error) {
      const reason = error instanceof LifeboatError ? error : new LifeboatError('LIBVIRT_FAILED', messageOf(error));
      session?.close(reason);
      return reason;
    }
    return session.closed;
  }

  /** Looks until the connection ends. A list that does not come is a reason to end it. */
  async #lookFor(session: LibvirtSession): Promise<void> {
    const { clock } = this.#options;
    const ended = new AbortController();
    void session.closed.then((reason) => ended.abort(reason));
    let nextAtMs = Number.POSITIVE_INFINITY;
    while (!ended.signal.aborted) {
      this.#hasStarted = false;
      await this.#look(session);
      if (this.#failures > 0) this.#options.logger.info({}, 'the guests of this host are seen again');
      this.#failures = 0;
      const now = clock.monotonic();
      if (nextAtMs === Number.POSITIVE_INFINITY) nextAtMs = now + SECOND_LOOK_MS;
      else if (now >= nextAtMs) nextAtMs = now + LOOK_MS;
      await this.#pause(nextAtMs - now, ended.signal);
    }
  }

  /** Until the next look is due, or a guest was started. */
  async #pause(pauseMs: number, ended: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const woken = new AbortController();
    this.#hurry = () => woken.abort();
    if (!this.#hasStarted) await sleep(clock, pauseMs, AbortSignal.any([ended, woken.signal])).catch(() => undefined);
    if (this.#hasStarted) await sleep(clock, Math.min(SOON_MS, pauseMs), ended).catch(() => undefined);
  }

  /** An old libvirt may not know the younger kinds of events; without those of a guest's life there is nothing to watch. */
  async #register(session: LibvirtSession, source: EventSource): Promise<void> {
    try {
      await session.register(source);
    } catch (error) {
      if (source === 'lifecycle' || !isLifeboatError(error, 'LIBVIRT_FAILED')) throw error;
      this.#options.logger.warn({ source }, `libvirt has no events of the kind ${source} here: ${error.message}`);
    }
  }

  async #look(session: LibvirtSession): Promise<void> {
    this.#touched = new Set();
    const domains = await session.domains();
    const asked = domains.filter(({ id, uuid }) => id >= 0 || this.#known.has(uuid));
    const states = await Promise.all(asked.map((domain) => this.#unlessOverdue(domain, session.stateOf(domain))));
    const seen = asked.flatMap((domain, index): readonly SeenDomain[] => {
      const state = states[index];
      return state === undefined ? [] : [{ domain, state }];
    });
    await Promise.all(seen.map(({ domain }) => this.#unlessOverdue(domain, this.#describe(session, domain))));
    if (this.#stopping.signal.aborted) return;
    const { findings, known } = compare(this.#known, seen, this.#touched);
    for (const { guest, detail } of findings) {
      this.#options.logger.info({ guest: guest.uuid }, `nobody told: guest ${guest.name}: ${detail}`);
      this.#tell(guest.uuid, { event: 'LIFECYCLE', detail });
    }
    this.#remember(known);
    this.#forgetOthers(domains);
    this.#options.onSeen(this.#watched(seen));
  }

  /** One guest that hangs must not make us blind for the others: of this one nothing is concluded in this look. */
  async #unlessOverdue<T>(domain: Domain, answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (!isLifeboatError(error, 'LIBVIRT_TIMED_OUT', 'LIBVIRT_FAILED')) throw error;
      this.#touched.add(domain.uuid);
      this.#options.logger.warn({ guest: domain.uuid }, `guest ${domain.name} is not seen clearly: ${error.message}`);
      return undefined;
    }
  }

  #hear(event: DomainEvent, session: LibvirtSession | undefined): void {
    if (this.#stopping.signal.aborted) return;
    const { domain } = event;
    const name = nameOf(event);
    const isStart = event.source === 'lifecycle' && name.detail.startsWith('STARTED_');
    // Told at once when the guest is known, which keeps the order of what happens to it; a new one is looked at first.
    if (isStart && session !== undefined) void this.#describe(session, domain).catch(() => undefined);
    if (isStart || event.source === 'reboot') this.#options.onBoot(domain);
    if (isStart) {
      this.#hasStarted = true;
      this.#hurry();
    }
    this.#tell(domain.uuid, name);
    if (event.source !== 'lifecycle') return;
    this.#touched.add(domain.uuid);
    this.#remember(afterEvent(this.#known, domain, name.detail));
  }

  #tell(uuid: string, name: EventName): void {
    if (this.#descriptions.get(uuid)?.isInstance === false) return;
    this.#options.onEvent({ uuid, name, atMs: this.#options.clock.now() });
  }

  async #describe(session: LibvirtSession, domain: Domain): Promise<void> {
    if (this.#descriptions.has(domain.uuid)) return;
    const xml = await session.xmlOf(domain);
    if (xml !== undefined) this.#descriptions.set(domain.uuid, describeGuest(xml));
  }

  #forgetOthers(domains: readonly Domain[]): void {
    const present = new Set(domains.map(({ uuid }) => uuid));
    for (const uuid of this.#descriptions.keys()) {
      if (!present.has(uuid) && !this.#touched.has(uuid)) this.#descriptions.delete(uuid);
    }
  }

  #watched(seen: readonly SeenDomain[]): readonly WatchedGuest[] {
    return seen.flatMap(({ domain, state }) => {
      const description = this.#descriptions.get(domain.uuid);
      return description?.isInstance === true && isUp(state) ? [{ domain, description }] : [];
    });
  }

  #remember(known: KnownGuests): void {
    this.#known = known;
    this.#options.onKnown(known);
  }
}
