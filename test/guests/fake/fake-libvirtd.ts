import { duplexPair } from 'node:stream';
import { LifeboatError } from '../../../src/errors.ts';
import type { Dial } from '../../../src/compute/libvirt/session.ts';
import type { EventSource } from '../../../src/compute/libvirt/procedures.ts';
import type { XdrWriter } from '../../../src/compute/libvirt/xdr-writer.ts';
import type { Clock } from '../../../src/ports.ts';
import { FakeClient } from './fake-client.ts';
import { OFF, RUNNING } from './fake-guest.ts';
import type { FakeAgent, FakeGuest } from './fake-guest.ts';

/** A libvirtd in this process that speaks the protocol; held to the real one by test/guests/contract.ts. */
export class FakeLibvirtd {
  readonly guests = new Map<string, FakeGuest>();
  readonly refusals = new Map<number, number>();
  readonly unknownEvents = new Set<number>();
  auth: readonly number[] = [0];
  /** Pings under way now, and the most there ever were. */
  pings = { now: 0, most: 0, all: 0 };
  /** How often somebody has connected. */
  dialled = 0;

  readonly #clock: Clock;
  #clients: FakeClient[] = [];
  #nextId = 1;
  #condition: 'runs' | 'is down' | 'hangs' = 'runs';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly dial: Dial = async (access) => {
    this.dialled += 1;
    if (this.#condition === 'is down') throw new LifeboatError('LIBVIRT_UNREACHABLE', 'the fake is down');
    const [ours, theirs] = duplexPair();
    const { guests, refusals, unknownEvents, auth } = this;
    const client = new FakeClient(
      { clock: this.#clock, guests, refusals, unknownEvents, auth, count: this.#count },
      theirs,
      access,
    );
    if (this.#condition === 'hangs') client.freeze();
    this.#clients.push(client);
    return ours;
  };

  define(name: string, uuid: string, wish: Partial<Pick<FakeGuest, 'maker' | 'agent'>> = {}): FakeGuest {
    const guest: FakeGuest = { name, uuid, maker: 'nova', agent: 'answers', id: -1, state: OFF, ...wish };
    this.guests.set(uuid, guest);
    return guest;
  }

  start(guest: FakeGuest): void {
    guest.id = this.#nextId++;
    guest.state = RUNNING;
    this.lifecycle(guest, 2, 0);
  }

  /** Its QEMU is killed. */
  kill(guest: FakeGuest): void {
    this.stop(guest, 5, 3);
  }

  /** `detail`: of the event STOPPED; `reason`: VIR_DOMAIN_SHUTOFF_*. */
  stop(guest: FakeGuest, detail: number, reason: number): void {
    guest.id = -1;
    guest.state = [5, reason];
    this.lifecycle(guest, 5, detail);
  }

  setAgent(guest: FakeGuest, agent: FakeAgent): void {
    guest.agent = agent;
  }

  lifecycle(guest: FakeGuest, event: number, detail: number): void {
    this.emit('lifecycle', guest, (body) => body.int(event).int(detail));
  }

  emit(source: EventSource, guest: FakeGuest, write: (body: XdrWriter) => void = () => {}): void {
    if (this.#condition === 'is down') return;
    for (const client of this.#clients) client.event(source, guest, write);
  }

  /** To every client. */
  raw(bytes: Buffer): void {
    for (const client of this.#clients) client.raw(bytes);
  }

  crash(): void {
    this.#condition = 'is down';
    for (const client of this.#clients) client.close();
    this.#clients = [];
  }

  restart(): void {
    this.#condition = 'runs';
  }

  freeze(): void {
    this.#condition = 'hangs';
    for (const client of this.#clients) client.freeze();
  }

  thaw(): void {
    this.#condition = 'runs';
    for (const client of this.#clients) client.thaw();
  }

  readonly #count = (what: 'ping begins' | 'ping ends'): void => {
    const now = this.pings.now + (what === 'ping begins' ? 1 : -1);
    const all = this.pings.all + (what === 'ping begins' ? 1 : 0);
    this.pings = { now, most: Math.max(now, this.pings.most), all };
  };
}
