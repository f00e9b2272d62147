import type { Duplex } from 'node:stream';
import { LifeboatError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { encodeFrame, FrameSplitter } from './frame.ts';
import type { Frame } from './frame.ts';
import { KEEP_ALIVE, PROGRAM, VERSION } from './procedures.ts';
import type { Procedure } from './procedures.ts';
import { XdrReader } from './xdr-reader.ts';

export interface ConnectionTimings {
  /** Without a message from libvirt for so long, it is asked whether it lives. */
  readonly keepAliveMs: number;
  /** So many questions without an answer: it hangs, and the connection is closed. */
  readonly keepAliveMisses: number;
  /** From a call to its answer. */
  readonly callMs: number;
}

/** As libvirt's own clients: a libvirtd that stands still is noticed after 20 s at the latest. */
export const USUAL_TIMINGS: ConnectionTimings = { keepAliveMs: 5_000, keepAliveMisses: 3, callMs: 15_000 };

/** What libvirt says to a call: the result, or its error in its own numbers. */
export type Answer =
  | { readonly kind: 'done'; readonly body: XdrReader }
  /** `code`: VIR_ERR_*. */
  | { readonly kind: 'refused'; readonly code: number; readonly message: string };

export interface ConnectionOptions {
  readonly stream: Duplex;
  readonly clock: Clock;
  readonly timings: ConnectionTimings;
  /** Messages that nobody asked for. A LifeboatError thrown here closes the connection. */
  readonly onEvent: (frame: Frame) => void;
}

/**
 * libvirtd reads nothing more from a client with max_client_requests (5 as shipped) calls under way, not even a
 * keep-alive; so one less are sent, and the others wait.
 */
const MOST_AT_ONE_TIME = 4;
/** REMOTE_DOMAIN_LIST_MAX: a question about each domain that libvirt can name. */
const MOST_WAITING = 16_384;

interface Call {
  readonly procedure: Procedure;
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: LifeboatError) => void;
}

/** A call that was given up still takes its place until its answer comes, as it does in libvirtd. */
type Sent =
  { readonly kind: 'awaited'; readonly call: Call; readonly cancel: () => void } | { readonly kind: 'given up' };

/** One connection to libvirt: calls and their answers by serial, events, and the question whether the other side lives. */
export class RpcConnection {
  /** Resolves with the reason when the connection has ended, whoever ended it. */
  readonly closed: Promise<LifeboatError>;

  readonly #options: ConnectionOptions;
  readonly #splitter = new FrameSplitter();
  readonly #sent = new Map<number, Sent>();
  readonly #waiting: Call[] = [];
  readonly #resolveClosed: (reason: LifeboatError) => void;
  #end: LifeboatError | undefined;
  #serial = 0;
  #unanswered = 0;
  #cancelKeepAlive: () => void = () => {};

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<LifeboatError>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    const { stream } = options;
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', (cause) => this.close(closedBy(`the connection to libvirt broke: ${cause.message}`, cause)));
    stream.on('close', () => this.close(closedBy('libvirt has closed the connection')));
    stream.on('end', () => this.close(closedBy('libvirt has closed the connection')));
    this.#keepAlive();
  }

  /**
   * Rejects with LifeboatError LIBVIRT_TIMED_OUT when no answer comes in time (the connection stays: one guest that
   * hangs does not make libvirt deaf), or with the reason for which the connection ended.
   */
  call(procedure: Procedure, body: Buffer, timeoutMs = this.#options.timings.callMs): Promise<Answer> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    if (this.#waiting.length >= MOST_WAITING) return Promise.reject(overdue(procedure, 'too many calls wait'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ procedure, body, timeoutMs, resolve, reject });
      this.#sendNext();
    });
  }

  close(reason: LifeboatError): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#cancelKeepAlive();
    this.#options.stream.destroy();
    for (const sent of this.#sent.values()) {
      if (sent.kind === 'given up') continue;
      sent.cancel();
      sent.call.reject(reason);
    }
    for (const call of this.#waiting.splice(0)) call.reject(reason);
    this.#sent.clear();
    this.#resolveClosed(reason);
  }

  #sendNext(): void {
    while (this.#end === undefined && this.#sent.size < MOST_AT_ONE_TIME) {
      const call = this.#waiting.shift();
      if (call === undefined) return;
      this.#serial = (this.#serial % 0x7fff_ffff) + 1;
      const serial = this.#serial;
      const cancel = this.#options.clock.schedule(call.timeoutMs, () => this.#giveUp(serial, call));
      this.#sent.set(serial, { kind: 'awaited', call, cancel });
      this.#write({ ...call.procedure, kind: 'call', serial, body: call.body });
    }
  }

  #giveUp(serial: number, call: Call): void {
    this.#sent.set(serial, { kind: 'given up' });
    call.reject(overdue(call.procedure, `no answer in ${call.timeoutMs} ms`));
    const isFull = this.#sent.size >= MOST_AT_ONE_TIME;
    if (isFull && [...this.#sent.values()].every(({ kind }) => kind === 'given up')) {
      this.close(new LifeboatError('LIBVIRT_HUNG', `libvirt leaves ${MOST_AT_ONE_TIME} calls unanswered`));
    }
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#splitter.push(chunk)) {
        if (this.#end !== undefined) return;
        this.#unanswered = 0;
        this.#take(frame);
      }
    } catch (error) {
      this.close(
        error instanceof LifeboatError ? error : closedBy(`an event could not be handled: ${String(error)}`, error),
      );
    }
  }

  #take(frame: Frame): void {
    if (frame.program === PROGRAM.keepAlive) {
      if (frame.procedure === KEEP_ALIVE.ping) this.#sendKeepAlive(KEEP_ALIVE.pong);
      return;
    }
    if (frame.kind === 'event') this.#options.onEvent(frame);
    if (frame.kind === 'reply') this.#answer(frame);
  }

  #answer({ serial, status, body }: Frame): void {
    const sent = this.#sent.get(serial);
    this.#sent.delete(serial);
    if (sent?.kind === 'awaited') {
      const reader = new XdrReader(body);
      const answer: Answer = status === 'ok' ? { kind: 'done', body: reader } : refusal(reader);
      sent.cancel();
      sent.call.resolve(answer);
    }
    this.#sendNext();
  }

  #keepAlive(): void {
    const { clock, timings } = this.#options;
    this.#cancelKeepAlive = clock.schedule(timings.keepAliveMs, () => {
      if (this.#unanswered >= timings.keepAliveMisses) {
        const seconds = (timings.keepAliveMs * (timings.keepAliveMisses + 1)) / 1000;
        this.close(new LifeboatError('LIBVIRT_HUNG', `libvirt has said nothing for ${seconds} s`));
        return;
      }
      this.#unanswered += 1;
      this.#sendKeepAlive(KEEP_ALIVE.ping);
      this.#keepAlive();
    });
  }

  #sendKeepAlive(number: number): void {
    this.#write({ program: PROGRAM.keepAlive, number, kind: 'event', serial: 0, body: Buffer.alloc(0) });
  }

  #write(frame: Pick<Frame, 'program' | 'kind' | 'serial' | 'body'> & { readonly number: number }): void {
    const { program, number: procedure, kind, serial, body } = frame;
    this.#options.stream.write(encodeFrame({ program, version: VERSION, procedure, kind, serial, status: 'ok', body }));
  }
}

/** remote_error: code, domain, message, level, and more that we do not need. */
function refusal(reader: XdrReader): Answer {
  const code = reader.int();
  reader.int();
  return { kind: 'refused', code, message: reader.optionalString() ?? 'no reason given' };
}

function overdue({ name }: Procedure, why: string): LifeboatError {
  return new LifeboatError('LIBVIRT_TIMED_OUT', `libvirt was asked ${name}: ${why}`);
}

function closedBy(message: string, cause?: unknown): LifeboatError {
  return new LifeboatError('LIBVIRT_CLOSED', message, { cause });
}
