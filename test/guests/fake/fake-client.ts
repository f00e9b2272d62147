import type { Duplex } from 'node:stream';
import type { Access } from '../../../src/compute/libvirt/session.ts';
import { readDomain, writeDomain } from '../../../src/compute/libvirt/domain.ts';
import { encodeFrame, FrameSplitter } from '../../../src/compute/libvirt/frame.ts';
import type { Frame } from '../../../src/compute/libvirt/frame.ts';
import { EVENT_SOURCES, KEEP_ALIVE, PROCEDURE, PROGRAM, REFUSAL } from '../../../src/compute/libvirt/procedures.ts';
import type { EventSource } from '../../../src/compute/libvirt/procedures.ts';
import { XdrReader } from '../../../src/compute/libvirt/xdr-reader.ts';
import { XdrWriter } from '../../../src/compute/libvirt/xdr-writer.ts';
import type { Clock } from '../../../src/ports.ts';
import { fakeXml } from './fake-guest.ts';
import type { FakeGuest } from './fake-guest.ts';

/** What one client of libvirtd sees of the host. */
export interface FakeHost {
  readonly clock: Clock;
  readonly guests: ReadonlyMap<string, FakeGuest>;
  /** REMOTE_AUTH_* that a client may choose from. */
  readonly auth: readonly number[];
  /** Calls of this kind are refused with that VIR_ERR_*. */
  readonly refusals: ReadonlyMap<number, number>;
  /** VIR_DOMAIN_EVENT_ID_* that this libvirt is too old for. */
  readonly unknownEvents: ReadonlySet<number>;
  readonly count: (what: 'ping begins' | 'ping ends') => void;
}

/** VIR_ERR_INVALID_ARG */
const INVALID_ARGUMENT = 8;
const PONG_MS = 13;
const GIVES_UP_MS = 5_000;
/** max_client_requests as shipped. */
const MOST_CALLS = 5;

/** One connection, from libvirtd's side: it answers in the order in which calls are ready, and no more than five at a time. */
export class FakeClient {
  readonly #host: FakeHost;
  readonly #stream: Duplex;
  readonly #access: Access;
  readonly #splitter = new FrameSplitter();
  readonly #registered = new Set<number>();
  readonly #pending: Frame[] = [];
  #underWay = 0;
  #hangs = false;

  constructor(host: FakeHost, stream: Duplex, access: Access) {
    this.#host = host;
    this.#stream = stream;
    this.#access = access;
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => {
      for (const frame of this.#splitter.push(chunk)) this.#pending.push(frame);
      this.#work();
    });
  }

  event(source: EventSource, guest: FakeGuest, write: (body: XdrWriter) => void): void {
    const { id, procedure } = EVENT_SOURCES[source];
    if (!this.#registered.has(id)) return;
    const body = writeDomain(new XdrWriter().int(id), guest);
    write(body);
    this.#send({ program: PROGRAM.remote, procedure, kind: 'event', serial: 0, status: 'ok', body: body.done() });
  }

  /** Bytes of the test's own. */
  raw(bytes: Buffer): void {
    this.#stream.write(bytes);
  }

  freeze(): void {
    this.#hangs = true;
  }

  thaw(): void {
    this.#hangs = false;
    this.#work();
  }

  close(): void {
    this.#stream.destroy();
  }

  #work(): void {
    while (!this.#hangs && this.#underWay < MOST_CALLS) {
      const frame = this.#pending.shift();
      if (frame === undefined) return;
      if (frame.program === PROGRAM.keepAlive) this.#keepAlive(frame);
      else this.#answer(frame);
    }
  }

  #keepAlive(frame: Frame): void {
    if (frame.procedure === KEEP_ALIVE.ping) this.#send({ ...frame, procedure: KEEP_ALIVE.pong });
  }

  #answer(frame: Frame): void {
    const refusal = this.#host.refusals.get(frame.procedure);
    if (refusal !== undefined) return this.#refuse(frame, refusal);
    if (frame.program === PROGRAM.qemu) return this.#agent(frame);
    const reader = new XdrReader(frame.body);
    switch (frame.procedure) {
      case PROCEDURE.authList.number: {
        const body = new XdrWriter().uint(this.#host.auth.length);
        for (const way of this.#host.auth) body.int(way);
        return this.#reply(frame, body);
      }
      case PROCEDURE.authPolkit.number:
        return this.#reply(frame, new XdrWriter().int(1));
      case PROCEDURE.open.number:
        return this.#reply(frame, new XdrWriter());
      case PROCEDURE.registerEvent.number: {
        const id = reader.int();
        if (this.#host.unknownEvents.has(id)) return this.#refuse(frame, INVALID_ARGUMENT);
        this.#registered.add(id);
        return this.#reply(frame, new XdrWriter().int(id));
      }
      case PROCEDURE.listDomains.number: {
        const guests = [...this.#host.guests.values()];
        const body = new XdrWriter().uint(guests.length);
        for (const guest of guests) writeDomain(body, guest);
        return this.#reply(frame, body.uint(guests.length));
      }
      default:
        return this.#about(frame, reader);
    }
  }

  #about(frame: Frame, reader: XdrReader): void {
    const guest = this.#host.guests.get(readDomain(reader).uuid);
    if (guest === undefined) return this.#refuse(frame, REFUSAL.noDomain);
    const [condition, reason] = guest.state;
    if (frame.procedure === PROCEDURE.domainState.number) {
      return this.#reply(frame, new XdrWriter().int(condition).int(reason));
    }
    this.#reply(frame, new XdrWriter().string(fakeXml(guest)));
  }

  #agent(frame: Frame): void {
    const guest = this.#host.guests.get(readDomain(new XdrReader(frame.body)).uuid);
    if (this.#access === 'read') return this.#refuse(frame, REFUSAL.operationDenied);
    if (guest === undefined) return this.#refuse(frame, REFUSAL.noDomain);
    if (guest.state[0] !== 1) return this.#refuse(frame, REFUSAL.operationInvalid);
    if (guest.agent === 'no channel') return this.#refuse(frame, REFUSAL.argumentUnsupported);
    if (guest.agent === 'absent') return this.#refuse(frame, REFUSAL.agentUnresponsive);
    const { agent } = guest;
    this.#host.count('ping begins');
    this.#underWay += 1;
    this.#host.clock.schedule(agent === 'answers' ? PONG_MS : GIVES_UP_MS, () => {
      this.#host.count('ping ends');
      this.#underWay -= 1;
      if (agent === 'answers') this.#reply(frame, new XdrWriter().optionalString('{"return":{}}'));
      else this.#refuse(frame, REFUSAL.agentUnresponsive);
      this.#work();
    });
  }

  #reply(frame: Frame, body: XdrWriter): void {
    this.#send({ ...frame, kind: 'reply', status: 'ok', body: body.done() });
  }

  #refuse(frame: Frame, code: number): void {
    const body = new XdrWriter().int(code).int(10).optionalString('refused by the fake').int(2);
    for (let left = 0; left < 7; left++) body.uint(0);
    this.#send({ ...frame, kind: 'reply', status: 'error', body: body.done() });
  }

  #send(frame: Omit<Frame, 'version'>): void {
    if (this.#stream.destroyed) return;
    this.#stream.write(encodeFrame({ ...frame, version: 1 }));
  }
}
