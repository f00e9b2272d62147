import type { Status } from '../../control/protocol.ts';
import type { Clock } from '../../ports.ts';

export type EventKind = 'engine' | 'host' | 'hold' | 'recovery';

/** One thing that has changed, as it stands now. */
export interface Event {
  readonly number: number;
  readonly kind: EventKind;
  /** JSON. */
  readonly data: string;
}

export interface Backlog {
  /** Undefined: what was asked for is not remembered any more, or is of a former process. */
  readonly events: readonly Event[] | undefined;
}

const REMEMBERED = 1_000;
/** A client that was cut off comes back within this time, or has to read the state anew. */
const PATIENCE_MS = 300_000;

export interface EventLogPorts {
  /** Unlike that of any other process. */
  readonly series: string;
  readonly clock: Clock;
  readonly status: () => Status;
}

/**
 * The last changes of what is shown, numbered. A new process begins a new series. While nobody has listened for a while
 * nothing is compared: in a storm that would cost more than it is worth.
 */
export class EventLog {
  readonly #ports: EventLogPorts;
  readonly #listeners = new Set<(event: Event) => void>();
  #events: readonly Event[] = [];
  #shown: ReadonlyMap<string, string> | undefined;
  #next = 1;
  #wantedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(ports: EventLogPorts) {
    this.#ports = ports;
  }

  /** Of an event, for the client to come back with. */
  idOf({ number }: Pick<Event, 'number'>): string {
    return `${this.#ports.series}-${number}`;
  }

  /** Where a client stands that has seen all so far. */
  get newestId(): string {
    return this.idOf({ number: this.#next - 1 });
  }

  /** Compares what is shown now with what was shown before, if anybody wants to know. */
  look(): void {
    if (this.#listeners.size > 0) this.#wantedUntilMs = this.#ports.clock.monotonic() + PATIENCE_MS;
    if (this.#ports.clock.monotonic() > this.#wantedUntilMs) this.#forget();
    else this.#compare();
  }

  #compare(): void {
    const now = thingsOf(this.#ports.status());
    const before = this.#shown;
    this.#shown = now;
    if (before === undefined) return;
    for (const [key, data] of now) if (before.get(key) !== data) this.#add(kindOf(key), data);
    for (const key of before.keys()) {
      if (!now.has(key)) this.#add(kindOf(key), JSON.stringify({ gone: key.slice(key.indexOf(' ') + 1) }));
    }
  }

  /** Ids of before say nothing any more. */
  #forget(): void {
    if (this.#shown === undefined) return;
    this.#shown = undefined;
    this.#events = [];
    this.#next += 1;
  }

  /** What came after the event with this id. */
  after(id: string): Backlog {
    const cut = id.lastIndexOf('-');
    const [series, number] = [id.slice(0, cut), Number(id.slice(cut + 1))];
    const oldest = this.#events[0]?.number ?? this.#next;
    const isKnown =
      series === this.#ports.series && Number.isInteger(number) && number >= oldest - 1 && number < this.#next;
    return { events: isKnown ? this.#events.filter((event) => event.number > number) : undefined };
  }

  /** The returned function ends it. */
  listen(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    this.look();
    return () => this.#listeners.delete(listener);
  }

  #add(kind: EventKind, data: string): void {
    const event = { number: this.#next, kind, data };
    this.#next += 1;
    this.#events = [...this.#events.slice(-(REMEMBERED - 1)), event];
    for (const listener of this.#listeners) listener(event);
  }
}

/** What is shown, piece by piece, without what changes by itself as time goes by. */
function thingsOf({
  failed,
  held,
  holds,
  hosts,
  paused,
  recoveries,
  recovering,
  state,
  summary,
}: Status): Map<string, string> {
  const things = new Map<string, string>();
  things.set('engine engine', JSON.stringify({ state, summary, recovering, held, failed, paused }));
  for (const host of hosts) things.set(`host ${host.node}`, JSON.stringify(host));
  for (const hold of holds) things.set(`hold ${hold.host} ${hold.kind}`, JSON.stringify(hold));
  for (const { moves, ...recovery } of recoveries) {
    const counts: Record<string, number> = {};
    for (const move of moves) counts[move.state] = (counts[move.state] ?? 0) + 1;
    things.set(`recovery ${recovery.id}`, JSON.stringify({ ...recovery, moves: counts }));
  }
  return things;
}

function kindOf(key: string): EventKind {
  return key.slice(0, key.indexOf(' ')) as EventKind;
}
