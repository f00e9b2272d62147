import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../ports.ts';
import type { Event, EventLog } from './event-log.ts';

export interface EventStreamPorts {
  readonly log: EventLog;
  readonly clock: Clock;
}

/** Of clients that listen at one time. */
const MOST_READERS = 64;
/** A proxy that hears nothing hangs up after a minute, most often. */
const PULSE_MS = 15_000;
/** A reader that has this many bytes still to take is cut off; it comes back with the last id that it saw. */
const BEHIND_BYTES = 262_144;

/** Server-sent events: what has happened since the id that the client names, and then what happens. */
export class EventStream {
  readonly #ports: EventStreamPorts;
  #readers = 0;

  constructor(ports: EventStreamPorts) {
    this.#ports = ports;
  }

  get isFull(): boolean {
    return this.#readers >= MOST_READERS;
  }

  /** Takes the connection over. */
  serve(request: FastifyRequest, reply: FastifyReply): void {
    const { log } = this.#ports;
    const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(Object.fromEntries(headers) as Record<string, string>),
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const send = (text: string): void => {
      if (raw.destroyed) return;
      raw.write(text);
      if (raw.writableLength > BEHIND_BYTES) raw.destroy();
    };
    const tell = (event: Event): void => {
      send(`id: ${log.idOf(event)}\nevent: ${event.kind}\ndata: ${event.data}\n\n`);
    };
    const last = request.headers['last-event-id'];
    const missed = typeof last === 'string' ? log.after(last).events : [];
    // The client has to read the state anew: what it missed is not remembered.
    if (missed === undefined) send(`id: ${log.newestId}\nevent: reset\ndata: {}\n\n`);
    else if (missed.length === 0) send(`id: ${log.newestId}\nevent: ready\ndata: {}\n\n`);
    for (const event of missed ?? []) tell(event);
    const endListening = log.listen(tell);
    const endPulse = this.#pulse(send);
    this.#readers += 1;
    raw.once('close', () => {
      this.#readers -= 1;
      endListening();
      endPulse();
    });
  }

  #pulse(send: (text: string) => void): () => void {
    const { clock } = this.#ports;
    let cancel = (): void => undefined;
    const beat = (): void => {
      cancel = clock.schedule(PULSE_MS, () => {
        send(':\n\n');
        beat();
      });
    };
    beat();
    return () => {
      cancel();
    };
  }
}
